// What a server's process finds in its environment, beside what is there already.

/** The C library asks for huge pages for large blocks, which hold the tree: a process with half a
 * gigabyte of them is taken apart in a few ms when it dies, instead of in 40, and until then the
 * others do not see its sockets close. As in zkServer.sh; libraries without it ignore it. */
export const SERVER_ENVIRONMENT: Readonly<Record<string, string>> = {
  GLIBC_TUNABLES: process.env['GLIBC_TUNABLES'] ?? 'glibc.malloc.hugetlb=1',
}
