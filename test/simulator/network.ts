// The network loop without sockets: what runtime/net/network-loop.ts does with bytes, done with
// frames. It reads from a connection only while the actors have room, keeps the table of
// last-heard times, and gives a slot out again when it was released RELEASES times.

import type { ServerOptions } from '../../config/options.ts'
import type { LogMessages } from '../../protocol/messages/log.ts'
import {
  type ConnectionSlot,
  type NetworkMessages,
  RELEASES,
} from '../../protocol/messages/network.ts'
import type { SessionsMessages } from '../../protocol/messages/sessions.ts'
import type { TreeClientMessages } from '../../protocol/messages/tree.ts'
import { SESSION_NONE, type SessionId } from '../../protocol/session-id.ts'
import type { Zxid } from '../../protocol/zxid.ts'
import { NetworkPort, touchMsMaxOf } from '../../runtime/net/network-port.ts'
import { statusFrame } from '../../runtime/net/status-frame.ts'
import type { LastHeardTable } from '../../runtime/shared/last-heard.ts'
import type { HostClock } from '../../runtime/thread/actor-host.ts'
import type { Wiring } from '../../runtime/topology.ts'
import { check } from './event-log.ts'

/** What a client has put on the wire. */
export type ClientFrame =
  | { kind: 'connect'; sessionId: SessionId; password: Uint8Array; timeoutMs: number; seen: Zxid }
  | { kind: 'auth'; xid: number; scheme: string; id: string }
  | { kind: 'request'; xid: number; opCode: number; record: Uint8Array }

/** The client's end of a connection. */
export interface ClientEnd {
  onConnected(sessionId: SessionId, timeoutMs: number): void
  /** Without the length prefix. */
  onReply(bytes: Uint8Array, start: number, end: number): void
  onEvent(bytes: Uint8Array, start: number, end: number): void
  onClosed(): void
}

export class SimulatedConnection {
  readonly client: ClientEnd
  readonly address: string
  /** Sent by the client, not yet read. */
  readonly input: ClientFrame[] = []
  state: 'new' | 'accepted' | 'connecting' | 'open' | 'closed' = 'new'
  /** The client has hung up. */
  hungUp = false
  slot: ConnectionSlot = -1
  outstanding = 0
  releases = 0
  readonly watchResults: number[] = []
  /** Of a reply that is coming. */
  readonly parts: Uint8Array[] = []
  sessionId: SessionId = SESSION_NONE
  /** When the server last read from it. */
  heardMs = 0

  constructor(client: ClientEnd, address: string) {
    this.client = client
    this.address = address
  }
}

const HEARTBEAT_MS = 100
const FRAMES_A_TURN = 64

export class SimulatedNetwork implements NetworkMessages {
  isServing = false
  /** Whether it may close connections during their handshake. */
  mayRefuse = false
  outstanding = 0
  readonly toTree: TreeClientMessages
  readonly toLog: LogMessages
  readonly #toSessions: SessionsMessages
  readonly #port: NetworkPort
  readonly #clock: HostClock
  readonly #heard: LastHeardTable
  readonly #outstandingMax: number
  readonly #slots: (SimulatedConnection | undefined)[] = []
  #connections: readonly SimulatedConnection[] = []
  readonly #freeSlots: ConnectionSlot[] = []
  readonly #accepting: SimulatedConnection[] = []
  #heartbeatMs = 0

  constructor(wiring: Wiring, clock: HostClock, heard: LastHeardTable, options: ServerOptions) {
    this.#port = new NetworkPort(wiring, clock, heard, touchMsMaxOf(options))
    this.toTree = this.#port.tree
    this.#toSessions = this.#port.sessions
    this.toLog = this.#port.log
    this.#clock = clock
    this.#heard = heard
    this.#outstandingMax = options.globalOutstandingLimit
  }

  /** Those whose slot has not been given back. */
  get connections(): readonly SimulatedConnection[] {
    return this.#connections
  }

  /** A client knocks; it is accepted in the loop's next turn. */
  open(connection: SimulatedConnection): void {
    this.#accepting.push(connection)
  }

  /** True when more messages may be waiting. */
  turn(): boolean {
    this.#clock.advance()
    const drained = this.#port.drain(this, FRAMES_A_TURN)
    for (const connection of this.#accepting.splice(0)) this.#accept(connection)
    for (const connection of this.connections) {
      this.#read(connection)
      if (connection.hungUp && connection.state !== 'closed') this.#closed(connection)
    }
    if (this.#clock.nowMs >= this.#heartbeatMs) this.#heartbeat()
    this.#port.flush()
    return drained === FRAMES_A_TURN
  }

  /** The process is gone, and every socket with it. */
  die(): void {
    const connections = [...this.connections, ...this.#accepting]
    for (const connection of connections) {
      if (connection.state === 'closed') continue
      connection.state = 'closed'
      connection.client.onClosed()
    }
  }

  #accept(connection: SimulatedConnection): void {
    const slot = this.#freeSlots.pop() ?? this.#slots.length
    connection.slot = slot
    connection.state = 'accepted'
    this.#slots[slot] = connection
    this.#recount()
    this.#stamp(connection)
  }

  #recount(): void {
    this.#connections = this.#slots.filter((connection) => connection !== undefined)
  }

  #read(connection: SimulatedConnection): void {
    if (connection.input.length > 0 && connection.state !== 'closed') this.#stamp(connection)
    while (connection.input.length > 0 && !this.#mustWait(connection)) {
      if (connection.state === 'accepted' && !this.isServing) return
      this.#handle(connection, connection.input.shift()!)
    }
  }

