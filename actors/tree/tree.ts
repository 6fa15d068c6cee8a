// The data tree actor: owns the znodes and answers for them.
//
//   loading --recovered--> loaded --lead--> (first snapshot) --> serving
//
// A write is validated against the tree as it will be, proposed, and applied when zab says that it
// is committed; then its reply leaves. A read is answered at once from the committed tree, unless
// its connection has a write under way: then it waits for that one, so a client's replies come in
// the order of its requests. Replies go straight to the network loop; a change that somebody may
// watch goes to the watches actor first, and a barrier keeps the reply behind the event.
//
// Answers to ZooKeeperServer with PrepRequestProcessor, FinalRequestProcessor and DataTree.

import { type Acl, writeId } from '../../protocol/acl.ts'
import { assert } from '../../protocol/assert.ts'
import { encodeControl } from '../../protocol/control.ts'
import { ErrorCode } from '../../protocol/error-code.ts'
import { JuteWriter } from '../../protocol/jute-writer.ts'
import type { LogMessages } from '../../protocol/messages/log.ts'
import type { ConnectionSlot, NetworkMessages } from '../../protocol/messages/network.ts'
import { type DigestHistory, type EphemeralDump, Query } from '../../protocol/messages/queries.ts'
import type { SessionsMessages } from '../../protocol/messages/sessions.ts'
import type { TreeMessages } from '../../protocol/messages/tree.ts'
import type { WatchesMessages } from '../../protocol/messages/watches.ts'
import type { ZabMessages } from '../../protocol/messages/zab.ts'
import { OpCode } from '../../protocol/op-code.ts'
import { SESSION_NONE, type SessionId } from '../../protocol/session-id.ts'
import type { WatchFilter } from '../../protocol/watch-filter.ts'
import { formatZxid, type Zxid } from '../../protocol/zxid.ts'
import type { Actor, Clock, Gauge, Journal } from '../actor.ts'
import { Answer } from './answer.ts'
import { Apply } from './apply.ts'
import { type CleanerOptions, expiredNodes } from './cleaner.ts'
import { type Connection, Connections } from './connections.ts'
import { DataTree } from './data-tree.ts'
import { DigestAudit } from './digest-audit.ts'
import { ephemeralDump } from './ephemeral-dump.ts'
import { EventStream } from './event-stream.ts'
import { InFlight, type Proposal } from './in-flight.ts'
import { Outstanding } from './outstanding.ts'
import { Prepare, type PrepareOptions } from './prepare.ts'
import { Propose, type ProposeOptions } from './propose.ts'
import { Read } from './read.ts'
import { SnapshotReader } from './snapshot-reader.ts'
import { type FrozenTree, freeze } from './snapshot-source.ts'

export interface TreeOptions extends PrepareOptions, ProposeOptions, CleanerOptions {}

export interface TreeNeighbours {
  zab: Pick<ZabMessages, 'loaded' | 'propose'>
  log: Pick<LogMessages, 'append'>
  watches: WatchesMessages
  network: TreeNetworkMessages
  sessions: SessionsMessages
  /** Writes a snapshot file of a frozen tree elsewhere; `snapshotTaken` says when it is done. */
  snapshots: { take(frozen: FrozenTree): void }
  /** The operator's log: changes of state only. */
  journal: Journal
}

export interface TreeGauges {
  znodes: Gauge
  ephemerals: Gauge
  approximateBytes: Gauge
  lastZxid: Gauge
  sessions: Gauge
  outstanding: Gauge
  digestMismatches: Gauge
}

/** What the network loop hears from the tree. */
type TreeNetworkMessages = Omit<NetworkMessages, 'event' | 'passed'>

type Phase = 'loading' | 'loaded' | 'starting' | 'serving'

/** Proposals under way that count as few. */
const LONE_WRITES = 2
/** For a session that owns nodes but is in no session table: it expires like any other. */
const ORPHAN_TIMEOUT_MS = 10_000

export class Tree implements Actor, TreeMessages {
  readonly name = 'tree'
  readonly #options: TreeOptions
  readonly #clock: Clock
  readonly #to: TreeNeighbours
  readonly #gauges: TreeGauges
  readonly #connections: Connections = new Connections()
  readonly #inFlight: InFlight = new InFlight()
  readonly #body: JuteWriter = new JuteWriter()
  readonly #events: EventStream
  readonly #audit: DigestAudit
  #phase: Phase = 'loading'
  #data!: DataTree
  #apply!: Apply
  #outstanding!: Outstanding
  #propose!: Propose
  #answer!: Answer
  #loader: SnapshotReader | null = null
  #lastZxid: Zxid = 0 as Zxid
  #hasSnapshot = false
  #snapshotUnderWay = false
  #nextCleanMs = 0
  /** Who gets the reply of the transaction being applied. */
  #replyingTo: Connection | null = null

