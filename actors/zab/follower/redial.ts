// When a learner dials its leader again: one that we have elected may not have heard of it yet
// (Learner.connectToLeader). At once, so that nobody waits for a learner, and then ever later.

const DIALS_MAX = 11
/** Of a leader whose link was lost just now: others may still tell of it what is no longer so. */
const DIALS_MAX_AGAIN = 6
/** Mostly the leader is about to listen. */
const FIRST_MS = 2

export class Redial {
  readonly #dialsMax: number
  #dials = 0
  /** When the next dial is due; Infinity while one is under way. */
  dueMs: number = Number.POSITIVE_INFINITY

  /** `again`: to a leader that was lost. */
  constructor(again: boolean) {
    this.#dialsMax = again ? DIALS_MAX_AGAIN : DIALS_MAX
  }

  dialled(): void {
    this.#dials++
    this.dueMs = Number.POSITIVE_INFINITY
  }

  /** Whether there will be another dial. */
  failed(nowMs: number): boolean {
    if (this.#dials >= this.#dialsMax) return false
    this.dueMs = nowMs + FIRST_MS * 2 ** (this.#dials - 1)
    return true
  }

  /** Begins anew. */
  reset(): void {
    this.#dials = 0
  }
}
