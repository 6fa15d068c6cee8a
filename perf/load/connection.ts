// One connection of a load: keeps its requests under way, measures, and compares each reply with
// what it must be. A wrong reply, or the end of the connection, fails the load.

import { connect, type Socket } from 'node:net'
import { connect as connectByTls } from 'node:tls'
import { FrameSplitter } from '../../client/frame-splitter.ts'
import { JuteReader } from '../../protocol/bytes/jute-reader.ts'
import { readConnectResponse } from '../../protocol/records/connect.ts'
import { onread } from '../../runtime/socket/read-buffer.ts'
import { BODY_AT, connectFrame, ERROR_AT, XID_AT } from './frames.ts'
import { type Counter, type Operation, operation, setupFrames } from './operations.ts'
import { type LoadSpec, OPERATIONS } from './spec.ts'

const HOST = '127.0.0.1'
const FRAME_BYTES_MAX = 16 << 20
const SESSION_MS = 30_000
const XID_MAX = 0x7fff_ffff
/** Of an open loop: what is due beyond it waits, and its latency counts all the same. */
const OPEN_OUTSTANDING_MAX = 8192

export interface Tally {
  /** `dueMs` is when the request was to be sent; `which` is its place in the mix. */
  onReply(nowMs: number, dueMs: number, isError: boolean, which: number): void
}

/** A number below 1, evenly spread. */
export type Draw = () => number

export class LoadConnection {
  readonly #socket: Socket
  readonly #tally: Tally
  readonly #splitter = new FrameSplitter(FRAME_BYTES_MAX)
  readonly #operations: readonly Operation[]
  /** Cumulative. */
  readonly #shares: readonly number[]
  readonly #draw: Draw
  readonly #outstanding: number
  readonly #counters: Record<Counter, number> = counters()
  /** Writes that failed: those behind them find so much less. */
  readonly #failed: Record<Counter, number> = counters()
  // Rings of what is under way: replies come in the order of the requests.
  readonly #mask: number
  readonly #dueMs: Float64Array
  readonly #expected: Int32Array
  readonly #which: Uint8Array
  #sent = 0
  #answered = 0
  #xid = 1
  #expectedXid = 1
  #phase: 'handshake' | 'setup' | 'load' = 'handshake'
  #setupLeft: number
  readonly #setup: Buffer
  readonly #port: number
  #resolve: () => void = () => {}
  #closed = false
  readonly ready: Promise<void>
  readonly #fail: (error: Error) => void

