// A single jute int in the middle of bytes, where a JuteReader would be an object a message.

/** The caller has made sure that four bytes are there. */
export function intAt(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
}
