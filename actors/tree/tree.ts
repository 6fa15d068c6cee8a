// The data tree actor: owns the znodes and answers for them.
//
// A write is validated against the tree as it will be, proposed, and applied once it is committed;
// then its reply leaves (role.ts has the roles, requests.ts the way of a request in each). A read
// is answered from the committed tree. Replies go straight to the network loop. A change that
// somebody may watch goes to the watches actor first; a barrier keeps the reply behind the event.
//
// Corresponds to ZooKeeperServer with PrepRequestProcessor, FinalRequestProcessor and DataTree.

import { assert } from '../../protocol/assert.ts'
import type { ErrorCode } from '../../protocol/error-code.ts'
import { UNREAD_BYTES_MAX } from '../../protocol/limits.ts'
import type { ConnectionSlot } from '../../protocol/messages/network.ts'
import type { TreeMessages } from '../../protocol/messages/tree.ts'
import type { Link } from '../../protocol/messages/zab.ts'
import { OpCode } from '../../protocol/op-code.ts'
import { readServerIds } from '../../protocol/quorum/server-id.ts'
import type { SessionId } from '../../protocol/session-id.ts'
import type { WatchFilter } from '../../protocol/watch-filter.ts'
import { formatZxid, type Zxid } from '../../protocol/zxid.ts'
import { type Actor, type Clock, isLone } from '../actor.ts'
import { type Connection, Connections } from './clients/connections.ts'
import { EventStream } from './clients/event-stream.ts'
import { Handshakes } from './clients/handshakes.ts'
import { Requests } from './clients/requests.ts'
import { show, type TreeGauges } from './gauges.ts'
import type { TreeNeighbours, TreeOptions } from './options.ts'
import { TreeQueries } from './queries.ts'
import { Role } from './role.ts'
import { SnapshotLoader } from './snapshot/snapshot-loader.ts'
import { SnapshotScheduler } from './snapshot/snapshot-scheduler.ts'
import type { DataTree } from './store/data-tree.ts'
import { TreeWorkers } from './tree-workers.ts'
import { Committed } from './writes/committed.ts'
import { DigestAudit } from './writes/digest-audit.ts'
import { InFlight } from './writes/in-flight.ts'
import { WriteTimes } from './writes/write-times.ts'

