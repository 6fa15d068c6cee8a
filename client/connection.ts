// One session with an ensemble: one socket at a time, the handshake, pings, replies in order, and
// the move to the next server when one is lost.
//
//        open            handshake accepted
//   ────────▶ connecting ──────────────────▶ connected | connectedReadOnly
//                ▲  │                             │
//                │  │ session refused: expired    │ socket lost, server silent for too long:
//                │  ▼                             │ what was in flight fails with connectionLoss
//                └──────────────────────────────◀─┘
//   closed, expired and authFailed are final.
//
// Requests made while connecting wait for the handshake. They fail with connectionLoss once every
// server was tried without success. All frames of one turn of the event loop leave in one write.
// (Corresponds to ClientCnxn.)

import type { Duplex } from 'node:stream'
import { JuteReader, MalformedError } from '../protocol/bytes/jute-reader.ts'
import { JuteWriter } from '../protocol/bytes/jute-writer.ts'
import { ErrorCode } from '../protocol/error-code.ts'
import { OpCode, Xid } from '../protocol/op-code.ts'
import { readConnectResponse } from '../protocol/records/connect.ts'
import { readReplyHeader } from '../protocol/records/header.ts'
import { readWatcherEvent } from '../protocol/records/watcher-event.ts'
import { SESSION_NONE } from '../protocol/session-id.ts'
import { ZXID_ZERO, type Zxid } from '../protocol/zxid.ts'
import type { HostPort } from './connect-string.ts'
import type {
  ConnectionListener,
  ConnectionOptions,
  ConnectionState,
  Session,
} from './connection-options.ts'
import { FrameError, FrameSplitter } from './frame-splitter.ts'
import { HostList } from './host-list.ts'
import { Identities } from './identities.ts'
import { lastingProblem, openSocket } from './open-socket.ts'
import {
  type WriteRecord,
  writeConnectFrame,
  writeRequestFrame,
  writeWatchesFrame,
} from './request-frame.ts'
import { type Pending, RequestQueue } from './request-queue.ts'
import { SaslExchange } from './sasl-exchange.ts'

const PASSWORD_NONE = new Uint8Array(16)
const XID_MAX = 0x7fff_ffff
const TICKS_A_SILENCE = 8
const TICKS_A_PING = 3
/** After a connection that lived for less than this, the next attempt waits. */
const SHORT_LIFE_MS = 1000
const WRITER_BYTES_KEPT_MAX = 1024 * 1024

export class Connection {
  readonly #options: ConnectionOptions
  readonly #listener: ConnectionListener
  readonly #queue: RequestQueue
  readonly #identities: Identities = new Identities()
  readonly #reader = new JuteReader()
  #out = new JuteWriter(4096)
  #socket: Duplex | null = null
  /** Begun on this socket, and not over. */
  #proof: SaslExchange | null = null
  #state: ConnectionState = 'connecting'
  #session: Session
  /** A session that only a read-only server has given is no session to any other. */
  #isKnown: boolean
  #timeoutMs = 0
  #silenceMs = 0
  #lastZxid: Zxid = ZXID_ZERO
  #xid = 0
  readonly #hosts: HostList
  #connectedAtMs = 0
  #heardAtMs = 0
  #sentAtMs = 0
  #flushing = false
  #ticker: NodeJS.Timeout | null = null
  #retry: NodeJS.Timeout | null = null
  readonly #flush = (): void => this.#flushNow()

  constructor(options: ConnectionOptions, listener: ConnectionListener) {
    this.#options = options
    this.#listener = listener
    this.#queue = new RequestQueue(options.requestsMax)
    this.#session = options.session ?? { id: SESSION_NONE, password: PASSWORD_NONE }
    this.#isKnown = options.session !== undefined && options.session !== null
    this.#hosts = new HostList(options.hosts, options.firstHost, options.random ?? Math.random)
  }

  get state(): ConnectionState {
    return this.#state
  }

  get session(): Session {
    return this.#session
  }

  /** The negotiated timeout; zero before the first handshake. */
  get timeoutMs(): number {
    return this.#timeoutMs
  }

  /** The newest zxid in a reply. */
  get lastZxid(): Zxid {
    return this.#lastZxid
  }

  get inFlightCount(): number {
    return this.#queue.count
  }

  get host(): HostPort {
    return this.#hosts.current
  }

