// When a learner dials its leader again: one that we have elected may not have heard of it yet
// (Learner.connectToLeader). At once, so that nobody waits for a learner, and then ever later.

const DIALS_MAX = 11
/** Mostly the leader is about to listen. */
const FIRST_MS = 2

export class Redial {
  #dials = 0
  /** When the next dial is due; Infinity while one is under way. */
  dueMs: number = Number.POSITIVE_INFINITY

  dialled(): void {
    this.#dials++
    this.dueMs = Number.POSITIVE_INFINITY
  }

  /** Whether there will be another dial. */
  failed(nowMs: number): boolean {
    if (this.#dials >= DIALS_MAX) return false
    this.dueMs = nowMs + FIRST_MS * 2 ** (this.#dials - 1)
    return true
  }

  /** Begins anew. */
  reset(): void {
    this.#dials = 0
  }
}
