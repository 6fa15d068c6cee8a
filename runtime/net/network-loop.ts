// The network loop: client sockets on the main thread. Frames that come in become messages to the
// tree and the session manager (client-input.ts); what the tree and the watches actor send becomes
// bytes on sockets. Sockets and time come from a ClientTransport: TCP, or a simulation's.
//
// It never waits for anybody. If a ring is full, it stops reading from sockets. What a socket
// cannot take stays with its connection, which is then not read from either, and is closed if that
// grows too much. Each turn publishes its messages once, and writes to each socket once.

import { JuteReader } from '../../protocol/bytes/jute-reader.ts'
import { UNREAD_BYTES_MAX } from '../../protocol/limits.ts'
import type {
  ConnectionSlot,
  NetworkMessages,
  ServingMode,
} from '../../protocol/messages/network.ts'
import { SESSION_NONE, type SessionId } from '../../protocol/session-id.ts'
import type { Zxid } from '../../protocol/zxid.ts'
import type { AuditTrail } from '../audit/audit-trail.ts'
import { type PasswordOf, sessionPasswords } from '../process/session-passwords.ts'
import type { LastHeardTable } from '../shared/last-heard.ts'
import type { HostClock } from '../thread/actor-host.ts'
import { ClientConnection } from './client-connection.ts'
import { ClientSlots } from './client-slots.ts'
import { ClientInput, type InputHooks } from './input/client-input.ts'
import { Door } from './input/door.ts'
import { connectResponse } from './input/handshake.ts'
import { Refusals } from './input/refusals.ts'
import { LoneWriter } from './lone-writer.ts'
import type { NetworkOptions, NetworkParts } from './network-parts.ts'
import type { LoopRings } from './network-rings.ts'
import { NetworkStats } from './network-stats.ts'
import { Outgoing } from './output/outgoing.ts'
import { OutputBuffers } from './output/output-buffers.ts'
import { statusFrame } from './output/status-frame.ts'
import { Queries } from './queries.ts'
import { type ServerMode, Serving } from './server-mode.ts'
import { Stalled } from './stalled.ts'
import type {
  ClientSocket,
  ClientTransport,
  Listener,
  Proof,
} from './transport/client-transport.ts'
import { Deadlines } from './transport/deadlines.ts'

