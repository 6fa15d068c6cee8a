// Cuts a stream of chunks into length-prefixed frames.
//
// A frame that lies entirely in one chunk is handed over as a range of that chunk. Only a frame
// that spans chunks is assembled, in a buffer of its exact size; so a large frame costs one copy,
// however many chunks it came in. Buffers are never reused: a view into a frame stays valid.

import { intAt } from '../protocol/bytes/int-at.ts'

const PREFIX_BYTES = 4

export type OnFrame = (bytes: Uint8Array, start: number, end: number) => void

export class FrameError extends Error {
  override readonly name = 'FrameError'
}

export class FrameSplitter {
  readonly #frameBytesMax: number
  readonly #prefix = new Uint8Array(PREFIX_BYTES)
  #prefixLength = 0
  #body: Uint8Array | null = null
  #bodyLength = 0

  /** Frames longer than `frameBytesMax` end the stream with a FrameError. */
  constructor(frameBytesMax: number) {
    this.#frameBytesMax = frameBytesMax
  }

  /** Calls `onFrame` for each frame that `chunk` completes. */
  push(chunk: Uint8Array, onFrame: OnFrame): void {
    let at = this.#resume(chunk, onFrame)
    while (chunk.length - at >= PREFIX_BYTES) {
      const length = this.#checked(intAt(chunk, at))
      at += PREFIX_BYTES
      if (chunk.length - at < length) {
        this.#begin(length)
        this.#fill(chunk, at)
        return
      }
      onFrame(chunk, at, at + length)
      at += length
    }
    while (at < chunk.length) this.#prefix[this.#prefixLength++] = chunk[at++]!
  }

  /** Completes what earlier chunks began. Returns where the next whole frame begins. */
  #resume(chunk: Uint8Array, onFrame: OnFrame): number {
    let at = 0
    if (this.#prefixLength > 0) {
      while (this.#prefixLength < PREFIX_BYTES && at < chunk.length) {
        this.#prefix[this.#prefixLength++] = chunk[at++]!
      }
      if (this.#prefixLength < PREFIX_BYTES) return at
      this.#prefixLength = 0
      this.#begin(this.#checked(intAt(this.#prefix, 0)))
    }
    if (this.#body === null) return at
    at = this.#fill(chunk, at)
    const body = this.#body
    if (this.#bodyLength === body.length) {
      this.#body = null
      onFrame(body, 0, body.length)
    }
    return at
  }

  #begin(length: number): void {
    this.#body = new Uint8Array(length)
    this.#bodyLength = 0
  }

  #fill(chunk: Uint8Array, at: number): number {
    const body = this.#body!
    const count = Math.min(body.length - this.#bodyLength, chunk.length - at)
    body.set(chunk.subarray(at, at + count), this.#bodyLength)
    this.#bodyLength += count
    return at + count
  }

  #checked(length: number): number {
    if (length < 0 || length > this.#frameBytesMax) throw new FrameError(`frame of ${length} bytes`)
    return length
  }
}
