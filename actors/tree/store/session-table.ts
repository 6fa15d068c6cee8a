// The sessions the tree holds: who may own ephemerals, and which ones each owns.

import type { Link } from '../../../protocol/messages/zab.ts'
import type { SessionId } from '../../../protocol/session-id.ts'

/** No server has asked for the session since this leader leads. */
export const OWNER_UNKNOWN: Link = -1

export interface TreeSession {
  readonly id: SessionId
  timeoutMs: number
  /** Nodes it owns. */
  readonly ephemerals: Set<number>
  /** Its close is proposed: it may write no more. */
  closing: boolean
  /** To a leader: where its client is. LINK_SELF: here. */
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

  /** The session, made if it is new. Renewing it twice is harmless: replay does. */
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

  /** A new leader: closes proposed before are nobody's, and clients may have moved. */
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
