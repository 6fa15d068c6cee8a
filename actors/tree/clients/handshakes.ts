// The end of a client's handshake: a session is created, continues here, or is refused.
//
// A learner asks the leader in both cases: a new session is a transaction, and only the leader
// knows whether an old one is still valid (LearnerZooKeeperServer, revalidateSession). Answers
// about sessions come in the order of the questions.

import { type Id, writeId } from '../../../protocol/acl.ts'
import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { REVALIDATIONS_MAX } from '../../../protocol/limits.ts'
import type { ConnectionSlot } from '../../../protocol/messages/network.ts'
import { LINK_SELF } from '../../../protocol/messages/zab.ts'
import { SESSION_NONE, type SessionId } from '../../../protocol/session-id.ts'
import type { Zxid } from '../../../protocol/zxid.ts'
import type { TreeNeighbours } from '../options.ts'
import type { DataTree } from '../store/data-tree.ts'
import { newSession, type TreeSession } from '../store/session-table.ts'
import type { Proposals } from '../writes/proposals.ts'
import type { Connection, Connections } from './connections.ts'
import type { EventStream } from './event-stream.ts'
import type { Requests } from './requests.ts'

/** What is replaced when another tree is loaded. */
export interface HandshakeTree {
  readonly data: DataTree
  readonly proposals: Proposals
}

export interface HandshakeParts {
  readonly connections: Connections
  readonly requests: Requests
  readonly events: EventStream
}

interface Attaching {
  readonly connection: Connection
  readonly sessionId: SessionId
  readonly timeoutMs: number
}

export class Handshakes {
  readonly #to: Pick<TreeNeighbours, 'network' | 'sessions' | 'zab'>
  readonly #connections: Connections
  readonly #requests: Requests
  readonly #events: EventStream
  readonly #tree: () => HandshakeTree
  /** The newest zxid that a client of ours may have seen. */
  readonly #newestZxid: () => Zxid
  /** Connections whose sessions the leader was asked about. Invariant: REVALIDATIONS_MAX at most. A
   * client that has hung up stays in the list until the leader has answered. */
  #attaching: Attaching[] = []
  /** Sessions that only this server knows of. */
  readonly #readOnly: Map<SessionId, TreeSession> = new Map()
  readonly #identities = new JuteWriter()

  constructor(
    neighbours: Pick<TreeNeighbours, 'network' | 'sessions' | 'zab'>,
    { connections, requests, events }: HandshakeParts,
    tree: () => HandshakeTree,
    newestZxid: () => Zxid,
  ) {
    this.#to = neighbours
    this.#connections = connections
    this.#requests = requests
    this.#events = events
    this.#tree = tree
    this.#newestZxid = newestZxid
  }

  opened(slot: ConnectionSlot, address: string): void {
    this.#connections.open(slot, address)
    this.#tellIdentities(slot)
  }

  /** The connection has proven one more identity. */
  identified(slot: ConnectionSlot, { scheme, id }: Id): void {
    const identities = this.#connections.get(slot)?.identities
    if (identities === undefined) return
    if (identities.some((known) => known.scheme === scheme && known.id === id)) return
    identities.push({ scheme, id })
    this.#tellIdentities(slot)
  }

  create(slot: ConnectionSlot, sessionId: SessionId, timeoutMs: number, lastZxidSeen: Zxid): void {
    const connection = this.#connections.expect(slot)
    const { route } = this.#requests
    if (route === 'nowhere' || this.#isAhead(lastZxidSeen)) {
      this.#to.sessions.sessionClosed(sessionId)
      this.closeSocket(slot)
    } else if (route === 'read-only') {
      this.#createHere(connection, sessionId, timeoutMs)
    } else if (route === 'following') {
      connection.opening = sessionId
      this.#requests.openSession(connection, sessionId, timeoutMs)
    } else {
      this.#tree().proposals.createSession(sessionId, connection, timeoutMs)
    }
  }