  constructor(
    options: TreeOptions,
    clock: Clock,
    neighbours: TreeNeighbours,
    filter: WatchFilter,
    gauges: TreeGauges,
  ) {
    this.#options = options
    this.#clock = clock
    this.#to = neighbours
    this.#gauges = gauges
    this.#audit = new DigestAudit(neighbours.journal, gauges.digestMismatches)
    this.#events = new EventStream(neighbours.watches, neighbours.network, filter)
    this.#clear()
    this.#data.plant()
  }

  get lastZxid(): Zxid {
    return this.#lastZxid
  }

  /** The committed tree, for checkers and tests. */
  get data(): DataTree {
    return this.#data
  }

  tick(): void {
    if (this.#phase !== 'serving') return
    this.#nextCleanMs = this.#clock.nowMs + this.#options.checkIntervalMs
    for (const path of expiredNodes(this.#data, this.#clock.wallMs, this.#options)) {
      this.#propose.deleteContainer(path)
    }
  }

  nextTickMs(): number {
    return this.#phase === 'serving' ? this.#nextCleanMs : Number.POSITIVE_INFINITY
  }

  endTurn(): boolean {
    this.#events.settle()
    this.#gauges.znodes.set(this.#data.store.count + 1)
    this.#gauges.ephemerals.set(this.#data.ephemeralCount)
    this.#gauges.approximateBytes.set(this.#data.approximateBytes)
    this.#gauges.lastZxid.set(this.#lastZxid)
    this.#gauges.sessions.set(this.#data.sessions.count)
    this.#gauges.outstanding.set(this.#inFlight.count)
    return false
  }

  /** A lone write is back from the log before a parked thread would be awake. */
  expectsSoon(): boolean {
    return this.#inFlight.count > 0 && this.#inFlight.count <= LONE_WRITES
  }

  describe(): string {
    const zxid = formatZxid(this.#lastZxid)
    return `tree ${this.#phase} at ${zxid}, ${this.#data.store.count} nodes, ${this.#inFlight.count} proposals in flight`
  }

  // From the network loop.

  opened(slot: ConnectionSlot, address: string): void {
    this.#connections.open(slot, address)
    this.#tellIdentities(slot)
  }

  request(
    slot: ConnectionSlot,
    xid: number,
    opCode: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    const connection = this.#connections.get(slot)
    if (connection?.session === undefined) return
    if (opCode === OpCode.closeSession) {
      this.#propose.closeSession(connection.session, connection, xid)
    } else if (this.#answer.isWrite(opCode)) {
      this.#propose.request(connection, xid, opCode, bytes, start, end)
    } else {
      this.#answer.read(connection, xid, opCode, bytes, start, end)
    }
  }

  identified(slot: ConnectionSlot, scheme: string, id: string): void {
    const identities = this.#connections.get(slot)?.identities
    if (identities === undefined) return
    if (identities.some((known) => known.scheme === scheme && known.id === id)) return
    identities.push({ scheme, id })
    this.#tellIdentities(slot)
  }

  authenticated(slot: ConnectionSlot, xid: number, accepted: boolean): void {
    const connection = this.#connections.get(slot)
    if (connection === undefined) return
    const error = accepted ? ErrorCode.ok : ErrorCode.authFailed
    this.#body.reset()
    this.#answer.send(connection, xid, 0 as Zxid, error, this.#body, !accepted)
  }

  closed(slot: ConnectionSlot): void {
    this.#connections.close(slot)
    this.#events.closed(slot)
    this.#to.network.released(slot)
  }

  query(queryId: number, kind: number): void {
    if (kind === Query.ephemerals) this.#reply(queryId, ephemeralDump(this.#data))
    else if (kind === Query.digests) this.#reply(queryId, this.#audit.history)
    else this.#events.query(queryId, kind)
  }

  snapshotTaken(_zxid: Zxid): void {
    this.#data.store.nodes.thaw()
    this.#data.store.valuePages.thaw()
    this.#snapshotUnderWay = false
    this.#hasSnapshot = true
    if (this.#phase === 'starting') this.#serve()
  }

  // From the session manager.

  createSession(
    slot: ConnectionSlot,
    sessionId: SessionId,
    timeoutMs: number,
    lastZxidSeen: Zxid,
  ): void {
    const connection = this.#connections.expect(slot)
    if (this.#isAhead(lastZxidSeen)) {
      this.#to.sessions.sessionClosed(sessionId)
      this.#closeSocket(slot)
      return
    }
    const session = { id: sessionId, timeoutMs, ephemerals: new Set<number>(), closing: false }
    this.#propose.createSession(session, connection, timeoutMs)
  }

  attach(slot: ConnectionSlot, sessionId: SessionId, timeoutMs: number, lastZxidSeen: Zxid): void {
    const connection = this.#connections.expect(slot)
    const session = this.#data.sessions.get(sessionId)
    if (this.#isAhead(lastZxidSeen)) {
      this.#closeSocket(slot)
    } else if (session === undefined || session.closing) {
      this.refuse(slot)
    } else {
      this.#connections.attach(connection, session)
      this.#events.attached(slot, sessionId)
      this.#events.settle()
      this.#to.network.connected(slot, sessionId, timeoutMs)
    }
  }

  refuse(slot: ConnectionSlot): void {
    this.#to.network.connected(slot, SESSION_NONE, 0)
  }

  detach(slot: ConnectionSlot): void {
    const connection = this.#connections.get(slot)
    if (connection === undefined) return
    this.#connections.detach(connection)
    this.#closeSocket(slot)
  }

  expire(sessionId: SessionId): void {
    const session = this.#data.sessions.get(sessionId)
    if (session === undefined) this.#to.sessions.sessionClosed(sessionId)
    else if (!session.closing) this.#propose.closeSession(session, null, 0)
  }

  answer(queryId: number, bytes: Uint8Array, start: number, end: number): void {
    this.#to.network.answer(queryId, bytes, start, end)
  }

  // From zab.

  committed(zxid: Zxid): void {
    for (;;) {
      const proposal = this.#inFlight.takeUpTo(zxid)
      if (proposal === undefined) break
      this.#commit(proposal)
    }
    this.#outstanding.settle(zxid)
  }

  apply(zxid: Zxid, bytes: Uint8Array, start: number, end: number): void {
    this.#body.reset()
    this.#applyTxn(zxid, bytes, start, end)
  }

  lead(zxid: Zxid, alone: boolean): void {
    assert(this.#phase === 'loaded', 'lead before everything was loaded')
    this.#propose.begin(
      zxid,
      alone ? this.#to.log : { append: this.#to.zab.propose.bind(this.#to.zab) },
    )
    this.#outstanding.reset()
    this.#phase = 'starting'
    if (this.#hasSnapshot) this.#serve()
    else this.#takeSnapshot()
  }

  // From the log.

  snapshotBegin(_zxid: Zxid): void {
    this.#clear()
    this.#hasSnapshot = true
    this.#loader = new SnapshotReader(this.#data)
  }

  snapshotPiece(bytes: Uint8Array, start: number, end: number): void {
    this.#loader?.piece(bytes, start, end)
  }

  snapshotEnd(zxid: Zxid): void {
    assert(this.#loader !== null, 'end of a snapshot that never began')
    const digest = this.#loader.end()
    this.#loader = null
    this.#lastZxid = zxid
    this.#audit.loaded(this.#options.digestEnabled ? digest : null, zxid, this.#data.digest)
  }

  replay(zxid: Zxid, bytes: Uint8Array, start: number, end: number): void {
    this.#body.reset()
    this.#applyTxn(zxid, bytes, start, end)
  }

  recovered(zxid: Zxid): void {
    assert(zxid >= this.#lastZxid, 'the log ends before the snapshot')
    this.#lastZxid = zxid
    this.#phase = 'loaded'
    this.#data.adoptOrphans(ORPHAN_TIMEOUT_MS)
    for (const { id, timeoutMs } of this.#data.sessions.all()) {
      this.#to.sessions.sessionOpened(id, timeoutMs)
    }
    this.#to.zab.loaded(zxid)
  }

  snapshotDue(): void {
    if (!this.#snapshotUnderWay) this.#takeSnapshot()
  }

  snapshotNow(_zxid: Zxid): void {
    if (!this.#snapshotUnderWay) this.#takeSnapshot()
  }

  /** In an ensemble it is passed on to zab, behind what was told before. */
  settled(): void {}

  // Inside.

  /** A client that has seen more than we have must find another server. */
  #isAhead(lastZxidSeen: Zxid): boolean {
    return lastZxidSeen > this.#lastZxid
  }

  #commit(proposal: Proposal): void {
    const connection = proposal.connection
    this.#replyingTo = connection
    this.#body.reset()
    const error = this.#applyTxn(proposal.zxid, proposal.bytes, proposal.start, proposal.end)
    this.#replyingTo = null
    if (connection?.open) this.#replyTo(connection, proposal, error)
    for (const read of proposal.deferred ?? []) this.#answer.deferred(read)
  }

  #replyTo(connection: Connection, proposal: Proposal, error: ErrorCode): void {
    if (proposal.opCode === OpCode.createSession) {
      const id = this.#apply.header?.sessionId ?? SESSION_NONE
      const session = this.#data.sessions.get(id)
      assert(session !== undefined, 'a created session is missing')
      this.#connections.attach(connection, session)
      this.#events.attached(connection.slot, id)
      this.#to.network.connected(connection.slot, id, session.timeoutMs)
      return
    }
    const last = proposal.opCode === OpCode.closeSession
    this.#answer.send(connection, proposal.xid, this.#lastZxid, error, this.#body, last)
  }

  #applyTxn(zxid: Zxid, bytes: Uint8Array, start: number, end: number): ErrorCode {
    const error = this.#apply.transaction(bytes, start, end, this.#body)
    this.#lastZxid = zxid
    if (this.#options.digestEnabled) {
      this.#audit.applied(zxid, this.#data.digest, this.#apply.expectedDigest())
    }
    return error
  }

  #takeSnapshot(): void {
    this.#snapshotUnderWay = true
    this.#to.snapshots.take(freeze(this.#data, this.#lastZxid))
  }

  #serve(): void {
    this.#phase = 'serving'
    this.#nextCleanMs = this.#clock.nowMs + this.#options.checkIntervalMs
    this.#to.sessions.serving(this.#lastZxid)
    this.#to.network.serving(this.#lastZxid)
  }

  /** An empty tree, and everything that works on it. */
  #clear(): void {
    const options = this.#options
    this.#data = new DataTree(options, { changed: (...change) => this.#changed(...change) })
    this.#apply = new Apply(this.#data, {
      sessionOpened: (id, timeoutMs) => this.#sessionOpened(id, timeoutMs),
      sessionClosed: (id) => this.#sessionClosed(id),
    })
    this.#outstanding = new Outstanding(this.#data)
    const prepare = new Prepare(this.#data, this.#outstanding, options)
    this.#propose = new Propose(this.#outstanding, prepare, this.#inFlight, this.#clock, options)
    const read = new Read(this.#data, options)
    this.#answer = new Answer(this.#data, read, this.#inFlight, {
      events: this.#events,
      network: this.#to.network,
      lastZxid: () => this.#lastZxid,
    })
    this.#lastZxid = 0 as Zxid
  }

