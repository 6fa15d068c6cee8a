// What a member's operator sees of its leadership: learners, syncs, sizes of proposals.

import type { Gauge, Meter } from '../actor.ts'
import type { LearnerTable } from './leader/learner-table.ts'
import type { ZabLinks } from './neighbours.ts'

export interface ZabMeters {
  /** Milliseconds from a proposal of ours to its quorum. */
  readonly quorumAck: Meter
}

export interface ZabGauges extends ZabMeters {
  /** How many learners a leader has; 0 on other servers. */
  readonly learners: Gauge
  readonly syncedFollowers: Gauge
  readonly syncedObservers: Gauge
  readonly pendingSyncs: Gauge
  /** Bytes that wait for all learners, and the most that have waited for one. */
  readonly learnersBacklog: Gauge
  readonly learnerBacklogMax: Gauge
  /** Bytes; 0 before the first. */
  readonly lastProposalBytes: Gauge
  readonly minProposalBytes: Gauge
  readonly maxProposalBytes: Gauge
}

export class LeaderReport {
  readonly meters: ZabMeters
  readonly #gauges: ZabGauges
  #min = Number.POSITIVE_INFINITY
  #max = 0
  #backlogMax = 0

  constructor(gauges: ZabGauges) {
    this.#gauges = gauges
    this.meters = gauges
  }

  proposed(bytes: number): void {
    this.#gauges.lastProposalBytes.set(bytes)
    this.#min = Math.min(this.#min, bytes)
    this.#max = Math.max(this.#max, bytes)
    this.#gauges.minProposalBytes.set(this.#min)
    this.#gauges.maxProposalBytes.set(this.#max)
  }

  /** Call it after each turn of a leader. */
  turn(learners: LearnerTable, pendingSyncs: number, links: Pick<ZabLinks, 'unsent'>): void {
    let followers = 0
    let observers = 0
    let backlog = 0
    for (const { current, observer, link } of learners.values()) {
      if (current && observer) observers++
      else if (current) followers++
      const unsent = links.unsent(link)
      backlog += unsent
      if (unsent > this.#backlogMax) this.#backlogMax = unsent
    }
    this.#gauges.learnersBacklog.set(backlog)
    this.#gauges.learnerBacklogMax.set(this.#backlogMax)
    this.#gauges.learners.set(learners.size)
    this.#gauges.syncedFollowers.set(followers)
    this.#gauges.syncedObservers.set(observers)
    this.#gauges.pendingSyncs.set(pendingSyncs)
  }

  ended(): void {
    const { learners, syncedFollowers, syncedObservers, pendingSyncs, learnersBacklog } =
      this.#gauges
    const now = [learners, syncedFollowers, syncedObservers, pendingSyncs, learnersBacklog]
    for (const gauge of now) gauge.set(0)
  }
}
