// Cuts a client's byte stream into frames: a length of 4 bytes, and a body. The caller may stop
// between two frames, and continue later, when the chunk is gone. (The client's own splitter,
// client/frame-splitter.ts, hands over every whole frame at once; so it need not keep the rest of a
// chunk, nor copy the next.)
//
// A length is checked before anything is kept for it, and of an incomplete frame only what has
// arrived is kept: a client that announces a megabyte and sends one byte holds one byte.

import { intAt } from '../../../protocol/bytes/int-at.ts'
import { InputBuffer } from '../../socket/input-buffer.ts'

const LENGTH_BYTES = 4
/** After the length and the xid. */
const OP_CODE_END = 12
/** Of a ConnectRequest: length, version, zxid, timeout, then the session. */
const SESSION_END = 28

export type Split = 'frame' | 'incomplete' | 'bad-length'

export class RequestSplitter {
  /** The last frame that was found, without its length. */
  bytes: Uint8Array = NO_BYTES
  start = 0
  end = 0
  /** The offending length after 'bad-length'. */
  badLength = 0
  /** The limit for frames to come. */
  lengthMax: number
  readonly #input = new InputBuffer()
  /** Bytes needed before it is worth looking again. */
  #needed = LENGTH_BYTES

  constructor(lengthMax: number) {
    this.lengthMax = lengthMax
  }

  /** Bytes received and not yet cut off. */
  get buffered(): number {
    return this.#input.length
  }

  /** The chunk stays the caller's, which calls keep() before the chunk's buffer is read into
   * again. */
  feed(chunk: Uint8Array): void {
    this.#input.append(chunk)
  }

  /** Copies what is left of the last chunk. */
  keep(): void {
    this.#input.keep()
  }

  /** The first four bytes of what is left, if they are there. They may be a four-letter word. */
  peekWord(): string | null {
    const { bytes, start, length } = this.#input
    if (length < LENGTH_BYTES) return null
    let word = ''
    for (let i = 0; i < LENGTH_BYTES; i++) word += String.fromCharCode(bytes[start + i]!)
    return word
  }

  /** The second integer of the next frame, if it is there. */
  peekOpCode(): number | null {
    const { bytes, start, length } = this.#input
    return length < OP_CODE_END ? null : intAt(bytes, start + OP_CODE_END - 4)
  }

  /** Whether the next frame, a ConnectRequest, continues a session; null while that is not there. */
  peekContinues(): boolean | null {
    const { bytes, start, length } = this.#input
    if (length < SESSION_END) return null
    return (
      intAt(bytes, start + SESSION_END - 8) !== 0 || intAt(bytes, start + SESSION_END - 4) !== 0
    )
  }

  /** Everything that is left: what follows a four-letter word. */
  rest(): Uint8Array {
    const { bytes, start, end } = this.#input
    return bytes.subarray(start, end)
  }

  next(): Split {
    const input = this.#input
    if (input.length < this.#needed) {
      // A client that says nothing more holds nothing.
      if (input.length === 0) this.bytes = NO_BYTES
      return 'incomplete'
    }
    const { bytes, start } = input
    const length = intAt(bytes, start)
    if (length < 0 || length > this.lengthMax) {
      this.badLength = length
      return 'bad-length'
    }
    const total = LENGTH_BYTES + length
    if (input.length < total) {
      this.#needed = total
      return 'incomplete'
    }
    this.bytes = bytes
    this.start = start + LENGTH_BYTES
    this.end = start + total
    input.consume(this.end)
    this.#needed = LENGTH_BYTES
    return 'frame'
  }
}

const NO_BYTES = new Uint8Array(0)
