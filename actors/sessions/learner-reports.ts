// What a leader knows of its learners' clients: when each learner last reported everything it had
// heard. If a report is overdue, because some thread between those clients and us stands still, the
// learner may have heard any of its clients until now; if the learner is gone, until it went.
//
// A session that comes due while a report is overdue gets a full timeout from then, not one until the next
// report: what a server of ZooKeeper's answers first, once it goes on, does not tell of clients whose
// pings it has yet to read.
//
// Zab tells of a learner's beginning and of its end, in this order, and they count whatever the tree has said of
// our own role by then: zab's message may overtake it.

import { SLOT_NONE } from '../../protocol/messages/network.ts'
import type { Link } from '../../protocol/messages/zab.ts'
import type { Session } from './session.ts'

/** No learner is known to have the session. */
export const LINK_NONE: Link = -1

export class LearnerReports {
  readonly #overdueMs: number
  readonly #reportedMs: Map<Link, number> = new Map()

  /** `overdueMs`: a healthy learner reports more often than this. */
  constructor(overdueMs: number) {
    this.#overdueMs = overdueMs
  }

  /** The learner has reported everything that it had heard by then. */
  reported(link: Link, ms: number): void {
    this.#reportedMs.set(link, ms)
  }

  lost(link: Link): void {
    this.#reportedMs.delete(link)
  }

  /** Whether a learner whose report has not reached us may have heard the client of this session:
   * the learner that has the session, or any learner if we do not know which has it. A session
   * that moved to a learner may still have a connection here. */
  mayBeHeard({ link, slot }: Pick<Session, 'link' | 'slot'>, nowMs: number): boolean {
    const reportedMs = this.#reportedMs.get(link)
    if (reportedMs !== undefined) return this.#isOverdue(reportedMs, nowMs)
    // The learner that has the session may be gone by the time we hear that it had it.
    if (link === LINK_NONE && slot !== SLOT_NONE) return false
    for (const ms of this.#reportedMs.values()) if (this.#isOverdue(ms, nowMs)) return true
    return false
  }

  #isOverdue(reportedMs: number, nowMs: number): boolean {
    return nowMs - reportedMs > this.#overdueMs
  }
}
