// This server's client connections as the tree knows them: their sessions, their identities, the
// last write that each has under way, and the replies that their clients have not taken.

import type { Id } from '../../../protocol/acl.ts'
import type { ConnectionSlot } from '../../../protocol/messages/network.ts'
import { type SessionId, sessionHigh, sessionLow } from '../../../protocol/session-id.ts'
import type { TreeSession } from '../store/session-table.ts'

/** What a client asks for (Request in ZooKeeper). */
export interface Request {
  readonly connection: Connection
  readonly xid: number
  readonly opCode: number
  /** The request is a range of them. While it arrives they are only lent: whoever keeps it copies it. */
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
}

/** A request that something waits for the answer of. */
export interface Awaited {
  /** Null if no connection of ours wants the answer. */
  readonly connection: Connection | null
  readonly xid: number
  /** What the client asked for. The transaction's own type may be `error`. */
  readonly opCode: number
  deferred: Request[] | null
}

export interface Connection {
  readonly slot: ConnectionSlot
  /** False once the socket is gone or the session was taken over: no reply is due then. */
  open: boolean
  session: TreeSession | undefined
  ownerHigh: number
  ownerLow: number
  readonly identities: Id[]
  /** What its next read must wait for. */
  awaited: Awaited | null
  /** Writes that were forwarded to the leader, oldest first. Bound: the connection's window. */
  readonly forwarded: Awaited[]
  /** The session that the leader was asked to create for it. */
  opening: SessionId | null
  /** Bytes of replies that the client has not taken yet, as far as we were told. */
  unread: number
  /** While its requests are held, all of them wait here, oldest first (slow-lane.ts). Bound: its
   * window. */
  held: Request[] | null
  /** How many of its reads are being answered in steps, or wait behind such a read. */
  inSteps: number
}

export class Connections {
  readonly #bySlot: (Connection | undefined)[] = []
  readonly #bySession: Map<SessionId, Connection> = new Map()

  open(slot: ConnectionSlot, address: string): void {
    this.expect(slot).identities.unshift({ scheme: 'ip', id: address })
  }

  /** The connection. It is made here if the session manager names it first, because its edge may be
   * faster than the network loop's. One that is made too late goes with the second `close`. */
  expect(slot: ConnectionSlot): Connection {
    const known = this.#bySlot[slot]
    if (known !== undefined) return known
    const connection: Connection = {
      slot,
      open: true,
      session: undefined,
      ownerHigh: 0,
      ownerLow: 0,
      identities: [],
      awaited: null,
      forwarded: [],
      opening: null,
      unread: 0,
      held: null,
      inSteps: 0,
    }
    this.#bySlot[slot] = connection
    return connection
  }

  get(slot: ConnectionSlot): Connection | undefined {
    return this.#bySlot[slot]
  }

  /** The connection that holds the session here. */
  ofSession(id: SessionId): Connection | undefined {
    return this.#bySession.get(id)
  }

  *all(): Generator<Connection> {
    for (const connection of this.#bySlot) if (connection !== undefined) yield connection
  }

  /** Bytes of replies that clients have not taken, of all connections. */
  unread(): number {
    let bytes = 0
    for (const connection of this.all()) bytes += connection.unread
    return bytes
  }

  attach(connection: Connection, session: TreeSession): void {
    connection.session = session
    connection.ownerHigh = sessionHigh(session.id)
    connection.ownerLow = sessionLow(session.id)
    this.#bySession.set(session.id, connection)
  }

  /** The session is over. Returns its connection, if it has one here. */
  endSession(id: SessionId): Connection | undefined {
    const connection = this.#bySession.get(id)
    this.#bySession.delete(id)
    if (connection !== undefined) connection.session = undefined
    return connection
  }

  /** The connection may do nothing more. Its slot stays taken until `close`. */
  detach(connection: Connection): void {
    connection.open = false
    const id = connection.session?.id
    if (id !== undefined && this.#bySession.get(id) === connection) this.#bySession.delete(id)
    connection.session = undefined
  }

  close(slot: ConnectionSlot): void {
    const connection = this.#bySlot[slot]
    if (connection === undefined) return
    this.detach(connection)
    this.#bySlot[slot] = undefined
  }
}
