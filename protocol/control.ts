// placeholder to be replaced by the watch branch
import { decode, encode } from '@msgpack/msgpack'

export function encodeControl(value: unknown): Uint8Array {
  return encode(value)
}
export function decodeControl(bytes: Uint8Array): unknown {
  return decode(bytes)
}
