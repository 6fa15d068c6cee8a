// What a server's process finds in its environment, beside what is there already.

/** As in zkServer.sh; C libraries without them ignore them. When a server dies, the others see its
 * sockets close only after the system has freed its memory, 0.1 ms a MB of small pages and next to
 * nothing for huge ones. So the C library asks for huge pages, for large blocks, which hold the tree,
 * and for its heap; which has to be one, because it does not ask for those of further threads, and
 * theirs keep what they once had. */
export const SERVER_ENVIRONMENT: Readonly<Record<string, string>> = {
  GLIBC_TUNABLES:
    process.env['GLIBC_TUNABLES'] ?? 'glibc.malloc.hugetlb=1:glibc.malloc.arena_max=1',
}
