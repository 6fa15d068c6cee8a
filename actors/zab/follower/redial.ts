// When a learner dials its leader again. The server that we elected may not know yet that it leads
// (Learner.connectToLeader). The first attempt is at once, so that no learner is waited for; then
// the intervals grow.

const DIALS_MAX = 11
/** The same for a leader whose link was just lost: the others may still name it although it is
 * gone. */
const DIALS_MAX_AGAIN = 6
/** Most often the leader is about to listen. */
const FIRST_MS = 2

export class Redial {
  readonly #dialsMax: number
  #dials = 0
  /** When the next dial is due; Infinity while one is under way. */
  dueMs: number = Number.POSITIVE_INFINITY

  /** `again`: this leader's link was lost just now. */
  constructor(again: boolean) {
    this.#dialsMax = again ? DIALS_MAX_AGAIN : DIALS_MAX
  }

  dialled(): void {
    this.#dials++
    this.dueMs = Number.POSITIVE_INFINITY
  }

  /** A dial has failed. True if there will be another. */
  failed(nowMs: number): boolean {
    if (this.#dials >= this.#dialsMax) return false
    this.dueMs = nowMs + FIRST_MS * 2 ** (this.#dials - 1)
    return true
  }

  /** Begins again with the first attempt. */
  reset(): void {
    this.#dials = 0
  }
}