  /** Replaces the list of servers, and leaves this one if that follows. */
  replaceHosts(hosts: readonly HostPort[]): void {
    if (!this.#hosts.replace(hosts, this.#established ? this.host : null)) return
    if (this.#socket === null) this.#hosts.next()
    else this.breakSocket()
  }

  /** Starts connecting. Call it once. */
  open(): void {
    this.#connect()
  }

  /** Queues a request. `pending` is settled exactly once; immediately if it cannot be sent. */
  submit<R>(type: number, write: WriteRecord<R>, record: R, pending: Pending): void {
    if (this.#final) {
      pending.settle(this.#finalCode(), this.#reader)
      return
    }
    if (this.#queue.full) {
      pending.settle(ErrorCode.throttledOp, this.#reader)
      return
    }
    this.#xid = this.#xid === XID_MAX ? 1 : this.#xid + 1
    pending.xid = this.#xid
    writeRequestFrame(this.#out, this.#xid, type, write, record)
    this.#queue.push(pending)
    this.#scheduleFlush()
  }

  /** Adds an identity, now and after every reconnect. */
  addAuth(scheme: string, auth: Uint8Array | null, pending: Pending): void {
    if (this.#final) {
      pending.settle(this.#finalCode(), this.#reader)
      return
    }
    this.#identities.add(scheme, auth, pending, this.#established ? this.#out : null)
    this.#scheduleFlush()
  }

  /** Ends the session at the server, then the connection. `done` is called once. */
  close(done: () => void): void {
    const settle = (): void => {
      this.#end('closed')
      done()
    }
    if (!this.#established) settle()
    else this.submit(OpCode.closeSession, null, null, { xid: 0, settle })
  }

  /** Drops the connection, and leaves the session to time out at the server. */
  abandon(): void {
    this.#end('closed')
  }

  /** Breaks the socket as a network would. The session continues at the next server. */
  breakSocket(): void {
    this.#socket?.destroy()
  }

  get #final(): boolean {
    return !this.#established && this.#state !== 'connecting'
  }

  get #established(): boolean {
    return this.#state === 'connected' || this.#state === 'connectedReadOnly'
  }

  #finalCode(): number {
    return this.#state === 'authFailed' ? ErrorCode.authFailed : ErrorCode.sessionExpired
  }

  #setState(state: ConnectionState): void {
    if (this.#state === state) return
    this.#state = state
    this.#listener.onState(state)
  }

  #connect(): void {
    this.#retry = null
    const { host } = this
    const { tls, open = (ready) => openSocket(host, tls, ready) } = this.#options
    const socket = open((ready) => this.#sendHandshake(ready))
    const splitter = new FrameSplitter(this.#options.frameBytesMax)
    const onFrame = (bytes: Uint8Array, start: number, end: number): void => {
      if (socket === this.#socket) this.#onFrame(bytes, start, end)
    }
    this.#socket = socket
    this.#endProof()
    this.#heardAtMs = performance.now()
    this.#tickEvery(this.#options.connectTimeoutMs)
    socket.on('data', (chunk: Buffer) => {
      this.#heardAtMs = performance.now()
      try {
        splitter.push(chunk, onFrame)
      } catch (error) {
        // This is no reply, so we cannot follow this server any further. What a caller's function
        // throws is the caller's affair.
        if (!(error instanceof MalformedError) && !(error instanceof FrameError)) throw error
        socket.destroy()
      }
    })
    // 'close' follows every error.
    socket.on('error', (error) => {
      const problem = lastingProblem(host, error)
      if (problem !== null) this.#listener.onProblem?.(problem)
    })
    socket.on('close', () => {
      if (socket === this.#socket) this.#onLost()
    })
  }

  #sendHandshake(socket: Duplex): void {
    const writer = new JuteWriter(64)
    writeConnectFrame(writer, {
      protocolVersion: 0,
      lastZxidSeen: this.#lastZxid,
      timeoutMs: this.#options.sessionTimeoutMs,
      sessionId: this.#isKnown ? this.#session.id : SESSION_NONE,
      password: this.#isKnown ? this.#session.password : PASSWORD_NONE,
      readOnly: this.#options.readOnly,
    })
    socket.write(writer.finish())
  }

  #onFrame(bytes: Uint8Array, start: number, end: number): void {
    const reader = this.#reader
    reader.reset(bytes, start, end)
    if (this.#state === 'connecting') {
      if (this.#proof === null) this.#onHandshake(reader)
      else this.#proof.reply(reader)
      return
    }
    const { xid, zxid, err } = readReplyHeader(reader)
    if (xid === Xid.notification) {
      this.#listener.onEvent(readWatcherEvent(reader), zxid)
      return
    }
    if (zxid > this.#lastZxid) this.#lastZxid = zxid
    if (xid === Xid.ping || xid === Xid.setWatches) return
    if (xid === Xid.auth) {
      this.#identities.answered(err, reader)
      if (err !== ErrorCode.ok) this.#end('authFailed')
      return
    }
    const pending = this.#queue.shift()
    if (pending === null || pending.xid !== xid) {
      pending?.settle(ErrorCode.connectionLoss, reader)
      this.#socket?.destroy()
      return
    }
    pending.settle(err, reader)
  }

  #onHandshake(reader: JuteReader): void {
    const response = readConnectResponse(reader)
    if (response.timeoutMs <= 0) {
      this.#end('expired')
      return
    }
    this.#session = {
      id: response.sessionId,
      password: Uint8Array.from(response.password ?? PASSWORD_NONE),
    }
    this.#isKnown ||= response.readOnly !== true
    this.#timeoutMs = response.timeoutMs
    const readOnly = response.readOnly === true
    const { sasl } = this.#options
    if (sasl === null) {
      this.#enter(readOnly)
      return
    }
    this.#proof = new SaslExchange({
      send: (frame) => this.#socket?.write(frame),
      done: () => this.#enter(readOnly),
      failed: (problem) => {
        this.#listener.onProblem?.(`SASL: ${problem}`)
        this.#end('authFailed')
      },
    })
    this.#proof.begin(sasl, this.host.host)
  }

  #endProof(): void {
    this.#proof?.close()
    this.#proof = null
  }

  #enter(readOnly: boolean): void {
    this.#endProof()
    this.#hosts.connected()
    this.#connectedAtMs = performance.now()
    this.#sentAtMs = this.#connectedAtMs
    this.#silenceMs = Math.min((this.#timeoutMs * 2) / 3, this.#options.silenceMs)
    this.#tickEvery(this.#silenceMs / TICKS_A_SILENCE)
    this.#restore()
    this.#setState(readOnly ? 'connectedReadOnly' : 'connected')
    this.#flushNow()
  }

  /** Identities and watches go ahead of the requests that wait. */
  #restore(): void {
    const writer = new JuteWriter()
    this.#identities.restore(writer)
    for (const watches of this.#listener.watchesToRestore(this.#lastZxid)) {
      writeWatchesFrame(writer, watches)
    }
    if (writer.length > 0) this.#socket?.write(writer.finish())
  }

