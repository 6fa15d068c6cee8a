// How far an epoch that somebody claims to have accepted may be ahead of our own. Without quorum
// SASL nobody on port 2888 proves who he is, epochs are finite (protocol/zxid.ts), and a leader
// must name an epoch beyond every promise that it believes. So belief costs credit, and the sum of
// all lies is bounded.
//
// An honest member is ahead by the epochs that were named and came to nothing. Each of those took
// an election, in which a quorum introduced itself to the server that named it, and we were usually
// part of that quorum. So each introduction of ours earns one credit. Some credit is there from the
// start, and some comes with time, for the elections that others held without us. A lone liar who
// never stops needs years to use up all epochs: as many minutes as there are epochs.
//
// After a long time without a leader, some larger steps are allowed, because we may need the server
// that claims them. So they are of a voter that a leader has refused for as long: it is one that a
// lie has driven ahead, or an impostor. That ends a reign, so it is dear. The epoch of a leader that we have dialled ourselves may be far ahead, too: we
// may have been away.

import { EPOCH } from '../../../protocol/quorum/ranges.ts'
import type { ServerId } from '../../../protocol/quorum/server-id.ts'
import type { Clock, Journal } from '../../actor.ts'
import type { ZabTimes } from '../neighbours.ts'

/** A lie costs at most the election of one leader. No more of these than can be borne at once. */
export const CREDIT_FIRST = 64
const CREDIT_MAX = 65_536
/** Extra credit, in all: this many failed elections, of initLimit each, take half a day. */
export const CREDIT_FAR = 4096
/** The least that it costs to end a reign by a larger step: eight times in all. */
const DEPOSING_MIN = CREDIT_FAR / 8
/** A leader that begins an epoch a minute is this far ahead of a server that was away for six
 * weeks. */
const OFFERED_MAX = 65_536
const EARNED_EVERY_MS = 60_000
/** From here on, each election logs how many epochs are left. */
const EPOCH_WARNED = EPOCH.max / 2

export class EpochCredit {
  readonly #clock: Clock
  readonly #journal: Journal
  #isEndTold = false
  #credit = CREDIT_FIRST
  #far = CREDIT_FAR
  /** How long there may be no leader, or a voter be refused, before larger steps are believed. */
  readonly #patienceMs: number
  /** Since when there has been no leader; Infinity while there is one. */
  #leaderlessMs: number
  #countedMs: number
  /** Since when voters have been refused in this reign. */
  readonly #refusedMs: Map<ServerId, number> = new Map()
  /** The latest epoch that we believe anybody to have accepted; 0 at first. */
  #latest = 0

  constructor(times: ZabTimes, clock: Clock, journal: Journal) {
    this.#clock = clock
    this.#journal = journal
    this.#patienceMs = times.initLimit * times.tickTimeMs
    this.#countedMs = clock.nowMs
    this.#leaderlessMs = clock.nowMs
  }

  /** A leader was found, or lost. */
  led(isLed: boolean): void {
    this.#refusedMs.clear()
    if (isLed) this.#leaderlessMs = Number.POSITIVE_INFINITY
    else this.#leaderlessMs = Math.min(this.#leaderlessMs, this.#clock.nowMs)
  }

  /** We have introduced ourselves to a leader. It may name an epoch that comes to nothing. */
  introduced(): void {
    this.#add(1)
  }

  /** Whether to believe that somebody has accepted this epoch, when we have accepted `accepted`.
   * What is believed once stays believed. */
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

  /** Whether to believe it of a voter that is not linked. One that says so for long is believed. */
  believesVoter(serverId: ServerId, epoch: number, accepted: number): boolean {
    if (this.believes(epoch, accepted)) {
      this.#refusedMs.delete(serverId)
      return true
    }
    const sinceMs = this.#refusedMs.get(serverId) ?? this.#clock.nowMs
    this.#refusedMs.set(serverId, sinceMs)
    const cost = Math.max(DEPOSING_MIN, epoch - Math.max(this.#latest, accepted))
    if (!this.#isLong(sinceMs) || cost > this.#far) return false
    this.#far -= cost
    this.#latest = epoch
    return true
  }

  get #isStuck(): boolean {
    return this.#isLong(this.#leaderlessMs)
  }

  #isLong(sinceMs: number): boolean {
    return this.#clock.nowMs - sinceMs >= this.#patienceMs
  }

  /** Whether the leader that we have dialled may have named this epoch. It listens where the
   * configuration says, and knows more than we do if we have been away. */
  follows(epoch: number, accepted: number): boolean {
    return epoch - accepted <= OFFERED_MAX || this.believes(epoch - 1, accepted)
  }

  /** What we had accepted when we last named an epoch. */
  before = 0

  /** The epoch to name when we have accepted `accepted`; null if none is left. */
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