export class NetworkLoop implements NetworkMessages {
  readonly stats: NetworkStats = new NetworkStats()
  readonly refusals: Refusals
  readonly door: Door
  readonly #clock: HostClock
  readonly #heard: LastHeardTable
  readonly #to: LoopRings
  readonly #input: ClientInput
  readonly #transport: ClientTransport
  readonly #listeners: readonly [Listener, ...Listener[]]
  readonly #slots: ClientSlots = new ClientSlots()
  readonly #deadlines: Deadlines
  readonly #stalled: Stalled
  readonly #buffers: OutputBuffers = new OutputBuffers()
  readonly #outgoing: Outgoing
  readonly #queries: Queries = new Queries(() => this.#scheduleFlush())
  readonly #reader = new JuteReader()
  readonly #serving: Serving
  readonly #passwordOf: PasswordOf
  readonly #audit: AuditTrail | null
  /** Who may be waiting for a write. */
  readonly lone: LoneWriter = new LoneWriter()
  #flushScheduled = false
  configured: NetworkMessages['configured'] = () => undefined
  readonly #flushSoon = (): void => {
    this.#flushScheduled = false
    this.turn()
    if (this.expectsSoon) this.onExpecting()
  }
  /** Called when nothing is left to do but to wait for a reply that is near. */
  onExpecting: () => void = () => undefined

  constructor(
    options: NetworkOptions,
    { clock, heard, rings, transport, command, logger, audit, kerberos }: NetworkParts,
  ) {
    this.#clock = clock
    this.#audit = audit
    this.#heard = heard
    this.#to = rings
    this.#transport = transport
    this.refusals = new Refusals(logger)
    this.#passwordOf = sessionPasswords(options.sessionSecret)
    this.#outgoing = new Outgoing(rings.tree)
    this.door = new Door(options, {
      isFull: () => this.#slots.count >= this.#heard.slots,
      enter: (socket, address, proof) => this.#enter(socket, address, proof),
      refusals: this.refusals,
      stats: this.stats,
      clock,
    })
    this.#deadlines = new Deadlines(options.sessionlessCnxnTimeoutMs)
    this.#serving = new Serving(options.ensemble)
    this.#input = new ClientInput(options, clock, rings, {
      command,
      stats: this.stats,
      refuse: this.refuse,
      audit,
      kerberos,
      passwordOf: this.#passwordOf,
      refusals: this.refusals,
      finish: (connection) => this.#finish(connection),
      serving: this.#serving,
      handshaken: (connection) => this.#deadlines.handshaken(connection),
      after: transport.after,
      lone: this.lone,
    })
    this.#stalled = new Stalled(this.#input, () => rings.blocked)
    this.#listeners = transport.listeners(this.door)
  }

  get connectionCount(): number {
    return this.door.open
  }

  /** Requests under way in the server. */
  get outstanding(): number {
    return this.#input.outstanding
  }

  /** Where clients connect. The system chooses the port if 0 is configured. */
  get port(): number {
    return this.#listeners[0].port
  }

  /** Where clients connect over TLS; -1 if they cannot. */
  get securePort(): number {
    return this.#listeners[1]?.port ?? -1
  }

  /** Whether nothing is as near as the reply to a lone write. */
  get expectsSoon(): boolean {
    return this.lone.waits(this.#input.outstanding, this.#clock.nowMs)
  }

  get isServing(): boolean {
    return this.#serving.isOn
  }

  /** What operators are told. */
  get mode(): ServerMode {
    return this.#serving.mode
  }

  /** Milliseconds since the server began to serve in its present mode. */
  get servingMs(): number {
    return this.#serving.forMs(this.#clock.read())
  }

  connections(): Generator<ClientConnection> {
    return this.#slots.listed()
  }

  /** Opens every port; resolves with the first. */
  async listen(): Promise<number> {
    await Promise.all(this.#listeners.map((listener) => listener.open()))
    return this.port
  }

  /** Asks an actor what only it knows. Yields the parts of the answer, in msgpack. */
  query(kind: number, of: 'tree' | 'sessions'): AsyncGenerator<Uint8Array> {
    return this.#queries.ask(this.#to[of], kind)
  }

  /** Takes up to `limit` messages from the actors. True if there may be more. */
  read(limit: number): boolean {
    this.#clock.advance()
    const count = this.#to.drain(this, limit)
    this.turn()
    this.#to.turned(count)
    return count === limit
  }

  /** Called after every round of messages: writes to sockets, and takes up what had to wait. */
  turn(): void {
    const { nowMs } = this.#clock
    this.stats.settle()
    this.#outgoing.flush(nowMs)
    const excess = this.#outgoing.excess(nowMs)
    if (excess !== null) this.refuse(excess, 'unread-replies', { unread: excess.unsentBytes })
    if (this.#stalled.size > 0) this.#stalled.resume()
    // Nobody rings for room that came meanwhile.
    if (this.#to.flush() && this.#stalled.size > 0) this.#scheduleFlush()
  }

  /** Called every 100 ms or so. */
  heartbeat(): void {
    this.#clock.advance()
    const now = this.#clock.nowMs
    for (const { slot } of this.#stalled.alive()) this.#heard.stamp(slot, now)
    this.#heard.stampAlive(now)
    for (const [connection, reason] of this.#deadlines.overdue(now, this.isServing)) {
      if (reason === 'handshake-timeout') this.stats.sessionlessExpired++
      this.refuse(connection, reason, {})
    }
    this.turn()
  }

  /** Stops accepting. Connections stay. */
  stopListening(): void {
    for (const listener of this.#listeners) void listener.close()
  }

  /** Closes every connection. Resolves when no socket is left. */
  async shutdown(): Promise<void> {
    const closed = this.#listeners.map((listener) => listener.close())
    for (const connection of this.#slots.open()) this.#finish(connection)
    await Promise.all(closed)
  }

  /** Closes a connection that misbehaves; this is counted and logged. */
  readonly refuse: InputHooks['refuse'] = (connection, reason, fields) => {
    this.refusals.refuse(reason, this.#clock.nowMs, { client: connection.client, ...fields })
    this.stats.connectionsDropped++
    connection.state = 'closing'
    this.#outgoing.forget(connection)
    connection.socket.destroy()
  }

  // From the tree, and spliced into it from the watches actor.

  serving(_zxid: Zxid, mode: ServingMode): void {
    this.#serving.begin(mode, this.#clock.nowMs)
  }

  idle(): void {
    this.#serving.end()
    for (const connection of this.#slots.open()) {
      if (connection.state !== 'new') this.#finish(connection)
    }
  }

  connected(slot: ConnectionSlot, sessionId: SessionId, timeoutMs: number): void {
    const connection = this.#slots.get(slot)
    if (connection === undefined || connection.state !== 'connecting') return
    const [{ readOnlyByte: byte }, { isReadOnly }] = [connection, this.#serving]
    const response = connectResponse(sessionId, this.#passwordOf, timeoutMs, byte, isReadOnly)
    connection.gather(response, 0, response.length)
    this.stats.onResponse(response.length)
    if (sessionId === SESSION_NONE) {
      this.#finish(connection)
      return
    }
    this.#outgoing.add(connection)
    connection.state = 'open'
    connection.sessionId = sessionId
    connection.timeoutMs = timeoutMs
    // What followed the handshake waits to be read.
    this.#stalled.add(connection)
  }

  reply(
    slot: ConnectionSlot,
    xid: number,
    zxid: Zxid,
    closeAfter: boolean,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    const connection = this.#slots.get(slot)
    if (connection === undefined || connection.state === 'closing') return
    this.#input.outstanding--
    const { nowMs, wallMs } = this.#clock
    const replyBytes = connection.partBytes + end - start
    connection.onReply(nowMs, wallMs, replyBytes)
    this.#audit?.answered(connection, bytes, start, end)
    this.stats.onReply(connection, replyBytes)
    if (xid >= 0) connection.lastXid = xid
    connection.lastZxid = zxid
    connection.gather(bytes, start, end)
    if (closeAfter) this.#finish(connection)
    else this.#outgoing.add(connection)
  }

  replyPart(slot: ConnectionSlot, bytes: Uint8Array, start: number, end: number): void {
    const connection = this.#slots.get(slot)
    if (connection === undefined || connection.state === 'closing') return
    connection.onPart(bytes, start, end)
    this.#outgoing.add(connection)
  }

  event(bytes: Uint8Array, start: number, end: number): void {
    const reader = this.#reader
    reader.reset(bytes, start, end)
    const count = reader.int()
    const frame = bytes.slice(start + 4 + count * 4, end)
    for (let i = 0; i < count; i++) {
      const connection = this.#slots.get(reader.int())
      if (connection === undefined || connection.state !== 'open') continue
      connection.gatherShared(frame)
      this.stats.onEvent(frame.length)
      this.#outgoing.add(connection)
      if (connection.unsentBytes > UNREAD_BYTES_MAX) this.refuse(connection, 'unread-replies', {})
    }
  }

  close(slot: ConnectionSlot): void {
    const connection = this.#slots.get(slot)
    if (connection === undefined || connection.state === 'closing') return
    this.#finish(connection)
  }

  released(slot: ConnectionSlot): void {
    this.#slots.released(slot)
  }

  answer(queryId: number, isOver: boolean, bytes: Uint8Array, start: number, end: number): void {
    this.#queries.answered(queryId, isOver, bytes, start, end)
  }

  after(mark: number): void {
    this.#to.await(mark)
  }

  passed(mark: number): void {
    this.#to.pass(mark)
  }

  watchResult(slot: ConnectionSlot, error: number): void {
    this.#slots.get(slot)?.watchResults.push(error)
  }

  replyWatchResult(slot: ConnectionSlot, xid: number, zxid: Zxid): void {
    const error = this.#slots.get(slot)?.watchResults.shift()
    if (error === undefined) return
    const frame = statusFrame(xid, zxid, error)
    this.reply(slot, xid, zxid, false, frame, 0, frame.length)
  }

  #enter(socket: ClientSocket, address: string, proof: Proof): void {
    this.#clock.advance()
    const connection = this.#slots.take(
      (slot) => new ClientConnection(slot, socket, address, this.#clock, this.#buffers, proof),
    )
    this.#deadlines.accepted(connection)
    this.#heard.stamp(connection.slot, this.#clock.nowMs)
    socket.on('data', (chunk) => this.#onData(connection, chunk))
    socket.on('error', () => socket.destroy())
    // `echo ruok | nc` has sent everything, and waits for the answer.
    socket.on('end', () => connection.answering || socket.destroy())
    socket.on('drain', () => this.#onDrain(connection))
    socket.on('close', () => this.#onClose(connection))
    this.#scheduleFlush()
  }

  #onData(connection: ClientConnection, chunk: Uint8Array): void {
    this.#clock.advance()
    this.#heard.stamp(connection.slot, this.#clock.nowMs)
    this.stats.bytesReceived += chunk.length
    this.lone.heard(connection, this.#clock.nowMs)
    connection.input.feed(chunk)
    this.#stalled.pump(connection)
    connection.input.keep()
    this.#scheduleFlush()
  }

  #onDrain(connection: ClientConnection): void {
    if (connection.state !== 'closing') this.#outgoing.add(connection)
    this.#scheduleFlush()
  }

  /** Closes the connection once everything gathered has left. */
  #finish(connection: ClientConnection): void {
    this.#deadlines.ending(connection, this.#clock.nowMs)
    connection.finish()
  }

  #onClose(connection: ClientConnection): void {
    connection.state = 'closing'
    connection.answering = false
    this.#input.outstanding -= connection.forgetRequests()
    this.#deadlines.closed(connection)
    this.#audit?.closed(connection)
    connection.sasl?.close()
    this.stats.onGone(connection)
    this.#stalled.delete(connection)
    this.#outgoing.forget(connection)
    this.door.left(connection.address)
    this.#to.tree.closed(connection.slot)
    this.#to.sessions.closed(connection.slot)
    this.#scheduleFlush()
  }

  /** Publishes once for all sockets of this round of the event loop. */
  #scheduleFlush(): void {
    if (this.#flushScheduled) return
    this.#flushScheduled = true
    this.#transport.soon(this.#flushSoon)
  }
}
