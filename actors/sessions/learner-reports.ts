// What a leader knows of the clients of its learners: when each learner has last told all that it had
// heard. One that is overdue, because any thread between its clients and us stands still, may have
// heard from anybody until now; one that is gone, until it went.

import { SLOT_NONE } from '../../protocol/messages/network.ts'
import type { Link } from '../../protocol/messages/zab.ts'
import type { Session } from './session.ts'

/** No learner is known to have the session. */
export const LINK_NONE: Link = -1

export class LearnerReports {
  readonly #overdueMs: number
  readonly #reportedMs: Map<Link, number> = new Map()

  /** `overdueMs`: a learner tells half as often at least. */
  constructor(overdueMs: number) {
    this.#overdueMs = overdueMs
  }

  /** It has told all that it had heard at that time. */
  reported(link: Link, ms: number): void {
    this.#reportedMs.set(link, ms)
  }

  lost(link: Link): void {
    this.#reportedMs.delete(link)
  }

  clear(): void {
    this.#reportedMs.clear()
  }

  /** Whether the client of this session may have been heard by a learner whose word has not come to
   * us: by the one that has the session, or by any if it is not known which has it. A session that
   * went to a learner may have a connection left here. */
  mayBeHeard({ link, slot }: Pick<Session, 'link' | 'slot'>, nowMs: number): boolean {
    const reportedMs = this.#reportedMs.get(link)
    if (reportedMs !== undefined) return this.#isOverdue(reportedMs, nowMs)
    // A learner that has the session may be gone by the time we hear that it has.
    if (link === LINK_NONE && slot !== SLOT_NONE) return false
    for (const ms of this.#reportedMs.values()) if (this.#isOverdue(ms, nowMs)) return true
    return false
  }

  #isOverdue(reportedMs: number, nowMs: number): boolean {
    return nowMs - reportedMs > this.#overdueMs
  }
}
