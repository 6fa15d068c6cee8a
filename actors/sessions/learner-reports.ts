// What a leader knows of the clients of its learners: when each learner has last told all that it had
// heard. One that is overdue, because any thread between its clients and us stands still, may have
// heard from anybody until now; one that is gone, until it went.

import type { Link } from '../../protocol/messages/zab.ts'

/** No learner is known to have the session. */
export const LINK_NONE: Link = -1

export class LearnerReports {
  readonly #overdueMs: number
  readonly #reportedMs: Map<Link, number> = new Map()

  /** `overdueMs`: a learner tells half as often at least. */
  constructor(overdueMs: number) {
    this.#overdueMs = overdueMs
  }

  reported(link: Link, nowMs: number): void {
    this.#reportedMs.set(link, nowMs)
  }

  lost(link: Link): void {
    this.#reportedMs.delete(link)
  }

  clear(): void {
    this.#reportedMs.clear()
  }

  /** Whether there may be a client whose word has not come to us: of this learner, or of any if it
   * is not known which has it. */
  isOverdue(link: Link, nowMs: number): boolean {
    const reportedMs = this.#reportedMs.get(link)
    if (reportedMs !== undefined) return nowMs - reportedMs > this.#overdueMs
    for (const ms of this.#reportedMs.values()) if (nowMs - ms > this.#overdueMs) return true
    return false
  }
}
