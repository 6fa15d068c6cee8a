// Adler-32 (RFC 1950), the checksum of log entries and snapshot seals.
//
// Two sums modulo 65521. The modulo is deferred for as many bytes as keep the second sum below
// 2^31, so that everything stays a small integer: 1.0 ns a byte (perf/log-append.ts). Seals are
// running checksums, so the state goes in and comes out as one number.

/** The state before any byte. */
export const ADLER32_START = 1

const BASE = 65521
/** 255 n (n + 1) / 2 + (n + 1) (BASE - 1) < 2^31 holds up to 3854. */
const RUN_BYTES = 3840
const STRIDE = 8

/** The state after the range. The state is itself the checksum, an unsigned 32-bit number. */
export function adler32(state: number, bytes: Uint8Array, start: number, end: number): number {
  let a = state & 0xffff
  let b = state >>> 16
  let i = start
  while (i < end) {
    const runEnd = Math.min(end, i + RUN_BYTES)
    const strideEnd = runEnd - ((runEnd - i) % STRIDE)
    for (; i < strideEnd; i += STRIDE) {
      a = (a + bytes[i]!) | 0
      b = (b + a) | 0
      a = (a + bytes[i + 1]!) | 0
      b = (b + a) | 0
      a = (a + bytes[i + 2]!) | 0
      b = (b + a) | 0
      a = (a + bytes[i + 3]!) | 0
      b = (b + a) | 0
      a = (a + bytes[i + 4]!) | 0
      b = (b + a) | 0
      a = (a + bytes[i + 5]!) | 0
      b = (b + a) | 0
      a = (a + bytes[i + 6]!) | 0
      b = (b + a) | 0
      a = (a + bytes[i + 7]!) | 0
      b = (b + a) | 0
    }
    for (; i < runEnd; i++) {
      a = (a + bytes[i]!) | 0
      b = (b + a) | 0
    }
    a %= BASE
    b %= BASE
  }
  return b * 0x1_0000 + a
}
