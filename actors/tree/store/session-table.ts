// The sessions that the tree holds: who may own ephemerals, and which ones each owns.

import type { Link } from '../../../protocol/messages/zab.ts'
import type { SessionId } from '../../../protocol/session-id.ts'

/** No server has asked for the session since this server leads. */
export const OWNER_UNKNOWN: Link = -1

export interface TreeSession {
  readonly id: SessionId
  timeoutMs: number
  /** The nodes that it owns. */
  readonly ephemerals: Set<number>
  /** Its end was proposed: it may write no more. */
  closing: boolean
  /** At a leader: the link to the server that its client is at. LINK_SELF: here. */
  owner: Link
}

export function newSession(id: SessionId, timeoutMs: number): TreeSession {
  return { id, timeoutMs, ephemerals: new Set(), closing: false, owner: OWNER_UNKNOWN }
}

export class SessionTable {
  readonly #sessions: Map<SessionId, TreeSession> = new Map()

  get count(): number {
    return this.#sessions.size
  }

  get(id: SessionId): TreeSession | undefined {
    return this.#sessions.get(id)
  }

  /** The session, made if it is new. Opening it twice is harmless, and replay does. */
  open(id: SessionId, timeoutMs: number): TreeSession {
    const known = this.#sessions.get(id)
    if (known !== undefined) {
      known.timeoutMs = timeoutMs
      return known
    }
    const session = newSession(id, timeoutMs)
    this.#sessions.set(id, session)
    return session
  }

  remove(id: SessionId): void {
    this.#sessions.delete(id)
  }

  /** A new leader: ends that were proposed before may be lost, and clients may have moved. */
  disown(): void {
    for (const session of this.#sessions.values()) {
      session.closing = false
      session.owner = OWNER_UNKNOWN
    }
  }

  all(): Iterable<TreeSession> {
    return this.#sessions.values()
  }
}