  /** While there is no leader: a session that ends when there is one. */
  #createHere(connection: Connection, sessionId: SessionId, timeoutMs: number): void {
    const session = newSession(sessionId, timeoutMs)
    this.#readOnly.set(sessionId, session)
    this.#to.sessions.sessionOpened(sessionId, timeoutMs)
    this.#attach(connection, session, timeoutMs)
  }

  /** While there is no leader, nobody knows whether a session that others know of is still valid.
   * Its client must ask elsewhere (ReadOnlyZooKeeperServer.validateSession). */
  #attachHere(connection: Connection, sessionId: SessionId, timeoutMs: number): void {
    const session = this.#readOnly.get(sessionId)
    if (session !== undefined) {
      this.#attach(connection, session, timeoutMs)
    } else if (this.#tree().data.sessions.get(sessionId) !== undefined) {
      this.closeSocket(connection.slot)
    } else {
      this.#to.sessions.sessionClosed(sessionId)
      this.refuse(connection.slot)
    }
  }

  /** A client closes its session while there is no leader. */
  closeHere(connection: Connection): void {
    const id = connection.session?.id
    if (id !== undefined && this.#readOnly.delete(id)) this.#to.sessions.sessionClosed(id)
  }

  /** The transaction just applied has created the session. */
  created(connection: Connection, sessionId: SessionId): void {
    connection.opening = null
    const session = this.#tree().data.sessions.get(sessionId)
    if (session === undefined) this.refuse(connection.slot)
    else this.#attach(connection, session, session.timeoutMs)
  }

  attach(slot: ConnectionSlot, sessionId: SessionId, timeoutMs: number, lastZxidSeen: Zxid): void {
    const connection = this.#connections.expect(slot)
    const { route } = this.#requests
    const session = this.#tree().data.sessions.get(sessionId)
    const isFull = this.#attaching.length >= REVALIDATIONS_MAX
    const mustLeave = route === 'nowhere' || isFull || this.#isAhead(lastZxidSeen)
    if (!mustLeave && route === 'following') {
      this.#attaching.push({ connection, sessionId, timeoutMs })
      this.#to.zab.revalidate(sessionId, timeoutMs)
      return
    }
    if (!mustLeave && route === 'read-only') {
      this.#attachHere(connection, sessionId, timeoutMs)
      return
    }
    // The session manager took the id for a session: tell it that there is none.
    if (session === undefined) this.#to.sessions.sessionClosed(sessionId)
    if (mustLeave) this.closeSocket(slot)
    else if (session === undefined || session.closing) this.refuse(slot)
    else this.#attach(connection, session, timeoutMs)
  }

  revalidated(sessionId: SessionId, valid: boolean): void {
    const index = this.#attaching.findIndex((asked) => asked.sessionId === sessionId)
    const [asked] = index < 0 ? [] : this.#attaching.splice(index, 1)
    if (asked === undefined || !asked.connection.open) return
    const { connection, timeoutMs } = asked
    const session = this.#tree().data.sessions.get(sessionId)
    if (valid && session !== undefined) {
      this.#attach(connection, session, timeoutMs)
      return
    }
    this.#to.sessions.sessionClosed(sessionId)
    // Valid, but we have not heard of it yet. Its client may ask again.
    if (valid) this.closeSocket(connection.slot)
    else this.refuse(connection.slot)
  }

  /** The session manager does not know the session. A leader that was replaced without noticing
   * would not know it either, so a client that has seen more than we have gets no answer. */
  unknown(slot: ConnectionSlot, lastZxidSeen: Zxid): void {
    if (this.#requests.route === 'nowhere' || this.#isAhead(lastZxidSeen)) this.closeSocket(slot)
    else this.refuse(slot)
  }

  refuse(slot: ConnectionSlot): void {
    this.#to.network.connected(slot, SESSION_NONE, 0)
  }

  /** Closes the socket after every event that was due to the connection. */
  closeSocket(slot: ConnectionSlot): void {
    this.#events.emitBarrier()
    this.#to.network.close(slot)
  }

  /** There is no leader: connections that wait are closed with all others. */
  stop(): void {
    this.#attaching = []
    for (const id of this.#readOnly.keys()) this.#to.sessions.sessionClosed(id)
    this.#readOnly.clear()
  }

  #attach(connection: Connection, session: TreeSession, timeoutMs: number): void {
    session.owner = LINK_SELF
    this.#connections.attach(connection, session)
    this.#tellIdentities(connection.slot)
    this.#events.attached(connection.slot, session.id)
    this.#events.emitBarrier()
    this.#to.network.connected(connection.slot, session.id, timeoutMs)
  }

  /** Only once it has a session. Before, nobody asks for its identities, and telling them would
   * wake a thread. */
  #tellIdentities(slot: ConnectionSlot): void {
    const connection = this.#connections.get(slot)
    if (connection?.session === undefined) return
    const writer = this.#identities
    writer.reset()
    writer.vector(connection.identities, writeId)
    this.#events.identities(slot, writer.bytes, 0, writer.length)
  }

  /** Whether the client has seen more than we have, and so must find another server. */
  #isAhead(lastZxidSeen: Zxid): boolean {
    return lastZxidSeen > this.#newestZxid()
  }
}
