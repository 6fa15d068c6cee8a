// A client's socket as the network loop sees it, without a network below: node's semantics, with a
// simulation deciding how much of what is written the "kernel" takes, and when. Bytes that are not
// taken yet are not copied, so that whoever reuses a buffer too early is found out; and what was
// told as 'data' is overwritten behind the listener's back, so that whoever keeps it is, too.

import { EventEmitter } from 'node:events'
import { assert } from '../../../protocol/assert.ts'
import type { ClientSocket } from '../../../runtime/net/transport/client-transport.ts'

/** The other end, and what lies between. */
export interface Line {
  /** How many of these the kernel takes now. They are the socket's again when it returns. */
  take(bytes: Uint8Array): number
  /** All has been taken, and there is no more. */
  finished(): void
  /** The socket is gone, with what was not taken. */
  destroyed(): void
}

/** What may wait before a write says false: node has 16 KiB, and replies here are small. */
const HIGH_WATER = 1024
const SCRIBBLE = 0xa5

export class LoopSocket extends EventEmitter implements ClientSocket {
  readonly remoteAddress: string
  readonly remotePort: number
  destroyed = false
  writableLength = 0
  isPaused = false
  readonly #line: Line
  readonly #untaken: Uint8Array[] = []
  /** Of the first of them. */
  #taken = 0
  #needsDrain = false
  #done: (() => void) | null = null
  #isFinished = false
  #hasClosed = false

  constructor(line: Line, address: string, port: number) {
    super()
    this.#line = line
    this.remoteAddress = address
    this.remotePort = port
  }

  /** Nothing of it is left in the loop. */
  get hasClosed(): boolean {
    return this.#hasClosed
  }

  /** All has been written, and some of it may not be taken yet. */
  get isEnding(): boolean {
    return this.#done !== null
  }

  /** The kernel may take more, or the loop is to be told something. */
  get isBusy(): boolean {
    if (this.destroyed) return !this.#hasClosed
    return this.#untaken.length > 0 || this.#needsDrain || this.#done !== null
  }

  write(bytes: Uint8Array): boolean {
    assert(this.#done === null && !this.#isFinished, 'nothing is written behind an end')
    if (this.destroyed) return false
    this.writableLength += bytes.length
    const isRoomy = this.writableLength < HIGH_WATER
    if (!isRoomy) this.#needsDrain = true
    this.#untaken.push(bytes)
    if (this.#untaken.length === 1) this.#take()
    return isRoomy
  }

  end(done: () => void): void {
    if (!this.destroyed) this.#done = done
  }

  pause(): void {
    this.isPaused = true
  }

  resume(): void {
    this.isPaused = false
  }

  destroy(): void {
    if (this.destroyed) return
    this.destroyed = true
    this.#untaken.length = 0
    this.#done = null
    this.#line.destroyed()
  }

  /** Bytes have arrived. */
  tell(chunk: Uint8Array): void {
    this.emit('data', chunk)
    chunk.fill(SCRIBBLE)
  }

  /** The connection was reset by its client. */
  fail(): void {
    if (this.destroyed) return
    this.destroy()
    this.emit('error', new Error('ECONNRESET'))
  }

  /** A round of the event loop. */
  round(): void {
    if (!this.destroyed && this.#untaken.length > 0) this.#take()
    if (!this.destroyed && this.#untaken.length === 0) this.#allTaken()
    if (!this.destroyed || this.#hasClosed) return
    this.#hasClosed = true
    this.emit('close')
  }

  #allTaken(): void {
    if (this.#done !== null) {
      const done = this.#done
      this.#done = null
      this.#isFinished = true
      this.#line.finished()
      done()
    } else if (this.#needsDrain) {
      this.#needsDrain = false
      this.emit('drain')
    }
  }

  #take(): void {
    for (let first = this.#untaken[0]; first !== undefined; first = this.#untaken[0]) {
      this.#taken += this.#line.take(first.subarray(this.#taken))
      if (this.#taken < first.length || this.destroyed) return
      this.#untaken.shift()
      this.#taken = 0
      // As in node, which counts a chunk until all of it is taken.
      this.writableLength -= first.length
    }
  }
}