  constructor(
    spec: LoadSpec,
    index: number,
    draw: Draw,
    tally: Tally,
    fail: (error: Error) => void,
  ) {
    this.#tally = tally
    this.#draw = draw
    this.#fail = fail
    const path = `/${spec.name}-${index}`
    this.#operations = spec.mix.map(({ operation: name }) => operation(name, path, spec.valueBytes))
    let sum = 0
    this.#shares = spec.mix.map(({ share }) => (sum += share))
    this.#outstanding = spec.perSecond === undefined ? spec.outstanding : OPEN_OUTSTANDING_MAX
    const capacity = 2 ** Math.ceil(Math.log2(this.#outstanding))
    this.#mask = capacity - 1
    this.#dueMs = new Float64Array(capacity)
    this.#expected = new Int32Array(capacity)
    this.#which = new Uint8Array(capacity)
    const names = new Set(spec.mix.map(({ operation: name }) => name))
    const setup = setupFrames(path, names, spec.valueBytes)
    this.#setupLeft = setup.length
    this.#setup = Buffer.concat(setup)
    this.#port = spec.ports[index % spec.ports.length]!
    this.ready = new Promise((resolve) => {
      this.#resolve = resolve
    })
    this.#socket =
      spec.tls === undefined
        ? connect({
            port: this.#port,
            host: HOST,
            noDelay: true,
            onread: onread(() => this.#socket),
          })
        : connectByTls({ ...spec.tls, port: this.#port, host: HOST }).setNoDelay(true)
    this.#socket.on('data', ({ buffer, byteOffset, length }: Uint8Array) =>
      this.#onData(Buffer.from(buffer, byteOffset, length)),
    )
    this.#socket.on('error', (error) => this.#end(error.message))
    this.#socket.on('close', () => this.#end('closed'))
    this.#socket.write(connectFrame(SESSION_MS))
  }

  /** Requests that may still be sent. */
  get room(): number {
    return this.#outstanding - (this.#sent - this.#answered)
  }

  /** Sends requests that were due then. */
  send(count: number, dueMs: number): void {
    let bytes = 0
    for (let i = 0; i < count; i++) {
      const which = this.#pick()
      this.#which[(this.#sent + i) & this.#mask] = which
      bytes += this.#operations[which]!.frame.length
    }
    const out = Buffer.allocUnsafe(bytes)
    let at = 0
    for (let i = 0; i < count; i++) {
      const slot = this.#sent++ & this.#mask
      const { frame, valueAt, raises, shows } = this.#operations[this.#which[slot]!]!
      out.set(frame, at)
      out.writeInt32BE(this.#xid, at + XID_AT)
      this.#xid = this.#xid === XID_MAX ? 1 : this.#xid + 1
      const raised = ++this.#counters[raises]
      for (const offset of valueAt) out.writeInt32BE(raised, at + offset)
      this.#expected[slot] = this.#counters[shows]
      this.#dueMs[slot] = dueMs
      at += frame.length
    }
    this.#socket.write(out)
  }

  close(): void {
    this.#closed = true
    this.#socket.destroy()
  }

  #pick(): number {
    if (this.#shares.length === 1) return 0
    const drawn = this.#draw()
    const found = this.#shares.findIndex((share) => drawn < share)
    return found < 0 ? this.#shares.length - 1 : found
  }

  #onData(chunk: Buffer): void {
    const nowMs = performance.now()
    const before = this.#answered
    try {
      this.#splitter.push(chunk, (bytes, start, end) => {
        // What spans chunks is assembled in an array of its own.
        const frame = bytes === chunk ? chunk : Buffer.from(bytes.buffer, bytes.byteOffset)
        this.#onFrame(frame, start, end, nowMs)
      })
    } catch (error) {
      this.#end(error instanceof Error ? error.message : String(error))
    }
    const count = this.#answered - before
    if (count > 0 && !this.#closed) this.onAnswered(count)
  }

  /** A closed loop: as many are sent as were answered. */
  onAnswered(count: number): void {
    this.send(count, performance.now())
  }

  #onFrame(frame: Buffer, start: number, end: number, nowMs: number): void {
    if (this.#phase === 'handshake') this.#onHandshake(frame.subarray(start, end))
    else if (this.#phase === 'setup') this.#onSetup(frame.readInt32BE(start + ERROR_AT))
    else this.#onReply(frame, start, end, nowMs)
  }

  #onHandshake(body: Uint8Array): void {
    const { timeoutMs } = readConnectResponse(new JuteReader(body))
    if (timeoutMs === 0) throw new Error('the session was refused')
    this.#phase = 'setup'
    this.#socket.write(this.#setup)
  }

  #onSetup(error: number): void {
    if (error !== 0) throw new Error(`a znode of the load could not be made: error ${error}`)
    this.#setupLeft--
    if (this.#setupLeft > 0) return
    this.#phase = 'load'
    this.#resolve()
  }

  #onReply(frame: Buffer, start: number, end: number, nowMs: number): void {
    if (this.#answered === this.#sent) throw new Error('wrong reply: nothing was asked')
    const slot = this.#answered++ & this.#mask
    const which = this.#which[slot]!
    const { shows, raises, check } = this.#operations[which]!
    const xid = frame.readInt32BE(start)
    if (xid !== this.#expectedXid) {
      throw new Error(`wrong reply: xid ${xid} for ${this.#expectedXid}`)
    }
    this.#expectedXid = xid === XID_MAX ? 1 : xid + 1
    const expected = this.#expected[slot]! - this.#failed[shows]
    const failed = frame.readInt32BE(start + ERROR_AT) !== 0
    const verdict = failed ? 'error' : check(frame, start + BODY_AT, end, expected)
    if (verdict === 'wrong') {
      const hex = frame.toString('hex', start, Math.min(end, start + 200))
      throw new Error(`wrong reply: number ${expected} was expected, ${hex} came`)
    }
    if (verdict === 'error') this.#failed[raises]++
    this.#tally.onReply(nowMs, this.#dueMs[slot]!, verdict === 'error', which)
  }

  #end(why: string): void {
    if (this.#closed) return
    this.close()
    this.#fail(new Error(`connection to port ${this.#port}: ${why}`))
  }
}

function counters(): Record<Counter, number> {
  const names = [...OPERATIONS, 'none'] as const
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<Counter, number>
}
