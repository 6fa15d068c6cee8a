// UTF-8 to string and back, over ranges of bytes; also in shared memory, which TextDecoder refuses.

const slice = (
  Buffer.prototype as unknown as { utf8Slice(this: Uint8Array, start: number, end: number): string }
).utf8Slice

/** Decodes a range; malformed sequences become U+FFFD. One native call, about 150 ns. */
export function utf8(bytes: Uint8Array, start: number, end: number): string {
  return end === start ? '' : slice.call(bytes, start, end)
}

const encoder = new TextEncoder()

export function utf8Bytes(text: string): Uint8Array {
  return encoder.encode(text)
}
