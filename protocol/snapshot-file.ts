// What surrounds the body of a snapshot file (FileSnap; SnapStream's checksums):
//
//   file = header body seal [digest seal] [zxid seal]
//   seal = long adler32 of all bytes before it, ustring "/"
//
// Which trailers there are depends on the settings of the server that wrote the file.

/** long checksum, ustring "/" */
export const SEAL_BYTES = 13
/** Length and text of the path "/", with which every seal ends. */
export const SEAL_END: readonly number[] = [0, 0, 0, 1, 0x2f]
/** long zxid, int version, long digest: a trailer. */
export const DIGEST_TRAILER_BYTES = 20
/** long zxid, the last one that was processed: a trailer. */
export const ZXID_TRAILER_BYTES = 8
