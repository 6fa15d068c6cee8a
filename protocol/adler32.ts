// Adler-32 (RFC 1950), the checksum of log entries and snapshot seals.
//
// Two sums modulo 65521. The modulo is deferred: 5552 bytes is the longest run after which the
// second sum still fits in 32 unsigned bits (zlib's NMAX), and a run is worked off in strides of
// sixteen. Seals are running checksums, so the state goes in and comes out as one number.

/** The state before any byte. */
export const ADLER32_START = 1

const BASE = 65521
const RUN_BYTES = 5552
const STRIDE = 16

/** The state after the range; the state is itself the checksum, an unsigned 32-bit number. */
export function adler32(state: number, bytes: Uint8Array, start: number, end: number): number {
  let a = state & 0xffff
  let b = state >>> 16
  let i = start
  while (i < end) {
    const runEnd = Math.min(end, i + RUN_BYTES)
    const strideEnd = runEnd - ((runEnd - i) % STRIDE)
    for (; i < strideEnd; i += STRIDE) {
      a += bytes[i]!
      b += a
      a += bytes[i + 1]!
      b += a
      a += bytes[i + 2]!
      b += a
      a += bytes[i + 3]!
      b += a
      a += bytes[i + 4]!
      b += a
      a += bytes[i + 5]!
      b += a
      a += bytes[i + 6]!
      b += a
      a += bytes[i + 7]!
      b += a
      a += bytes[i + 8]!
      b += a
      a += bytes[i + 9]!
      b += a
      a += bytes[i + 10]!
      b += a
      a += bytes[i + 11]!
      b += a
      a += bytes[i + 12]!
      b += a
      a += bytes[i + 13]!
      b += a
      a += bytes[i + 14]!
      b += a
      a += bytes[i + 15]!
      b += a
    }
    for (; i < runEnd; i++) {
      a += bytes[i]!
      b += a
    }
    a %= BASE
    b %= BASE
  }
  return b * 0x1_0000 + a
}
