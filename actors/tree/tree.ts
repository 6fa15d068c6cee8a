// The data tree actor: owns the znodes and answers for them.
//
//   loading --recovered--> loaded --lead | follow--> serving --idle--> loaded ...
//
// A write is validated against the tree as it will be, proposed, and applied when zab says that it
// is committed; then its reply leaves (requests.ts says how in which role). A read is answered from
// the committed tree. Replies go straight to the network loop; a change that somebody may watch goes
// to the watches actor first, and a barrier keeps the reply behind the event.
//
// Answers to ZooKeeperServer with PrepRequestProcessor, FinalRequestProcessor and DataTree.

import { type Acl, writeId } from '../../protocol/acl.ts'
import { assert } from '../../protocol/assert.ts'
import { encodeControl } from '../../protocol/control.ts'
import { ErrorCode } from '../../protocol/error-code.ts'
import { JuteWriter } from '../../protocol/jute-writer.ts'
import type { LogMessages } from '../../protocol/messages/log.ts'
import {
  type ConnectionSlot,
  type NetworkMessages,
  ServingMode,
} from '../../protocol/messages/network.ts'
import { type DigestHistory, type EphemeralDump, Query } from '../../protocol/messages/queries.ts'
import type { SessionsMessages } from '../../protocol/messages/sessions.ts'
import type { TreeMessages } from '../../protocol/messages/tree.ts'
import type { WatchesMessages } from '../../protocol/messages/watches.ts'
import {
  type EnsembleTreeMessages,
  LINK_SELF,
  type Link,
  type ZabMessages,
} from '../../protocol/messages/zab.ts'
import { OpCode } from '../../protocol/op-code.ts'
import { SESSION_NONE, type SessionId } from '../../protocol/session-id.ts'
import type { WatchFilter } from '../../protocol/watch-filter.ts'
import { formatZxid, type Zxid } from '../../protocol/zxid.ts'
import type { Actor, Clock, Gauge, Journal } from '../actor.ts'
import { Answer } from './answer.ts'
import { Apply } from './apply.ts'
import { type CleanerOptions, expiredNodes } from './cleaner.ts'
import { setConfigNode } from './config-node.ts'
import { type Connection, Connections } from './connections.ts'
import { DataTree } from './data-tree.ts'
import { DigestAudit } from './digest-audit.ts'
import { ephemeralDump } from './ephemeral-dump.ts'
import { EventStream } from './event-stream.ts'
import { Freezer, type SnapshotReaders } from './freezer.ts'
import { type Awaited, InFlight } from './in-flight.ts'
import { Learners } from './learners.ts'
import { Outstanding } from './outstanding.ts'
import { Prepare, type PrepareOptions } from './prepare.ts'
import { Propose, type ProposeOptions } from './propose.ts'
import { Read } from './read.ts'
import { Requests } from './requests.ts'
import type { TreeSession } from './session-table.ts'
import { SnapshotReader } from './snapshot-reader.ts'

export interface TreeOptions extends PrepareOptions, ProposeOptions, CleanerOptions {
  /** Null: this server is its own quorum. */
  readonly member: {
    /** What it is when it does not lead. */
    readonly learnerMode: ServingMode
    /** Text of /zookeeper/config, and its version as a zxid. */
    readonly config: Uint8Array
    readonly configVersion: Zxid
  } | null
}