export class Tree implements Actor, TreeMessages {
  readonly name = 'tree'
  readonly #options: TreeOptions
  readonly #clock: Clock
  readonly #to: TreeNeighbours
  readonly #gauges: TreeGauges
  readonly #connections: Connections = new Connections()
  readonly #inFlight: InFlight = new InFlight()
  readonly #requests: Requests
  readonly #handshakes: Handshakes
  readonly #snapshots: SnapshotScheduler
  readonly #committed: Committed
  readonly #events: EventStream
  readonly #audit: DigestAudit
  readonly #queries: TreeQueries
  readonly #role: Role
  #parts: TreeWorkers
  #loader: SnapshotLoader | null = null
  #isRecovering = true
  #cleanedMs = 0

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
    this.#queries = new TreeQueries(this.#audit, neighbours.zab, {
      answer: (...part) => this.answer(...part),
      passOn: (queryId, kind) => this.#events.query(queryId, kind),
      snapshot: () => this.#snapshots.file(),
    })
    this.#events = new EventStream(neighbours.watches, neighbours.network, filter, options.skipAcl)
    this.#requests = new Requests(
      this.#inFlight,
      neighbours.zab,
      this.#connections,
      () => this.#parts,
      (connection) => this.#overdrawn(connection),
    )
    this.#snapshots = new SnapshotScheduler(neighbours.snapshots, () => ({
      data: this.#parts.data,
      zxid: this.#committed.lastZxid,
      isFuzzy: this.#audit.isFuzzy,
    }))
    const newestZxid = (): Zxid => Math.max(this.#committed.lastZxid, this.#role.epochZxid) as Zxid
    const hosts = { connections: this.#connections, requests: this.#requests, events: this.#events }
    this.#handshakes = new Handshakes(neighbours, hosts, () => this.#parts, newestZxid)
    const times = new WriteTimes(options, clock, neighbours.journal, gauges.times)
    this.#committed = new Committed(options, this.#inFlight, this.#audit, times, {
      requests: this.#requests,
      handshakes: this.#handshakes,
      parts: () => this.#parts,
      detach: ({ slot }) => this.detach(slot),
      reconfigured: () => this.#role.reconfigured(),
      ownedDeleted: neighbours.ownedDeleted,
    })
    this.#role = new Role(options, clock, neighbours, {
      ...hosts,
      handshakes: this.#handshakes,
      snapshots: this.#snapshots,
      committed: this.#committed,
      audit: this.#audit,
      workers: () => this.#parts,
    })
    this.#parts = this.#emptyTree()
    this.#parts.data.plant()
  }

  get lastZxid(): Zxid {
    return this.#committed.lastZxid
  }

  get data(): DataTree {
    return this.#parts.data
  }

  tick(): void {
    if (!this.#role.proposes) return
    this.#cleanedMs = this.#clock.nowMs
    this.#parts.clean(this.#options)
  }

  nextTickMs(): number {
    if (!this.#role.proposes) return Number.POSITIVE_INFINITY
    return Math.max(this.#cleanedMs, this.#role.sinceMs) + this.#options.containerCheckIntervalMs
  }

  endTurn(): boolean {
    let isMore = this.#requests.turn()
    if (this.#role.proposes && this.#parts.proposals.turn()) isMore = true
    this.#committed.applyReady()
    this.#events.emitBarrier()
    show(this.#gauges, this.#parts.data, this.lastZxid, this.#requests.count)
    this.#committed.count(this.#gauges)
    return isMore
  }

  /** Watches may be full of events that the network loop takes only once it hears of their mark. */
  whileBlocked(): void {
    this.#events.emitBarrier()
  }

  get isHeld(): boolean {
    return this.#requests.isReading
  }

  /** A lone write is back from the log before a parked thread would be awake. */
  expectsSoon(): boolean {
    return isLone(this.#requests.count)
  }

  describe(): string {
    const zxid = formatZxid(this.#committed.lastZxid)
    return `tree ${this.#role.phase} at ${zxid}, ${this.#parts.data.store.count} nodes, ${this.#requests.count} requests under way`
  }

  // From the network loop.

  opened(slot: ConnectionSlot, address: string): void {
    this.#handshakes.opened(slot, address)
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
    const ends = opCode === OpCode.closeSession && this.#requests.route === 'read-only'
    if (ends) this.#handshakes.closeHere(connection)
    this.#requests.arrived(connection, xid, opCode, bytes, start, end)
  }

  identified(slot: ConnectionSlot, scheme: string, id: string): void {
    this.#handshakes.identified(slot, { scheme, id })
  }

  authenticated(slot: ConnectionSlot, xid: number, error: ErrorCode, bySasl: boolean): void {
    const connection = this.#connections.get(slot)
    if (connection !== undefined) this.#requests.authenticated(connection, xid, error, bySasl)
  }

  taken(slot: ConnectionSlot, bytes: number): void {
    const connection = this.#connections.get(slot)
    if (connection !== undefined) connection.unread = Math.max(0, connection.unread - bytes)
  }

  closed(slot: ConnectionSlot): void {
    const connection = this.#connections.get(slot)
    if (connection !== undefined) this.#requests.dropped(connection)
    this.#connections.close(slot)
    this.#events.closed(slot)
    this.#to.network.released(slot)
  }

  query(queryId: number, kind: number): void {
    this.#queries.query(queryId, kind, this.#parts.data)
  }

  pagesReleased(_zxid: Zxid): void {
    this.#snapshots.saved()
    this.#role.pagesReleased()
  }

  // From the session manager.

  createSession(
    slot: ConnectionSlot,
    sessionId: SessionId,
    timeoutMs: number,
    lastZxidSeen: Zxid,
  ): void {
    this.#handshakes.create(slot, sessionId, timeoutMs, lastZxidSeen)
  }

  attach(slot: ConnectionSlot, sessionId: SessionId, timeoutMs: number, lastZxidSeen: Zxid): void {
    this.#handshakes.attach(slot, sessionId, timeoutMs, lastZxidSeen)
  }

  refuse(slot: ConnectionSlot, lastZxidSeen: Zxid): void {
    this.#handshakes.unknown(slot, lastZxidSeen)
  }

  detach(slot: ConnectionSlot): void {
    const connection = this.#connections.get(slot)
    if (connection === undefined) return
    this.#connections.detach(connection)
    this.#handshakes.closeSocket(slot)
  }

  expire(sessionId: SessionId): void {
    // The session manager may not have heard yet that we no longer lead.
    if (!this.#role.proposes) return
    if (!this.#parts.expire(sessionId)) this.#to.sessions.sessionClosed(sessionId)
  }

  answer(queryId: number, isOver: boolean, bytes: Uint8Array, start: number, end: number): void {
    this.#to.network.answer(queryId, isOver, bytes, start, end)
  }

  // From zab.

  committed(zxid: Zxid): void {
    this.#committed.upTo(zxid)
  }

  apply(zxid: Zxid, bytes: Uint8Array, start: number, end: number): void {
    const { high, low, cxid } = this.#parts.transactions.clientOf(bytes, start, end)
    const find = (id: SessionId): Connection | undefined => this.#connections.ofSession(id)
    this.#committed.apply(zxid, bytes, start, end, this.#requests.answeredBy(high, low, cxid, find))
  }

  lead(zxid: Zxid, alone: boolean): void {
    this.#whole.lead(zxid, alone)
  }

  follow(zxid: Zxid): void {
    this.#whole.follow(zxid)
  }

  readOnly(on: boolean): void {
    this.#role.readOnly(on)
  }

  config(bytes: Uint8Array, start: number, end: number): void {
    this.#role.config(bytes.slice(start, end))
  }

  supporters(bytes: Uint8Array, start: number, end: number): void {
    this.#parts.preparation.supporters = readServerIds(bytes, start, end)
  }

  idle(): void {
    this.#role.idle()
  }

  forwarded(link: Link, dataBytes: number, bytes: Uint8Array, start: number, end: number): void {
    if (this.#role.leads) this.#parts.learners.forwarded(link, dataBytes, bytes, start, end)
  }

  revalidation(link: Link, sessionId: SessionId, timeoutMs: number): void {
    if (this.#role.leads) this.#parts.learners.revalidation(link, sessionId, timeoutMs)
  }

  revalidated(sessionId: SessionId, valid: boolean): void {
    this.#handshakes.revalidated(sessionId, valid)
  }

  synchronized(): void {
    this.#requests.synchronized()
  }

  // From the log.

  loading(): void {
    this.#isRecovering = true
    this.#parts = this.#emptyTree()
    this.#parts.data.plant()
    this.#loader = null
  }

  snapshotBegin(_zxid: Zxid): void {
    this.#parts = this.#emptyTree()
    this.#snapshots.replaced(null)
    this.#loader = new SnapshotLoader(this.#parts.data)
  }

  snapshotPiece(bytes: Uint8Array, start: number, end: number): void {
    assert(this.#loader !== null, 'a piece of a snapshot that never began')
    this.#loader.piece(bytes, start, end)
  }

  snapshotEnd(zxid: Zxid): void {
    assert(this.#loader !== null, 'end of a snapshot that never began')
    const digest = this.#loader.end()
    this.#loader = null
    this.#committed.lastZxid = zxid
    this.#audit.loaded(this.#options.digestEnabled ? digest : null, zxid, this.#parts.data.digest)
    this.#snapshots.replaced(zxid)
    this.#role.configLoaded()
  }

  replay(zxid: Zxid, bytes: Uint8Array, start: number, end: number): void {
    this.#committed.transaction(zxid, bytes, start, end)
    if (this.#parts.transactions.reconfigures) this.#role.configLoaded()
  }

  recovered(zxid: Zxid): void {
    assert(this.#isRecovering, 'recovered twice')
    assert(zxid >= this.#committed.lastZxid, 'the log ends before the snapshot')
    this.#committed.lastZxid = zxid
    this.#isRecovering = false
    this.#snapshots.recovered()
    this.#whole.complete()
    this.#to.zab.loaded(zxid)
  }

  snapshotDue(): void {
    this.#snapshots.due()
  }

  snapshotWanted(): void {
    if (this.#loader === null && !this.#isRecovering) this.#snapshots.file()
  }

  snapshotNow(zxid: Zxid): void {
    this.#snapshots.install(zxid)
  }

  fenced(): void {
    this.#role.fenced()
  }

  get #whole(): Role {
    assert(this.#loader === null && !this.#isRecovering, 'a role in the middle of a load')
    return this.#role
  }

  #overdrawn({ slot, identities }: Connection): void {
    const fields = { client: identities[0]?.id ?? '', allowed: UNREAD_BYTES_MAX }
    this.#to.journal.log('warn', 'replies-not-taken', fields)
    this.detach(slot)
  }

  #emptyTree(): TreeWorkers {
    this.#role.emptied()
    this.#committed.lastZxid = 0 as Zxid
    this.#audit.emptied()
    return new TreeWorkers(this.#options, this.#clock, this.#to, {
      events: this.#events,
      inFlight: this.#inFlight,
      lastZxid: () => this.#committed.lastZxid,
      changed: (...change) => {
        if (!this.#role.isLoading) this.#events.changed(...change)
      },
      sessionOpened: (...session) => {
        if (!this.#role.isLoading) this.#to.sessions.sessionOpened(...session)
      },
      sessionClosed: (id) => this.#sessionClosed(id),
    })
  }

  #sessionClosed(id: SessionId): void {
    if (this.#role.isLoading) return
    this.#to.sessions.sessionClosed(id)
    const connection = this.#connections.endSession(id)
    // The client that asked for the close is closed with its reply.
    if (connection !== undefined && connection !== this.#committed.replyingTo)
      this.detach(connection.slot)
  }
}
