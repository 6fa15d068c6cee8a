// The client connections of this server as the tree knows them: their session, their identities,
// the last write each has under way, and what of their replies has not been taken.

import type { Id } from '../../../protocol/acl.ts'
import type { ConnectionSlot } from '../../../protocol/messages/network.ts'
import { type SessionId, sessionHigh, sessionLow } from '../../../protocol/session-id.ts'
import type { TreeSession } from '../store/session-table.ts'

/** A request that waits for another one's answer. */
export interface Deferred {
  readonly connection: Connection
  readonly xid: number
  readonly opCode: number
  readonly bytes: Uint8Array
}

/** A request whose answer somebody waits for. */
export interface Awaited {
  /** Null: nobody waits for an answer. */
  readonly connection: Connection | null
  readonly xid: number
  /** What was asked; the transaction's own type may be an error. */
  readonly opCode: number
  deferred: Deferred[] | null
}

export interface Connection {
  readonly slot: ConnectionSlot
  /** False once the socket is gone or the session was taken over: no reply is due. */
  open: boolean
  session: TreeSession | undefined
  ownerHigh: number
  ownerLow: number
  readonly identities: Id[]
  /** What its next read has to wait for. */
  awaited: Awaited | null
  /** Writes that the leader was asked for, oldest first. */
  readonly forwarded: Awaited[]
  /** The session that the leader was asked to create for it. */
  opening: SessionId | null
  /** Bytes of replies that the client has not taken, as far as we were told. */
  unread: number
  /** All that it asks for waits here, oldest first: see slow-lane.ts. */
  held: Deferred[] | null
  /** Reads that are being answered in steps, or behind one that is. */
  inSteps: number
}

export class Connections {
  readonly #bySlot: (Connection | undefined)[] = []
  readonly #bySession: Map<SessionId, Connection> = new Map()

  open(slot: ConnectionSlot, address: string): void {
    this.expect(slot).identities.unshift({ scheme: 'ip', id: address })
  }

  /** The connection, made if the session manager speaks of it first: its edge may be faster than
   * the network loop's. Whatever is made too late is gone with the second `close`. */
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

  /** Who speaks for the session here. */
  ofSession(id: SessionId): Connection | undefined {
    return this.#bySession.get(id)
  }

  *all(): Generator<Connection> {
    for (const connection of this.#bySlot) if (connection !== undefined) yield connection
  }

  /** Bytes of replies that no client has taken. */
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

  /** The session is over; its connection, if there is one here. */
  endSession(id: SessionId): Connection | undefined {
    const connection = this.#bySession.get(id)
    this.#bySession.delete(id)
    if (connection !== undefined) connection.session = undefined
    return connection
  }

  /** Ends what the connection may do; its slot stays taken until `close`. */
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
