// A session as light as it can be, so that thousands of them fit into one process: requests in
// order, and a call for each watch event.

import { connect, type Socket } from 'node:net'
import { FrameSplitter } from '../../client/frame-splitter.ts'
import type { WriteRecord } from '../../client/request-frame.ts'
import { JuteReader } from '../../protocol/bytes/jute-reader.ts'
import { OpCode, Xid } from '../../protocol/op-code.ts'
import { readConnectResponse } from '../../protocol/records/connect.ts'
import { connectFrame, ERROR_AT, frameOf } from './frames.ts'

const FRAME_BYTES_MAX = 16 << 20
const PING = frameOf(OpCode.ping, null, null, Xid.ping)
/** All sessions read into it, one at a time: thousands of small reads cost no allocation. Nothing
 * of a frame is kept. */
const READ_BUFFER = new Uint8Array(1 << 16)

interface Waiting {
  resolve(): void
  reject(error: Error): void
}

export class Session {
  readonly #socket: Socket
  readonly #splitter = new FrameSplitter(FRAME_BYTES_MAX)
  /** In the order of the requests; the handshake is the first. */
  readonly #waiting: Waiting[] = []
  #hasSession = false
  #xid = 0
  onEvent: () => void = () => {}

  private constructor(port: number, timeoutMs: number) {
    const callback = (length: number, bytes: Uint8Array): boolean => {
      this.#onData(bytes.subarray(0, length))
      return true
    }
    const onread = { buffer: READ_BUFFER, callback }
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true, onread })
    this.#socket.on('error', (error) => this.#end(error))
    this.#socket.on('close', () => this.#end(new Error('the connection was closed')))
    this.#socket.write(connectFrame(timeoutMs))
  }

  /** Rejects when the server refuses it or closes the connection. */
  static async open(port: number, timeoutMs: number): Promise<Session> {
    const session = new Session(port, timeoutMs)
    await session.#answer()
    return session
  }

  /** Rejects when the reply has an error code. */
  request<R>(type: number, write: WriteRecord<R>, record: R): Promise<void> {
    this.#socket.write(frameOf(type, write, record, ++this.#xid))
    return this.#answer()
  }

  ping(): void {
    this.#socket.write(PING)
  }

  /** Leaves the server a session that expires. */
  drop(): void {
    this.#socket.destroy()
  }

  /** Ends the session. */
  async close(): Promise<void> {
    await this.request(OpCode.closeSession, null, null)
    this.drop()
  }

  #answer(): Promise<void> {
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }))
  }

  #onData(chunk: Uint8Array): void {
    this.#splitter.push(chunk, (bytes, start, end) => this.#onFrame(bytes, start, end))
  }

  #onFrame(bytes: Uint8Array, start: number, end: number): void {
    if (!this.#hasSession) {
      this.#hasSession = true
      const { timeoutMs } = readConnectResponse(new JuteReader(bytes.subarray(start, end)))
      this.#settle(timeoutMs === 0 ? new Error('the session was refused') : null)
      return
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset + start, end - start)
    const xid = view.getInt32(0)
    if (xid === Xid.ping) return
    if (xid === Xid.notification) {
      this.onEvent()
      return
    }
    const error = view.getInt32(ERROR_AT)
    this.#settle(error === 0 ? null : new Error(`request ${xid} failed: ${error}`))
  }

  #settle(error: Error | null): void {
    const waiting = this.#waiting.shift()
    if (error === null) waiting?.resolve()
    else waiting?.reject(error)
  }

  #end(error: Error): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error)
  }
}
