// Whether two stretches of bytes are the same, be they a megabyte.

export function isSame(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && Buffer.compare(left, right) === 0
}
