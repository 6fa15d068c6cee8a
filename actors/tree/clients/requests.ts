// The way of this server's own clients' requests: who replies, and in which order.
//
//   alone      writes are proposed to the log; a sync waits for the newest of them
//   leading    writes are proposed to zab; zab says when a sync is done
//   following  writes, syncs and new sessions go to the leader; a write is answered when its
//              transaction comes back, recognised by session and cxid (FollowerZooKeeperServer,
//              CommitProcessor)
//   read-only  writes and syncs are refused, but for the end of a session (ReadOnlyRequestProcessor)
//
// Replies on a connection leave in the order of its requests: a read waits for the connection's
// newest write, and everything waits for a sync. Writes do not wait for writes. Clients that ask
// for much, or do not take their replies, are in the slow lane.

import { writeId } from '../../../protocol/acl.ts'
import { assert, known } from '../../../protocol/assert.ts'
import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { KeptBytes } from '../../../protocol/bytes/kept-bytes.ts'
import { ErrorCode } from '../../../protocol/error-code.ts'
import { UNREAD_BYTES_HIGH, UNREAD_BYTES_MAX } from '../../../protocol/limits.ts'
import { type EnsembleTreeMessages, LINK_SELF } from '../../../protocol/messages/zab.ts'
import { OpCode } from '../../../protocol/op-code.ts'
import {
  type SessionId,
  sessionFrom,
  sessionHigh,
  sessionLow,
} from '../../../protocol/session-id.ts'
import { ZXID_ZERO } from '../../../protocol/zxid.ts'
import { WRITES } from '../operations/operations.ts'
import type { InFlight } from '../writes/in-flight.ts'
import type { Proposals } from '../writes/proposals.ts'
import type { Awaited, Connection, Connections, Request } from './connections.ts'
import type { EagerCheck } from './eager-check.ts'
import type { Replies } from './replies.ts'
import { SlowLane } from './slow-lane.ts'

const NO_BYTES = new Uint8Array(0)

export type Route = 'nowhere' | 'alone' | 'leading' | 'following' | 'read-only'

/** What is replaced when another tree is loaded. */
export interface RequestWorkers {
  readonly proposals: Proposals
  readonly replies: Replies
  /** Null unless it is switched on. */
  readonly eagerCheck: EagerCheck | null
}

export type RequestZab = Pick<EnsembleTreeMessages, 'forward' | 'sync'>

interface Sync extends Awaited {
  readonly request: Request
}

export class Requests {
  readonly #inFlight: InFlight
  readonly #zab: RequestZab
  readonly #workers: () => RequestWorkers
  readonly #overdrawn: (connection: Connection) => void
  readonly #slowLane: SlowLane
  readonly #arrival = new Arrival()
  readonly #writer = new JuteWriter()
  /** Holds what is deferred, which is answered in the order of commits: so a chunk is not held for long
   * by one of its ranges. */
  readonly #kept = new KeptBytes()
  #route: Route = 'nowhere'
  /** Forwarded writes of all connections. */
  #forwarded = 0
  /** Syncs that were asked for and are not done, oldest first. Bound: the connections' windows. */
  #syncs: Sync[] = []
  /** createSession requests that were forwarded. */
  readonly #opening: Map<SessionId, Awaited> = new Map()

