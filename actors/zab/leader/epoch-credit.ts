// How far ahead of our own an epoch may be that somebody claims to have accepted. Nobody proves on
// port 2888 who he is, there is an end to epochs (protocol/zxid.ts), and whoever leads has to name
// one beyond every promise that it believes: so believing costs credit, and the sum of all lies is
// bounded.
//
// A member that tells the truth is ahead by the epochs that were named and came to nothing. Each
// took an election, in which a quorum introduced itself to whoever named it: us among others. So
// each introduction of ours earns a credit. Some more are there from the start and come with time,
// for those elections in which only others took part. A lone liar that never ends takes years of
// them: as many minutes as there are epochs.
//
// When there is no leader for long, some steps may be further, for we may need whoever claims them.
// So may any to the epoch of a leader that we have dialled: we may have been away.

import { EPOCH } from '../../../protocol/quorum/ranges.ts'
import type { Clock, Journal } from '../../actor.ts'
import type { ZabTimes } from '../neighbours.ts'

/** A lie costs the election of one leader at least: no more of these than can be borne at once. */
export const CREDIT_FIRST = 64
const CREDIT_MAX = 65_536
/** Besides, in all: so many elections that came to nothing, at initLimit each, take half a day. */
export const CREDIT_FAR = 4096
/** A leader of one epoch a minute is that far ahead of a server that was away for six weeks. */
const OFFERED_MAX = 65_536
const EARNED_EVERY_MS = 60_000
/** From here on each election says how many are left. */
const EPOCH_WARNED = EPOCH.max / 2

export class EpochCredit {
  readonly #clock: Clock
  readonly #journal: Journal
  #isEndTold = false
  #credit = CREDIT_FIRST
  #far = CREDIT_FAR
  /** How long there may be no leader. */
  readonly #patienceMs: number
  /** Since when there is no leader; Infinity while there is one. */
  #leaderlessMs: number
  #countedMs: number
  /** The latest that anybody may have accepted, as far as we believe it; 0 at first. */
  #latest = 0

  constructor(times: ZabTimes, clock: Clock, journal: Journal) {
    this.#clock = clock
    this.#journal = journal
    this.#patienceMs = times.initLimit * times.tickTimeMs
    this.#countedMs = clock.nowMs
    this.#leaderlessMs = clock.nowMs
  }

  /** There is a leader, or none any more. */
  led(isLed: boolean): void {
    if (isLed) this.#leaderlessMs = Number.POSITIVE_INFINITY
    else this.#leaderlessMs = Math.min(this.#leaderlessMs, this.#clock.nowMs)
  }

  /** We have introduced ourselves to a leader, which may name an epoch and come to nothing. */
  introduced(): void {
    this.#add(1)
  }

  /** Whether somebody may have accepted this epoch, while we have accepted `accepted`. Believed once
   * is believed for good. */
  believes(epoch: number, accepted: number): boolean {
    const cost = epoch - Math.max(this.#latest, accepted)
    if (cost <= 0) return true
    this.#count()
    if (cost <= this.#credit) this.#credit -= cost
    else if (cost <= this.#far && this.#isStuck) this.#far -= cost
    else return false
    this.#latest = epoch
    return true
  }

  get #isStuck(): boolean {
    return this.#clock.nowMs - this.#leaderlessMs >= this.#patienceMs
  }

  /** Whether the leader that we have dialled may have named this epoch. It listens where it is
   * configured, but knows more than we if we have been away. */
  follows(epoch: number, accepted: number): boolean {
    return epoch - accepted <= OFFERED_MAX || this.believes(epoch - 1, accepted)
  }

  /** What we had accepted when we named an epoch last. */
  before = 0

  /** The epoch to name when we have accepted `accepted`; null when there is none left. */
  next(accepted: number): number | null {
    this.before = accepted
    const epoch = Math.max(this.#latest, accepted) + 1
    if (epoch > EPOCH.max) {
      if (!this.#isEndTold) this.#journal.log('error', 'no-epoch-left', { accepted })
      this.#isEndTold = true
      return null
    }
    if (epoch > EPOCH_WARNED) this.#journal.log('warn', 'epochs-run-out', { epoch, of: EPOCH.max })
    return epoch
  }

  #count(): void {
    const passed = Math.floor((this.#clock.nowMs - this.#countedMs) / EARNED_EVERY_MS)
    this.#countedMs += passed * EARNED_EVERY_MS
    this.#add(passed)
  }

  #add(earned: number): void {
    this.#credit = Math.min(CREDIT_MAX, this.#credit + earned)
  }
}
