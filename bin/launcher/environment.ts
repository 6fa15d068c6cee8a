// What a server's process finds in its environment, besides what is there already.

/** As in zkServer.sh. C libraries that do not know these settings ignore them. When a server dies,
 * the others see its sockets close only after the system has freed its memory: 0.1 ms a MB of
 * small pages, and next to nothing for huge ones. So the C library is told to ask for huge pages,
 * both for large blocks, which hold the tree, and for its heap. There must be only one heap,
 * because the library does not ask for huge pages for those of further threads, and they keep what
 * they once had. */
export const SERVER_ENVIRONMENT: Readonly<Record<string, string>> = {
  GLIBC_TUNABLES:
    process.env['GLIBC_TUNABLES'] ?? 'glibc.malloc.hugetlb=1:glibc.malloc.arena_max=1',
}