  /** `overdrawn`: this connection must be closed, because its client does not take its replies. */
  constructor(
    inFlight: InFlight,
    zab: RequestZab,
    connections: Connections,
    workers: () => RequestWorkers,
    overdrawn: (connection: Connection) => void,
  ) {
    this.#inFlight = inFlight
    this.#zab = zab
    this.#workers = workers
    this.#overdrawn = overdrawn
    this.#slowLane = new SlowLane({
      take: (request) => this.#takeHeld(request),
      steps: (request) => workers().replies.steps(request),
      unread: () => connections.unread(),
      overdrawn,
    })
  }

  /** Whether a long read is under way, so that the tree must stay as it is. */
  get isReading(): boolean {
    return this.#slowLane.isBusy
  }

  /** One step of work that takes several. True if there is more to do at once. */
  turn(): boolean {
    return this.#slowLane.turn()
  }

  /** How many requests wait for something. */
  get count(): number {
    return this.#inFlight.count + this.#forwarded + this.#syncs.length + this.#opening.size
  }

  get route(): Route {
    return this.#route
  }

  /** Whether writes become proposals of this server. */
  get proposes(): boolean {
    return this.#route === 'alone' || this.#route === 'leading'
  }

  /** From now on requests go this way. All that went another way were answered or dropped before. */
  begin(route: Route): void {
    this.#route = route
  }

  /** Drops everything. The connections it was for are closed. */
  stop(connections: Iterable<Connection>): void {
    this.#route = 'nowhere'
    for (const { forwarded } of connections) forwarded.length = 0
    this.#forwarded = 0
    this.#syncs = []
    this.#opening.clear()
    this.#inFlight.clear()
    this.#slowLane.clear()
  }

  /** From the network loop. */
  arrived(
    connection: Connection,
    xid: number,
    opCode: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    this.take(this.#arrival.filled(connection, xid, opCode, bytes, start, end))
  }

  /** Sees to it that the request is answered in its turn. */
  take(request: Request): void {
    if (this.#route === 'nowhere') return
    const { connection, xid, opCode } = request
    const awaited = connection.awaited
    if (awaited?.opCode === OpCode.sync) {
      // Even if it is long, or replies wait to be taken: some are there already, and it follows them.
      this.#defer(awaited, request)
      return
    }
    if (connection.held !== null || connection.unread > UNREAD_BYTES_HIGH) {
      this.#slowLane.hold(copied(request), false)
      return
    }
    const { replies, eagerCheck } = this.#workers()
    const write = opCode === OpCode.closeSession || WRITES.has(opCode)
    const mayPass = write || opCode === OpCode.sync
    if (awaited !== null && !mayPass) {
      this.#defer(awaited, request)
    } else if (mayPass && this.#route === 'read-only') {
      if (opCode === OpCode.closeSession) replies.closed(connection, xid)
      else replies.refuse(connection, xid, ErrorCode.notReadOnly)
    } else if (opCode === OpCode.sync) {
      this.#sync(request)
    } else if (!write) {
      if (!replies.execute(request)) this.#slowLane.hold(copied(request), true)
    } else {
      // Behind another write it would have to see that one's effect, and its reply would overtake.
      const isEager = awaited === null && this.#route !== 'alone'
      const early = isEager ? eagerCheck?.refusal(request) : undefined
      if (early) replies.refuse(connection, xid, early, ZXID_ZERO)
      else if (this.#route !== 'following') this.#propose(request)
      else this.#forward(request)
    }
  }

  /** The result of the connection's `auth` request, or of a token that ended its `sasl`, where a reply would
   * be. */
  authenticated(connection: Connection, xid: number, error: ErrorCode, bySasl: boolean): void {
    if (connection.held === null) {
      this.#workers().replies.authenticated(connection, xid, error, bySasl)
    } else {
      const bytes = new Uint8Array(Int32Array.of(error, Number(bySasl)).buffer)
      this.#slowLane.hold(whole(connection, xid, OpCode.auth, bytes), false)
    }
  }

  #takeHeld(request: Request): void {
    const { connection, xid, opCode, bytes } = request
    if (!connection.open || connection.session === undefined) return
    if (opCode === OpCode.auth) {
      const [error, bySasl] = new Int32Array(bytes.buffer)
      this.authenticated(connection, xid, error as ErrorCode, bySasl === 1)
    } else this.take(request)
  }

  /** A learner's client wants a session. */
  openSession(connection: Connection, sessionId: SessionId, timeoutMs: number): void {
    assert(this.#route === 'following', 'a session forwarded by one that does not follow')
    const awaited = { connection, xid: 0, opCode: OpCode.createSession, deferred: null }
    this.#opening.set(sessionId, awaited)
    const writer = this.#begin(sessionId, 0, OpCode.createSession)
    writer.int(timeoutMs)
    this.#finish(connection)
  }

  /** The forwarded request that the transaction of this session and cxid answers. It is no longer
   * waited for. */
  answeredBy(high: number, low: number, cxid: number, find: FindConnection): Awaited | null {
    if (this.#opening.size > 0 && cxid === 0) {
      const id = sessionFrom(high, low)
      const opening = this.#opening.get(id)
      if (opening !== undefined) {
        this.#opening.delete(id)
        return opening
      }
    }
    if (this.#forwarded === 0) return null
    const connection = find(sessionFrom(high, low))
    if (connection?.forwarded[0]?.xid !== cxid) return null
    this.#forwarded--
    return connection.forwarded.shift()!
  }

  /** The connection is gone. Its writes go on without it. */
  dropped(connection: Connection): void {
    this.#slowLane.drop(connection)
    this.#forwarded -= connection.forwarded.length
    connection.forwarded.length = 0
    const id = connection.opening
    if (id !== null && this.#opening.get(id)?.connection === connection) this.#opening.delete(id)
  }

  /** The oldest sync is done. */
  synchronized(): void {
    const sync = this.#syncs.shift()
    if (sync === undefined) return
    const { request } = sync
    if (request.connection.open) this.#workers().replies.execute(request)
    this.release(sync)
  }

  /** Its answer has left. What waited behind it goes on. */
  release(awaited: Awaited): void {
    const { connection, deferred } = awaited
    if (connection?.awaited === awaited) connection.awaited = null
    for (const waiting of deferred ?? []) {
      const { connection: waiter } = waiting
      if (waiter.awaited === awaited) waiter.awaited = null
      if (!waiter.open) continue
      // Requests that have yet to be sent on their way wait only behind a sync.
      if (awaited.opCode === OpCode.sync) this.take(waiting)
      else this.#answerNow(waiting)
    }
  }

  /** Called before the connection's next write is applied. */
  #answerNow(request: Request): void {
    const { connection } = request
    if (connection.unread > UNREAD_BYTES_MAX) {
      this.#overdrawn(connection)
      return
    }
    if (connection.inSteps === 0) {
      const { replies } = this.#workers()
      if (replies.execute(request)) return
    }
    // It may take long: what it shares memory with is not to wait for it.
    this.#slowLane.follow(copied(request))
  }

  #propose({ connection, xid, opCode, bytes, start, end }: Request): void {
    const { proposals } = this.#workers()
    const session = connection.session
    if (session === undefined) return
    if (opCode === OpCode.closeSession) proposals.closeSession(session, connection, xid)
    else proposals.request(connection, LINK_SELF, connection, xid, opCode, bytes, start, end)
  }

  #sync(request: Request): void {
    const { connection, xid, opCode } = request
    if (this.#route === 'alone') {
      const last = this.#inFlight.last
      if (last === undefined) {
        this.#workers().replies.execute(request)
        return
      }
      // What follows on this connection must not overtake the sync.
      connection.awaited = last
      this.#defer(last, request)
      return
    }
    const sync = { connection, xid, opCode, request: copied(request), deferred: null }
    this.#syncs.push(sync)
    connection.awaited = sync
    if (this.#route === 'leading') this.#zab.sync(LINK_SELF)
    else this.#send(request)
  }

  #forward(request: Request): void {
    const { connection, xid, opCode } = request
    const awaited = { connection, xid, opCode, deferred: null }
    connection.forwarded.push(awaited)
    connection.awaited = awaited
    this.#forwarded++
    this.#send(request)
  }

  #send({ connection, xid, opCode, bytes, start, end }: Request): void {
    const session = connection.session
    if (session === undefined) return
    const writer = this.#begin(session.id, xid, opCode)
    writer.raw(bytes, start, end)
    this.#finish(connection)
  }

  #defer(awaited: Awaited, { connection, xid, opCode, bytes, start, end }: Request): void {
    const at = this.#kept.copy(bytes, start, end)
    const { chunk } = this.#kept
    const kept = { connection, xid, opCode, bytes: chunk, start: at, end: at + end - start }
    awaited.deferred ??= []
    awaited.deferred.push(kept)
  }

  /** long sessionId, int cxid, int type */
  #begin(sessionId: SessionId, cxid: number, opCode: number): JuteWriter {
    const writer = this.#writer
    writer.reset()
    writer.int(sessionHigh(sessionId))
    writer.int(sessionLow(sessionId))
    writer.int(cxid)
    writer.int(opCode)
    return writer
  }

  #finish(connection: Connection): void {
    const writer = this.#writer
    const dataBytes = writer.length
    writer.vector(connection.identities, writeId)
    this.#zab.forward(dataBytes, writer.bytes, 0, writer.length)
  }
}

type FindConnection = (id: SessionId) => Connection | undefined

/** The request that is arriving. One object is filled afresh for each, so that a read allocates nothing. */
class Arrival implements Request {
  #connection: Connection | null = null
  xid = 0
  opCode = 0
  bytes: Uint8Array = NO_BYTES
  start = 0
  end = 0

  filled(
    connection: Connection,
    xid: number,
    opCode: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): Request {
    this.#connection = connection
    this.xid = xid
    this.opCode = opCode
    this.bytes = bytes
    this.start = start
    this.end = end
    return this
  }

  get connection(): Connection {
    return known(this.#connection, 'who asks')
  }
}

/** In memory of its own. */
function copied({ connection, xid, opCode, bytes, start, end }: Request): Request {
  return whole(connection, xid, opCode, bytes.slice(start, end))
}

function whole(connection: Connection, xid: number, opCode: number, bytes: Uint8Array): Request {
  return { connection, xid, opCode, bytes, start: 0, end: bytes.length }
}