  #scheduleFlush(): void {
    if (this.#flushing) return
    this.#flushing = true
    setImmediate(this.#flush)
  }

  #flushNow(): void {
    this.#flushing = false
    if (this.#out.length === 0 || !this.#established) return
    this.#socket?.write(this.#out.finish())
    this.#sentAtMs = performance.now()
    if (this.#out.bytes.length > WRITER_BYTES_KEPT_MAX) this.#out = new JuteWriter(4096)
    else this.#out.reset()
  }

  #tickEvery(ms: number): void {
    if (this.#ticker !== null) clearInterval(this.#ticker)
    this.#ticker = setInterval(() => this.#tick(), ms)
  }

  /** Pings when idle. Gives up a server that is silent, or that takes too long to connect. */
  #tick(): void {
    const nowMs = performance.now()
    if (!this.#established) {
      this.#socket?.destroy()
    } else if (nowMs - this.#heardAtMs > this.#silenceMs) {
      this.#socket?.destroy()
    } else if (nowMs - this.#sentAtMs > (this.#silenceMs * TICKS_A_PING) / TICKS_A_SILENCE) {
      writeRequestFrame(this.#out, Xid.ping, OpCode.ping, null, null)
      this.#flushNow()
    }
  }

  #onLost(): void {
    if (this.#final) return
    const nowMs = performance.now()
    const wasEstablished = this.#established
    const shortLived = wasEstablished && nowMs - this.#connectedAtMs < SHORT_LIFE_MS
    this.#socket = null
    this.#stopTicker()
    const roundDone = !wasEstablished && this.#hosts.failed()
    this.#setState('connecting')
    if (wasEstablished || roundDone) this.#failInFlight(ErrorCode.connectionLoss)
    if (this.#final) return
    this.#hosts.next()
    if (shortLived || roundDone) {
      this.#retry = setTimeout(() => this.#connect(), this.#options.reconnectDelayMs)
    } else {
      this.#connect()
    }
  }

  #failInFlight(code: number): void {
    this.#out.reset()
    for (const pending of this.#queue.drain()) pending.settle(code, this.#reader)
  }

  #end(state: ConnectionState): void {
    this.#endProof()
    if (this.#final) return
    const socket = this.#socket
    this.#socket = null
    this.#stopTicker()
    if (this.#retry !== null) clearTimeout(this.#retry)
    this.#setState(state)
    const code = state === 'closed' ? ErrorCode.connectionLoss : this.#finalCode()
    this.#failInFlight(code)
    this.#identities.fail(code, this.#reader)
    socket?.destroy()
  }

  #stopTicker(): void {
    if (this.#ticker !== null) clearInterval(this.#ticker)
    this.#ticker = null
  }
}
