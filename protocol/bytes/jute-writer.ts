// Writes Jute's binary encoding: big-endian numbers, length-prefixed buffers and strings, -1 for
// null. The buffer grows as needed, up to a limit. It is reused: `reset` starts the next message.

import { MESSAGE_BYTES_MAX } from '../limits.ts'
import { type Zxid, zxidHigh, zxidLow } from '../zxid.ts'
import { copyBytes } from './copy-bytes.ts'

const INITIAL_BYTES = 512
const encoder = new TextEncoder()

/** What is being written would be longer than its writer allows. */
export class TooLargeError extends Error {
  override readonly name = 'TooLargeError'
}

export class JuteWriter {
  bytes: Uint8Array
  length = 0
  #view: DataView
  readonly #bytesMax: number

  constructor(initialBytes: number = INITIAL_BYTES, bytesMax: number = MESSAGE_BYTES_MAX) {
    this.#bytesMax = bytesMax
    this.bytes = new Uint8Array(initialBytes)
    this.#view = new DataView(this.bytes.buffer)
  }

  reset(): void {
    this.length = 0
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return this.bytes.slice(0, this.length)
  }

  byte(value: number): void {
    this.#reserve(1)
    this.#view.setInt8(this.length, value)
    this.length += 1
  }

  bool(value: boolean): void {
    this.byte(value ? 1 : 0)
  }

  int(value: number): void {
    this.#reserve(4)
    this.#view.setInt32(this.length, value)
    this.length += 4
  }

  long(value: bigint): void {
    this.#reserve(8)
    this.#view.setBigInt64(this.length, value)
    this.length += 8
  }

  /** A 64-bit integer that a number holds exactly: a time in ms, a count. */
  longNumber(value: number): void {
    this.#reserve(8)
    const high = Math.floor(value / 0x1_0000_0000)
    this.#view.setInt32(this.length, high)
    this.#view.setInt32(this.length + 4, (value - high * 0x1_0000_0000) | 0)
    this.length += 8
  }

  zxid(value: Zxid): void {
    this.#reserve(8)
    this.#view.setInt32(this.length, zxidHigh(value))
    this.#view.setInt32(this.length + 4, zxidLow(value))
    this.length += 8
  }

  /** Length prefix and bytes; null has length -1. */
  buffer(value: Uint8Array | null): void {
    if (value === null) {
      this.int(-1)
      return
    }
    this.int(value.length)
    this.raw(value, 0, value.length)
  }

  /** Length prefix, and a range of `source`. */
  bufferRange(source: Uint8Array, start: number, end: number): void {
    this.int(end - start)
    this.raw(source, start, end)
  }

  string(value: string | null): void {
    if (value === null) {
      this.int(-1)
      return
    }
    this.#reserve(4 + value.length * 3)
    const at = this.length
    const written = encoder.encodeInto(value, this.bytes.subarray(at + 4)).written
    this.#view.setInt32(at, written)
    this.length = at + 4 + written
  }

  /** Only the characters, without a length prefix. */
  ascii(value: string): void {
    this.#reserve(value.length)
    for (let i = 0; i < value.length; i++) this.bytes[this.length + i] = value.charCodeAt(i)
    this.length += value.length
  }

  vector<T>(items: readonly T[] | null, write: (writer: JuteWriter, item: T) => void): void {
    if (items === null) {
      this.int(-1)
      return
    }
    this.int(items.length)
    for (const item of items) write(this, item)
  }

  /** Bytes without a length prefix. */
  raw(source: Uint8Array, start: number, end: number): void {
    const count = end - start
    this.#reserve(count)
    copyBytes(source, start, end, this.bytes, this.length)
    this.length += count
  }

  /** Overwrites four bytes that were written before: a length or a count that is known only at the
   * end. */
  patchInt(offset: number, value: number): void {
    this.#view.setInt32(offset, value)
  }

  #reserve(count: number): void {
    const needed = this.length + count
    if (needed <= this.bytes.length) return
    if (needed > this.#bytesMax) {
      throw new TooLargeError(`${needed} bytes; ${this.#bytesMax} are allowed`)
    }
    let size = this.bytes.length * 2
    while (size < needed) size *= 2
    const grown = new Uint8Array(Math.min(size, this.#bytesMax))
    grown.set(this.bytes.subarray(0, this.length))
    this.replaceBytes(grown)
  }

  /** Continues in another array, which is all its own. */
  protected replaceBytes(bytes: Uint8Array): void {
    this.bytes = bytes
    this.#view = new DataView(bytes.buffer)
  }
}
