// Msgpack for rare messages: answers to operators' queries, start and role messages. Tuples
// (arrays), never maps, and never on the hot path. This is the only file that imports the library.

import { Decoder, Encoder } from '@msgpack/msgpack'

const encoder = new Encoder()
const decoder = new Decoder()

/** The encoding, in a buffer of its own. */
export function encodeControl(value: unknown): Uint8Array {
  return encoder.encode(value)
}

/** Throws on anything that is not exactly one msgpack value. The result owns its memory only if the
 * value contains no binary data. */
export function decodeControl(bytes: Uint8Array): unknown {
  return decoder.decode(bytes)
}
