// A connection that knows only frames: whole frames out, whole frames in, in order. Differential
// tests use it to send the same bytes to two servers, and to compare the answers.

import { connect, type Socket } from 'node:net'
import { FrameSplitter } from './frame-splitter.ts'

const FRAME_BYTES_MAX = 64 * 1024 * 1024
/** How many frames are kept for a reader that has not asked yet. Beyond this the socket is
 * paused. */
const FRAMES_MAX = 65_536

interface Waiter {
  resolve(frame: Buffer | null): void
}

export class RawConnection {
  readonly #socket: Socket
  readonly #splitter = new FrameSplitter(FRAME_BYTES_MAX)
  readonly #frames: Buffer[] = []
  readonly #waiters: Waiter[] = []
  #ended = false

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (chunk: Buffer) => this.#onData(chunk))
    socket.on('close', () => this.#onClose())
    socket.on('error', () => this.#onClose())
  }

  /** Resolves once there is a TCP connection. The handshake is not included: it is a frame like
   * others. */
  static open(host: string, port: number): Promise<RawConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port, noDelay: true })
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.removeListener('error', reject)
        resolve(new RawConnection(socket))
      })
    })
  }

  /** Sends a frame. The length prefix is added here. */
  send(body: Uint8Array): void {
    const frame = Buffer.allocUnsafe(4 + body.length)
    frame.writeInt32BE(body.length, 0)
    frame.set(body, 4)
    this.#socket.write(frame)
  }

  /** Sends bytes as they are: a broken prefix, half a frame, a four-letter word. */
  sendBytes(bytes: Uint8Array): void {
    this.#socket.write(bytes)
  }

  /** The next frame, without its prefix; null once the server has closed the connection. */
  receive(): Promise<Buffer | null> {
    const frame = this.#frames.shift()
    if (frame !== undefined) {
      if (this.#socket.isPaused()) this.#socket.resume()
      return Promise.resolve(frame)
    }
    if (this.#ended) return Promise.resolve(null)
    return new Promise((resolve) => this.#waiters.push({ resolve }))
  }

  /** Drops the connection without a word. */
  close(): void {
    this.#socket.destroy()
  }

  #onData(chunk: Buffer): void {
    try {
      this.#splitter.push(chunk, (bytes, start, end) => this.#onFrame(bytes, start, end))
    } catch {
      this.#socket.destroy()
    }
  }

  #onFrame(bytes: Uint8Array, start: number, end: number): void {
    const frame = Buffer.from(bytes.subarray(start, end))
    const waiter = this.#waiters.shift()
    if (waiter !== undefined) waiter.resolve(frame)
    else if (this.#frames.push(frame) >= FRAMES_MAX) this.#socket.pause()
  }

  #onClose(): void {
    this.#ended = true
    for (const waiter of this.#waiters.splice(0)) waiter.resolve(null)
  }
}