  #changed(
    eventType: number,
    zxid: Zxid,
    bytes: Uint8Array,
    start: number,
    end: number,
    nodeAcls: readonly Acl[] | null,
    parentAcls: readonly Acl[] | null,
  ): void {
    if (this.#phase === 'loading') return
    this.#events.changed(eventType, zxid, bytes, start, end, nodeAcls, parentAcls)
  }

  /** After every event that was due to the connection. */
  #closeSocket(slot: ConnectionSlot): void {
    this.#events.settle()
    this.#to.network.close(slot)
  }

  #sessionOpened(id: SessionId, timeoutMs: number): void {
    if (this.#phase !== 'loading') this.#to.sessions.sessionOpened(id, timeoutMs)
  }

  #sessionClosed(id: SessionId): void {
    if (this.#phase === 'loading') return
    this.#to.sessions.sessionClosed(id)
    const connection = this.#connections.endSession(id)
    // The client that asked for it is closed with its reply.
    if (connection !== undefined && connection !== this.#replyingTo) this.detach(connection.slot)
  }

  #tellIdentities(slot: ConnectionSlot): void {
    const connection = this.#connections.get(slot)
    if (connection === undefined) return
    this.#body.reset()
    this.#body.vector(connection.identities, writeId)
    this.#events.identities(slot, this.#body.bytes, 0, this.#body.length)
  }

  #reply(queryId: number, answer: EphemeralDump | DigestHistory): void {
    const bytes = encodeControl(answer)
    this.#to.network.answer(queryId, bytes, 0, bytes.length)
  }
}
