// Cuts a client's byte stream into frames: 4-byte length, body.
//
// A length is checked before anything is kept for it, and of a frame not yet whole just what has come
// is kept: a client that announces a megabyte and sends one byte holds one byte.

import { intAt } from '../../protocol/int-at.ts'

const LENGTH_BYTES = 4

export type Split = 'frame' | 'incomplete' | 'bad-length'

export class FrameSplitter {
  /** The frame found last, body only. */
  bytes: Uint8Array = NO_BYTES
  start = 0
  end = 0
  /** The offending length after 'bad-length'. */
  badLength = 0
  readonly #lengthMax: number
  #chunks: Uint8Array[] = []
  #fed: Uint8Array = NO_BYTES
  #buffered = 0
  /** Bytes needed before looking again. */
  #needed = LENGTH_BYTES
  #joined: Uint8Array = NO_BYTES
  #at = 0

  constructor(lengthMax: number) {
    this.#lengthMax = lengthMax
  }

  /** Bytes received and not yet cut off. */
  get buffered(): number {
    return this.#buffered
  }

  /** The chunk stays the caller's, who calls keep() before its buffer is read into again. */
  feed(chunk: Uint8Array): void {
    this.#fed = chunk
    this.#chunks.push(chunk)
    this.#buffered += chunk.length
  }

  /** What is left of the chunk that was fed last is copied. */
  keep(): void {
    const chunks = this.#chunks
    if (this.#joined === this.#fed) {
      this.#joined = new Uint8Array(this.#joined.subarray(this.#at))
      this.#at = 0
    } else if (chunks.at(-1) === this.#fed) {
      chunks.push(new Uint8Array(chunks.pop()!))
    }
    this.#fed = NO_BYTES
  }

  /** The first four bytes of what is left, if they are there: a four-letter word perhaps. */
  peekWord(): string | null {
    if (this.#buffered < LENGTH_BYTES) return null
    this.#join()
    let word = ''
    for (let i = 0; i < LENGTH_BYTES; i++) word += String.fromCharCode(this.#joined[this.#at + i]!)
    return word
  }

  /** All that is left, for what follows a four-letter word. */
  rest(): Uint8Array {
    this.#join()
    return this.#joined.subarray(this.#at)
  }

  next(): Split {
    if (this.#buffered < this.#needed) {
      if (this.#buffered === 0) this.#letGo()
      return 'incomplete'
    }
    this.#join()
    const at = this.#at
    const length = intAt(this.#joined, at)
    if (length < 0 || length > this.#lengthMax) {
      this.badLength = length
      return 'bad-length'
    }
    const total = LENGTH_BYTES + length
    if (this.#buffered < total) {
      this.#needed = total
      return 'incomplete'
    }
    this.bytes = this.#joined
    this.start = at + LENGTH_BYTES
    this.end = at + total
    this.#at += total
    this.#buffered -= total
    this.#needed = LENGTH_BYTES
    return 'frame'
  }

  /** All is used: who says nothing more holds nothing. */
  #letGo(): void {
    this.bytes = NO_BYTES
    this.#joined = NO_BYTES
    this.#at = 0
  }

  #join(): void {
    if (this.#chunks.length === 0) return
    const left = this.#joined.length - this.#at
    if (left === 0 && this.#chunks.length === 1) {
      this.#joined = this.#chunks[0]!
    } else {
      this.#joined = Buffer.concat([this.#joined.subarray(this.#at), ...this.#chunks])
    }
    this.#chunks = []
    this.#at = 0
  }
}

const NO_BYTES = new Uint8Array(0)
