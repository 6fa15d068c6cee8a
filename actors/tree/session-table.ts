// The sessions the tree holds: who may own ephemerals, and which ones each owns.

import type { SessionId } from '../../protocol/session-id.ts'

export interface TreeSession {
  readonly id: SessionId
  timeoutMs: number
  /** Nodes it owns. */
  readonly ephemerals: Set<number>
  /** Its close is proposed: it may write no more. */
  closing: boolean
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
    const session: TreeSession = { id, timeoutMs, ephemerals: new Set(), closing: false }
    this.#sessions.set(id, session)
    return session
  }

  remove(id: SessionId): void {
    this.#sessions.delete(id)
  }

  all(): Iterable<TreeSession> {
    return this.#sessions.values()
  }
}