export interface TreeNeighbours {
  zab: Pick<ZabMessages, 'loaded' | 'propose'> & EnsembleTreeMessages
  log: Pick<LogMessages, 'append'>
  watches: WatchesMessages
  network: TreeNetworkMessages
  sessions: SessionsMessages
  /** `snapshotTaken` and `snapshotSent` say when they are done. */
  snapshots: SnapshotReaders
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

interface Attaching {
  readonly connection: Connection
  readonly sessionId: SessionId
  readonly timeoutMs: number
}

export class Tree implements Actor, TreeMessages {
  readonly name = 'tree'
  readonly #options: TreeOptions
  readonly #clock: Clock
  readonly #to: TreeNeighbours
  readonly #gauges: TreeGauges
  readonly #connections: Connections = new Connections()
  readonly #inFlight: InFlight = new InFlight()
  readonly #requests: Requests
  readonly #freezer: Freezer
  readonly #body: JuteWriter = new JuteWriter()
  readonly #events: EventStream
  readonly #audit: DigestAudit
  #phase: Phase = 'loading'
  #data!: DataTree
  #apply!: Apply
  #outstanding!: Outstanding
  #propose!: Propose
  #answer!: Answer
  #learners!: Learners
  #loader: SnapshotReader | null = null
  #lastZxid: Zxid = 0 as Zxid
  /** The first of the epoch in which we serve: clients may have been told of it. */
  #epochZxid: Zxid = 0 as Zxid
  #mode: ServingMode = ServingMode.standalone
  #hasSnapshot = false
  /** The log wants a snapshot, and we were not serving. */
  #snapshotDue = false
  /** What the tree was replaced by, if it came from a leader. */
  #received: Zxid | null = null
  /** The log waits for a snapshot of what was received. */
  #installing: Zxid | null = null
  /** The session manager knows of another tree's sessions. */
  #sessionsStale = false
  /** `idle` was heard, `settled` of the log; both must be. */
  #idled = false
  #logSettled = false
  /** Asked to attach, until the leader has said whether their sessions are valid. */
  #attaching: Attaching[] = []
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
    this.#requests = new Requests(this.#inFlight, neighbours.zab, () => ({
      propose: this.#propose,
      answer: this.#answer,
    }))
    this.#freezer = new Freezer(neighbours.snapshots, () => ({
      data: this.#data,
      zxid: this.#lastZxid,
    }))
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
    if (!this.#cleans) return
    this.#nextCleanMs = this.#clock.nowMs + this.#options.checkIntervalMs
    for (const path of expiredNodes(this.#data, this.#clock.wallMs, this.#options)) {
      this.#propose.deleteContainer(path)
    }
  }

  nextTickMs(): number {
    return this.#cleans ? this.#nextCleanMs : Number.POSITIVE_INFINITY
  }

  endTurn(): boolean {
    this.#events.settle()
    this.#gauges.znodes.set(this.#data.store.count + 1)
    this.#gauges.ephemerals.set(this.#data.ephemeralCount)
    this.#gauges.approximateBytes.set(this.#data.approximateBytes)
    this.#gauges.lastZxid.set(this.#lastZxid)
    this.#gauges.sessions.set(this.#data.sessions.count)
    this.#gauges.outstanding.set(this.#requests.count)
    return false
  }

  /** A lone write is back from the log before a parked thread would be awake. */
  expectsSoon(): boolean {
    return this.#requests.count > 0 && this.#requests.count <= LONE_WRITES
  }

  describe(): string {
    const zxid = formatZxid(this.#lastZxid)
    return `tree ${this.#phase} at ${zxid}, ${this.#data.store.count} nodes, ${this.#requests.count} requests under way`
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
    this.#requests.take(connection, xid, opCode, bytes, start, end)
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
    const connection = this.#connections.get(slot)
    if (connection !== undefined) this.#requests.dropped(connection)
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
    this.#hasSnapshot = true
    this.#freezer.done()
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
    if (this.#phase !== 'serving' || this.#isAhead(lastZxidSeen)) {
      this.#to.sessions.sessionClosed(sessionId)
      this.#closeSocket(slot)
    } else if (this.#follows) {
      connection.opening = sessionId
      this.#requests.openSession(connection, sessionId, timeoutMs)
    } else {
      const ephemerals = new Set<number>()
      const session = { id: sessionId, timeoutMs, ephemerals, closing: false, owner: LINK_SELF }
      this.#propose.createSession(session, connection, timeoutMs)
    }
  }

  attach(slot: ConnectionSlot, sessionId: SessionId, timeoutMs: number, lastZxidSeen: Zxid): void {
    const connection = this.#connections.expect(slot)
    const session = this.#data.sessions.get(sessionId)
    if (this.#phase !== 'serving' || this.#isAhead(lastZxidSeen)) {
      this.#closeSocket(slot)
    } else if (this.#follows) {
      this.#attaching.push({ connection, sessionId, timeoutMs })
      this.#to.zab.revalidate(sessionId, timeoutMs)
    } else if (session === undefined || session.closing) {
      this.refuse(slot)
    } else {
      session.owner = LINK_SELF
      this.#attach(connection, session, timeoutMs)
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
      this.#commit(proposal.zxid, proposal.bytes, proposal.start, proposal.end, proposal)
    }
    this.#outstanding.settle(zxid)
  }

  apply(zxid: Zxid, bytes: Uint8Array, start: number, end: number): void {
    const { high, low, cxid } = this.#apply.clientOf(bytes, start, end)
    const find = (id: SessionId): Connection | undefined => this.#connections.ofSession(id)
    this.#commit(zxid, bytes, start, end, this.#requests.answeredBy(high, low, cxid, find))
  }

  lead(zxid: Zxid, alone: boolean): void {
    this.#becomeLoaded()
    const { log, zab } = this.#to
    this.#propose.begin(zxid, alone ? log : { append: (...proposal) => zab.propose(...proposal) })
    this.#outstanding.reset()
    this.#data.sessions.disown()
    this.#epochZxid = zxid
    this.#mode = alone ? ServingMode.standalone : ServingMode.leader
    this.#requests.begin(alone ? 'alone' : 'leading')
    if (alone && !this.#hasSnapshot) {
      this.#phase = 'starting'
      this.#freezer.file()
    } else {
      this.#serve()
    }
  }

  follow(zxid: Zxid): void {
    assert(this.#options.member !== null, 'a server on its own follows nobody')
    this.#becomeLoaded()
    this.#epochZxid = zxid
    this.#mode = this.#options.member.learnerMode
    this.#requests.begin('following')
    this.#serve()
  }

  idle(): void {
    if (this.#phase === 'serving') {
      this.#phase = 'loaded'
      for (const connection of this.#connections.all()) this.#connections.detach(connection)
      this.#requests.stop(this.#connections.all())
      this.#outstanding.reset()
      this.#freezer.forgetLearners()
      this.#attaching = []
      this.#to.sessions.idle()
      this.#events.settle()
      this.#to.network.idle()
    }
    this.#installing = null
    this.#idled = true
    this.#maybeSettled()
  }

  sendSnapshot(link: Link): void {
    this.#freezer.send(link)
  }

  snapshotSent(): void {
    this.#freezer.done()
  }

  forwarded(link: Link, dataBytes: number, bytes: Uint8Array, start: number, end: number): void {
    if (this.#leads) this.#learners.forwarded(link, dataBytes, bytes, start, end)
  }

  revalidation(link: Link, sessionId: SessionId, timeoutMs: number): void {
    if (this.#leads) this.#learners.revalidation(link, sessionId, timeoutMs)
  }

  revalidated(sessionId: SessionId, valid: boolean): void {
    const index = this.#attaching.findIndex((asked) => asked.sessionId === sessionId)
    const [asked] = index < 0 ? [] : this.#attaching.splice(index, 1)
    if (asked === undefined || !asked.connection.open) return
    const { connection, timeoutMs } = asked
    const session = this.#data.sessions.get(sessionId)
    if (valid && session !== undefined) {
      this.#attach(connection, session, timeoutMs)
      return
    }
    this.#to.sessions.sessionClosed(sessionId)
    // Valid, and not heard of here: its client may ask again.
    if (valid) this.#closeSocket(connection.slot)
    else this.refuse(connection.slot)
  }

  synchronized(): void {
    this.#requests.synchronized()
  }

  // From the log.

  snapshotBegin(_zxid: Zxid): void {
    this.#clear()
    this.#phase = 'loading'
    this.#hasSnapshot = true
    this.#received = null
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
    this.#received = zxid
    this.#audit.loaded(this.#options.digestEnabled ? digest : null, zxid, this.#data.digest)
    this.#maybeInstall()
  }

  replay(zxid: Zxid, bytes: Uint8Array, start: number, end: number): void {
    this.#body.reset()
    this.#applyTxn(zxid, bytes, start, end)
  }

  recovered(zxid: Zxid): void {
    assert(zxid >= this.#lastZxid, 'the log ends before the snapshot')
    this.#lastZxid = zxid
    this.#becomeLoaded()
    this.#to.zab.loaded(zxid)
  }

  snapshotDue(): void {
    this.#snapshotDue = true
    this.#maybeSnapshot()
  }

  snapshotNow(zxid: Zxid): void {
    this.#installing = zxid
    this.#maybeInstall()
  }

  settled(): void {
    this.#logSettled = true
    this.#maybeSettled()
  }

  // Inside.

  /** A client that has seen more than we have must find another server. */
  #isAhead(lastZxidSeen: Zxid): boolean {
    return lastZxidSeen > this.#lastZxid && lastZxidSeen > this.#epochZxid
  }

  get #follows(): boolean {
    return this.#mode === ServingMode.follower || this.#mode === ServingMode.observer
  }

  get #leads(): boolean {
    return this.#phase === 'serving' && this.#mode === ServingMode.leader
  }

  /** Whether we remove what has expired. */
  get #cleans(): boolean {
    return this.#phase === 'serving' && !this.#follows
  }

  #commit(
    zxid: Zxid,
    bytes: Uint8Array,
    start: number,
    end: number,
    awaited: Awaited | null,
  ): void {
    const connection = awaited?.connection ?? null
    this.#replyingTo = connection
    this.#body.reset()
    const error = this.#applyTxn(zxid, bytes, start, end)
    this.#replyingTo = null
    if (awaited === null) return
    if (connection?.open) this.#replyTo(connection, awaited, error)
    this.#requests.release(awaited)
  }

  #replyTo(connection: Connection, { opCode, xid }: Awaited, error: ErrorCode): void {
    if (opCode === OpCode.createSession) {
      const id = this.#apply.header?.sessionId ?? SESSION_NONE
      const session = this.#data.sessions.get(id)
      if (session === undefined) {
        this.refuse(connection.slot)
        return
      }
      session.owner = LINK_SELF
      connection.opening = null
      this.#attach(connection, session, session.timeoutMs)
      return
    }
    const last = opCode === OpCode.closeSession
    this.#answer.send(connection, xid, this.#lastZxid, error, this.#body, last)
  }

  #attach(connection: Connection, session: TreeSession, timeoutMs: number): void {
    this.#connections.attach(connection, session)
    this.#events.attached(connection.slot, session.id)
    this.#events.settle()
    this.#to.network.connected(connection.slot, session.id, timeoutMs)
  }

  #applyTxn(zxid: Zxid, bytes: Uint8Array, start: number, end: number): ErrorCode {
    const error = this.#apply.transaction(bytes, start, end, this.#body)
    this.#lastZxid = zxid
    if (this.#options.digestEnabled) {
      this.#audit.applied(zxid, this.#data.digest, this.#apply.expectedDigest())
    }
    return error
  }

  #maybeSnapshot(): void {
    // What is not known to be committed yet belongs into no snapshot.
    if (!this.#snapshotDue || this.#phase !== 'serving') return
    this.#snapshotDue = false
    this.#freezer.file()
  }

  #maybeInstall(): void {
    if (this.#installing === null || this.#received !== this.#installing) return
    this.#installing = null
    this.#freezer.file()
  }

  #maybeSettled(): void {
    if (!this.#idled || !this.#logSettled) return
    this.#idled = false
    this.#logSettled = false
    this.#to.zab.settled()
  }

  /** The tree is whole: the session manager is told whose sessions there are. */
  #becomeLoaded(): void {
    assert(this.#loader === null, 'a role in the middle of a snapshot')
    if (this.#phase === 'loaded') return
    this.#received = null
    this.#data.adoptOrphans(ORPHAN_TIMEOUT_MS)
    const { member } = this.#options
    if (member !== null) {
      setConfigNode(this.#data, member.config, member.configVersion, this.#clock.wallMs)
    }
    this.#phase = 'loaded'
    if (this.#sessionsStale) this.#to.sessions.reset()
    this.#sessionsStale = true
    for (const { id, timeoutMs } of this.#data.sessions.all()) {
      this.#to.sessions.sessionOpened(id, timeoutMs)
    }
  }

  #serve(): void {
    this.#phase = 'serving'
    this.#nextCleanMs = this.#clock.nowMs + this.#options.checkIntervalMs
    this.#to.sessions.serving(this.#lastZxid, !this.#follows)
    this.#to.network.serving(this.#lastZxid, this.#mode)
    if (!this.#hasSnapshot) this.#snapshotDue = true
    this.#maybeSnapshot()
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
    this.#answer = new Answer(this.#data, read, {
      events: this.#events,
      network: this.#to.network,
      lastZxid: () => this.#lastZxid,
    })
    this.#learners = new Learners(this.#data, this.#propose, {
      zab: this.#to.zab,
      sessions: this.#to.sessions,
      isWrite: (opCode) => this.#answer.isWrite(opCode),
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
