// Copies bytes from one array to another: short ranges in a loop, because a native call costs as
// much as 30 bytes.

const LOOP_BYTES_MAX = 32

export function copyBytes(
  source: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  at: number,
): void {
  if (end - start <= LOOP_BYTES_MAX) {
    for (let i = start, j = at; i < end; i++, j++) target[j] = source[i]!
  } else {
    target.set(start === 0 && end === source.length ? source : source.subarray(start, end), at)
  }
}