  #mustWait(connection: SimulatedConnection): boolean {
    if (connection.state === 'connecting' || connection.state === 'closed') return true
    if (this.#port.blocked) return true
    return this.outstanding >= this.#outstandingMax && connection.outstanding > 0
  }

  #handle(connection: SimulatedConnection, frame: ClientFrame): void {
    const { slot } = connection
    if (frame.kind === 'connect') {
      connection.state = 'connecting'
      const { password } = frame
      this.toTree.opened(slot, connection.address)
      this.#toSessions.connect(
        slot,
        frame.seen,
        frame.timeoutMs,
        frame.sessionId,
        password,
        0,
        password.length,
      )
      return
    }
    connection.outstanding++
    this.outstanding++
    if (frame.kind === 'auth') {
      this.toTree.identified(slot, frame.scheme, frame.id)
      this.toTree.authenticated(slot, frame.xid, true)
    } else {
      const { record } = frame
      this.toTree.request(slot, frame.xid, frame.opCode, record, 0, record.length)
    }
  }

  #heartbeat(): void {
    this.#heartbeatMs = this.#clock.nowMs + HEARTBEAT_MS
    for (const connection of this.connections) {
      if (connection.input.length > 0 && connection.state !== 'closed') this.#stamp(connection)
    }
    this.#heard.stampAlive(this.#clock.nowMs)
  }

  #stamp(connection: SimulatedConnection): void {
    connection.heardMs = this.#clock.nowMs
    this.#heard.stamp(connection.slot, this.#clock.nowMs)
  }

  #closed(connection: SimulatedConnection): void {
    if (connection.state === 'closed') return
    connection.state = 'closed'
    connection.input.length = 0
    this.outstanding -= connection.outstanding
    connection.outstanding = 0
    this.toTree.closed(connection.slot)
    this.#toSessions.closed(connection.slot)
    if (!connection.hungUp) connection.client.onClosed()
  }

  // From the tree, and spliced into it from the watches actor.

  idle(): void {
    this.isServing = false
    for (const connection of this.connections) {
      if (connection.state !== 'accepted') this.#closed(connection)
    }
  }

  serving(_zxid: Zxid): void {
    this.isServing = true
  }

  connected(slot: ConnectionSlot, sessionId: SessionId, timeoutMs: number): void {
    const connection = this.#slots[slot]
    if (connection === undefined || connection.state !== 'connecting') return
    connection.state = 'open'
    connection.sessionId = sessionId
    if (!connection.hungUp) connection.client.onConnected(sessionId, timeoutMs)
    if (sessionId === SESSION_NONE) this.#closed(connection)
  }

  reply(
    slot: ConnectionSlot,
    xid: number,
    _zxid: Zxid,
    closeAfter: boolean,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    const connection = this.#slots[slot]
    if (connection === undefined || connection.state === 'closed') return
    if (connection.parts.length > 0) {
      const whole = Buffer.concat([...connection.parts.splice(0), bytes.subarray(start, end)])
      this.reply(slot, xid, _zxid, closeAfter, whole, 0, whole.length)
      return
    }
    checkPrefix(bytes, start, end)
    this.toTree.taken(slot, end - start)
    check(connection.outstanding > 0, () => `reply ${xid} to slot ${slot}, which asked nothing`)
    connection.outstanding--
    this.outstanding--
    if (!connection.hungUp) connection.client.onReply(bytes, start + 4, end)
    if (closeAfter) this.#closed(connection)
  }

  /** Taken in pieces as small as a client likes. */
  replyPart(slot: ConnectionSlot, bytes: Uint8Array, start: number, end: number): void {
    this.#slots[slot]?.parts.push(bytes.slice(start, end))
  }

  after(mark: number): void {
    this.#port.await(mark)
  }

  passed(mark: number): void {
    this.#port.pass(mark)
  }

  watchResult(slot: ConnectionSlot, error: number): void {
    this.#slots[slot]?.watchResults.push(error)
  }

  replyWatchResult(slot: ConnectionSlot, xid: number, zxid: Zxid): void {
    const error = this.#slots[slot]?.watchResults.shift()
    if (error === undefined) return
    const frame = statusFrame(xid, zxid, error)
    this.reply(slot, xid, zxid, false, frame, 0, frame.length)
  }

  event(bytes: Uint8Array, start: number, end: number): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset + start, end - start)
    const count = view.getInt32(0)
    const frameStart = start + 4 + count * 4
    checkPrefix(bytes, frameStart, end)
    for (let i = 0; i < count; i++) {
      const connection = this.#slots[view.getInt32(4 + i * 4)]
      if (connection?.state !== 'open' || connection.hungUp) continue
      connection.client.onEvent(bytes, frameStart + 4, end)
    }
  }

  close(slot: ConnectionSlot): void {
    const connection = this.#slots[slot]
    if (connection === undefined) return
    // To a client that has seen more than the server: on its own, there is none.
    check(connection.state !== 'connecting' || this.mayRefuse, () => {
      return `slot ${slot} closed during its handshake`
    })
    this.#closed(connection)
  }

  released(slot: ConnectionSlot): void {
    const connection = this.#slots[slot]
    if (connection === undefined) return
    connection.releases++
    check(connection.state === 'closed', () => `slot ${slot} released while open`)
    if (connection.releases < RELEASES) return
    this.#slots[slot] = undefined
    this.#recount()
    this.#freeSlots.push(slot)
  }

  answer(): void {}
}

function checkPrefix(bytes: Uint8Array, start: number, end: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, 4)
  check(view.getInt32(0) === end - start - 4, () => 'length prefix of a client frame')
}
