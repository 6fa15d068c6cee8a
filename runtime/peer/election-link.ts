// One permanent connection between two servers that elect: frames of an int length and a payload,
// in both directions. At most one frame waits in the socket, which is all that a peer that does not
// read costs.

import type { Socket } from 'node:net'
import { intAt, putInt } from '../../protocol/bytes/int-at.ts'
import { isWithin, VOTE_BYTES } from '../../protocol/quorum/ranges.ts'
import type { InputBuffer } from '../socket/input-buffer.ts'

const LENGTH_BYTES = 4

export interface ElectionLinkListener {
  /** The bytes are valid during the call. */
  frame(bytes: Uint8Array, start: number, end: number): void
  /** The socket has taken the last frame. */
  writable(): void
  /** Not called after close(). */
  closed(): void
}

export class ElectionLink {
  readonly #socket: Socket
  readonly #listener: ElectionLinkListener
  readonly #input: InputBuffer
  readonly #onTaken: () => void
  #writing = false
  #closed = false

  /** `input` may hold what followed the handshake; `start` reads it. */
  constructor(socket: Socket, input: InputBuffer, listener: ElectionLinkListener) {
    this.#socket = socket
    this.#input = input
    this.#listener = listener
    this.#onTaken = () => {
      this.#writing = false
      if (!this.#closed) listener.writable()
    }
  }

  start(): void {
    this.#socket.on('data', (chunk: Uint8Array) => {
      this.#input.append(chunk)
      this.#read()
      this.#input.keep()
    })
    this.#socket.once('end', () => this.#socket.destroy())
    this.#socket.once('close', () => this.#end())
    if (this.#socket.destroyed) this.#end()
    else this.#read()
  }

  /** Whether nothing waits in the socket. */
  get isWritable(): boolean {
    return !this.#writing && !this.#closed
  }

  send(payload: Uint8Array): void {
    const frame = new Uint8Array(LENGTH_BYTES + payload.length)
    putInt(frame, 0, payload.length)
    frame.set(payload, LENGTH_BYTES)
    this.#writing = true
    this.#socket.write(frame, this.#onTaken)
  }

  /** Nothing more is reported. */
  close(): void {
    this.#closed = true
    this.#socket.destroy()
  }

  #end(): void {
    if (this.#closed) return
    this.#closed = true
    this.#listener.closed()
  }

  #read(): void {
    const input = this.#input
    while (!this.#closed && input.length >= LENGTH_BYTES) {
      const { bytes, start } = input
      const length = intAt(bytes, start)
      if (!isWithin(VOTE_BYTES, length)) {
        // 'close' follows.
        this.#socket.destroy()
        input.clear()
        return
      }
      const end = start + LENGTH_BYTES + length
      if (end > input.end) return
      this.#listener.frame(bytes, start + LENGTH_BYTES, end)
      input.consume(end)
    }
  }
}
