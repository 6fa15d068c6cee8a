// How long a learner believes in its leader.
//
// Any byte on the link is a sign of life. During synchronization it is a reason to wait for another
// initLimit. A leader of ours gives two more signs: PINGs at a short interval, and pulses from a
// thread that does nothing else, over the connection between the elections (actors/election). They
// tell a leader that is gone or stopped from one that is busy. While pulses come, the link may be
// silent for syncLimit, as it may with a leader of ZooKeeper's; without pulses, for `silenceMs`, or for
// `agreedSilenceMs` if a quorum misses them.

import type { ServerId } from '../../../protocol/quorum/server-id.ts'
import { agreedMs, BUSY, LEADERS_PULSES, quickMs, Silence } from '../../silence.ts'
import type { ZabContext } from '../context.ts'

export class LeaderWatch {
  readonly #context: ZabContext
  readonly #leader: ServerId
  readonly #link: Silence
  readonly #syncMs: number
  readonly #initMs: number
  #progressMs: number
  /** How often a leader of ours gives a sign of life; 0 for a leader of ZooKeeper's. */
  #beatMs = 0

  constructor(context: ZabContext, leader: ServerId) {
    const { clock, times } = context
    this.#context = context
    this.#leader = leader
    this.#syncMs = times.syncLimit * times.tickTimeMs
    this.#initMs = times.initLimit * times.tickTimeMs
    this.#link = new Silence(this.#syncMs, clock.nowMs)
    this.#progressMs = clock.nowMs
  }

  /** The leader is one of ours, and gives a sign of life this often. */
  expectBeats(intervalMs: number): void {
    this.#beatMs = intervalMs
    this.#context.pulses.startPulses(this.#leader, intervalMs)
    this.pulse(this.#leader, false)
  }

  /** Whether this server has pulses, as far as the election has heard. */
  pulse(server: ServerId, alive: boolean): void {
    if (server !== this.#leader || this.#beatMs === 0) return
    const { clock, times } = this.#context
    const limitMs = quickMs(times.silenceMs, this.#beatMs)
    if (alive) this.#link.allow(this.#syncMs, this.#syncMs, clock.nowMs)
    else this.#link.allow(limitMs, Math.min(this.#syncMs, BUSY * limitMs), clock.nowMs)
  }

  /** A quorum hears no pulses of it. Pulses have waited for whoever is slow, and nothing else has come
   * on the link. */
  doubted(server: ServerId): void {
    if (server !== this.#leader || this.#beatMs === 0) return
    const { clock, times } = this.#context
    const limitMs = agreedMs(times, this.#beatMs / LEADERS_PULSES)
    this.#link.allow(limitMs, limitMs, clock.nowMs)
  }

  heard(): void {
    const { nowMs } = this.#context.clock
    this.#link.heard(nowMs)
    this.#progressMs = nowMs
  }

  /** When the leader will have been silent for too long. */
  get silentMs(): number {
    return this.#link.endMs
  }

  get isSilent(): boolean {
    return this.#link.isOver(this.#context.clock.nowMs)
  }

  /** Why the leader is given up now; null if it is not. `follows`: we are synchronized. */
  lapse(follows: boolean): string | null {
    if (follows) return this.isSilent ? `the leader ${this.#leader} is silent` : null
    const isOver = this.#context.clock.nowMs >= this.initEndMs
    return isOver ? `not synchronized with ${this.#leader} within initLimit` : null
  }

  /** When to give up a synchronization that makes no progress. */
  get initEndMs(): number {
    return this.#progressMs + this.#initMs
  }
}
