// How long a leader may lead: why it had better stop, or null.

import type { ZabContext } from '../context.ts'
import { WORK_LIMITS } from '../follower/at-work.ts'
import type { LearnerTable } from './learner-table.ts'

export class Tenure {
  readonly #context: ZabContext
  readonly #learners: LearnerTable
  #established = false
  /** By when its epoch must be established. */
  #deadlineMs = 0

  constructor(context: ZabContext, learners: LearnerTable) {
    this.#context = context
    this.#learners = learners
    this.extend()
  }

  /** A learner's synchronization makes progress. */
  extend(): void {
    const { clock, times } = this.#context
    this.#deadlineMs = clock.nowMs + times.initLimit * times.tickTimeMs
  }

  /** Excuses the silence of learners that wait for our disk; their synchronization makes progress.
   * Call it at each tick, before anybody is dropped for silence. */
  excuseWhoIsOwed(): void {
    const { clock, times } = this.#context
    const limitMs = WORK_LIMITS * times.initLimit * times.tickTimeMs
    for (const learner of this.#learners.values()) {
      if (!learner.isOwed(clock.nowMs, limitMs)) continue
      learner.heardMs = clock.nowMs
      if (learner.phase === 'synchronizing') this.extend()
    }
  }

  /** A voter is ahead of us. A quorum that can do without it has one tick to agree. */
  hurry(): void {
    const { clock, times } = this.#context
    this.#deadlineMs = Math.min(this.#deadlineMs, clock.nowMs + times.tickTimeMs)
  }

  established(): void {
    this.#established = true
  }

  get deadlineMs(): number {
    return this.#established ? Number.POSITIVE_INFINITY : this.#deadlineMs
  }

  get isOverdue(): boolean {
    return this.#context.clock.nowMs >= this.deadlineMs
  }

  /** Call it at each tick, with the role's phase. The number of followers matters only at whole
   * ticks of ZooKeeper's. */
  end(phase: string, isWhole: boolean): string | null {
    if (this.isOverdue) return `no quorum for ${phase} in time`
    if (!this.#established || !isWhole) return null
    const { tickTimeMs, syncLimit } = this.#context.times
    return this.#lackOfQuorum ?? this.#lackOfDisk(syncLimit * tickTimeMs)
  }

  /** The same for a leader that is blocked, because the ring to its disk is full. */
  get endBlocked(): string | null {
    return this.#established ? this.#lackOfDisk(this.#context.times.tickTimeMs) : null
  }

  /** Too few follow it. */
  get #lackOfQuorum(): string | null {
    const { membership, serverId } = this.#context
    const synced = [serverId, ...[...this.#learners.ready()].map((learner) => learner.serverId)]
    return membership.isQuorum(synced) ? null : 'no quorum of followers left'
  }

  /** Our own disk hangs. Others commit without it as long as memory lasts. After `limitMs` one of
   * them had better lead, if they are a quorum without us. */
  #lackOfDisk(limitMs: number): string | null {
    const { clock, log, membership } = this.#context
    const { lateMs } = log
    if (lateMs <= limitMs) return null
    const others = [...this.#learners.ready()].filter((one) => one.owesMs(clock.nowMs) <= limitMs)
    if (!membership.isQuorum(others.map(({ serverId }) => serverId))) return null
    return `our own disk has synced nothing for ${Math.round(lateMs)} ms`
  }
}
