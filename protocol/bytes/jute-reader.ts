// Reads Jute's binary encoding from a range of bytes that it does not own.
//
// No length is trusted. Every read checks what is left of the range, and throws `MalformedError` if
// it is too little; the caller at the edge turns that into a client's error or a closed connection.
// A reader is reused: `reset` points it at the next message.

import { isZxid, type Zxid, zxidOf } from '../zxid.ts'
import { intAt } from './int-at.ts'
import type { Span } from './span.ts'
import { utf8 } from './text.ts'

export class MalformedError extends Error {
  override readonly name = 'MalformedError'
}

const EMPTY = new Uint8Array(0)

export class JuteReader {
  bytes: Uint8Array
  offset: number
  end: number
  /** Of `bytes`, once a long was wanted. A small array lives on V8's heap until its buffer is asked for,
   * which costs more than all that is read from a small message. */
  #view: DataView | null = null

  constructor(bytes: Uint8Array = EMPTY, start: number = 0, end: number = bytes.length) {
    this.bytes = bytes
    this.offset = start
    this.end = end
  }

  reset(bytes: Uint8Array, start: number, end: number): void {
    if (bytes !== this.bytes) {
      this.bytes = bytes
      this.#view = null
    }
    this.offset = start
    this.end = end
  }

  get remaining(): number {
    return this.end - this.offset
  }

  byte(): number {
    this.#need(1)
    return (this.bytes[this.offset++]! << 24) >> 24
  }

  bool(): boolean {
    return this.byte() !== 0
  }

  int(): number {
    this.#need(4)
    const value = intAt(this.bytes, this.offset)
    this.offset += 4
    return value
  }

  long(): bigint {
    this.#need(8)
    const { bytes } = this
    this.#view ??= new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const value = this.#view.getBigInt64(this.offset)
    this.offset += 8
    return value
  }

  /** A long as a number. Malformed if a number cannot hold it exactly. */
  longNumber(): number {
    this.#need(8)
    const high = intAt(this.bytes, this.offset)
    const low = intAt(this.bytes, this.offset + 4) >>> 0
    this.offset += 8
    const value = high * 0x1_0000_0000 + low
    if (!Number.isSafeInteger(value)) throw new MalformedError('long out of exact range')
    return value
  }

  zxid(): Zxid {
    this.#need(8)
    const high = intAt(this.bytes, this.offset)
    const low = intAt(this.bytes, this.offset + 4)
    this.offset += 8
    if (!isZxid(high)) throw new MalformedError('zxid epoch out of range')
    return zxidOf(high, low)
  }

  /** Reads a length prefix and returns it; -1 is null. The reader then stands at the first byte. */
  bufferLength(): number {
    const length = this.int()
    if (length < -1) throw new MalformedError(`negative length ${length}`)
    if (length > this.remaining) {
      throw new MalformedError(`length ${length} exceeds the ${this.remaining} bytes left`)
    }
    return length
  }

  /** Moves past a buffer or a string, and sets the span to it. */
  span(into: Span): void {
    const length = this.bufferLength()
    into.bytes = this.bytes
    into.start = length < 0 ? -1 : this.offset
    if (length > 0) this.offset += length
    into.end = this.offset
  }

  skip(count: number): void {
    this.#need(count)
    this.offset += count
  }

  /** A view of the bytes, valid as long as the message; null if the length is -1. */
  buffer(): Uint8Array | null {
    const length = this.bufferLength()
    if (length < 0) return null
    const value = this.bytes.subarray(this.offset, this.offset + length)
    this.offset += length
    return value
  }

  string(): string | null {
    const length = this.bufferLength()
    if (length < 0) return null
    const start = this.offset
    this.offset += length
    return utf8(this.bytes, start, this.offset)
  }

  /** A string, which must not be null. */
  text(): string {
    const value = this.string()
    if (value === null) throw new MalformedError('null string')
    return value
  }

  /** Null if the count is -1. What is left, divided by `itemBytesMin`, bounds the count. */
  vector<T>(read: (reader: JuteReader) => T, itemBytesMin: number = 4): T[] | null {
    const count = this.int()
    if (count === -1) return null
    if (count < 0 || count * itemBytesMin > this.remaining) {
      throw new MalformedError(`vector of ${count} items in ${this.remaining} bytes`)
    }
    const items: T[] = []
    for (let i = 0; i < count; i++) items.push(read(this))
    return items
  }

  #need(count: number): void {
    if (count < 0 || this.offset + count > this.end) {
      throw new MalformedError(`${count} bytes wanted, ${this.remaining} left`)
    }
  }
}
