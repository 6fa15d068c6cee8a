// How long writes take, from getting their zxid to being applied here: for the metrics, and for a
// log line about a slow one. At a learner, the beginning is by the leader's clock.

import { formatSessionId } from '../../../protocol/session-id.ts'
import type { TxnHeader } from '../../../protocol/txn.ts'
import { formatZxid } from '../../../protocol/zxid.ts'
import type { Clock, Gauge, Journal, Meter } from '../../actor.ts'
import { SeldomLogged } from '../../seldom-logged.ts'

export interface WriteCounts {
  /** Transactions that this server proposed, and how many of them were committed. */
  readonly proposed: Gauge
  readonly committedOwn: Gauge
  /** Transactions, whoever proposed them. */
  readonly applied: Gauge
}

export interface WriteMeters {
  /** Milliseconds, of every transaction. */
  readonly propagation: Meter
  /** Milliseconds, of writes that this server's clients asked for. */
  readonly own: Meter
  /** Milliseconds, of writes that others asked for. */
  readonly others: Meter
}

export interface WriteTimesOptions {
  /** A slower write is logged. */
  readonly fsyncWarningThresholdMs: number
}

export class WriteTimes {
  readonly #clock: Clock
  readonly #meters: WriteMeters
  readonly #slowMs: number
  readonly #slow: SeldomLogged
  /** The last writes, which took equally long, as most of a turn do. They are not observed yet. */
  #run = 0
  #runMs = 0
  #runIsOwn = false

  constructor(options: WriteTimesOptions, clock: Clock, journal: Journal, meters: WriteMeters) {
    this.#slowMs = options.fsyncWarningThresholdMs
    this.#clock = clock
    this.#meters = meters
    this.#slow = new SeldomLogged(journal, clock, 'write-slow')
  }

  /** `isOwn`: a client of this server waited for it. */
  applied({ timeMs, zxid, sessionId }: TxnHeader, isOwn: boolean): void {
    const ms = this.#clock.wallMs - timeMs
    // Another server's clock may be ahead of ours.
    if (!(ms >= 0)) return
    if (ms !== this.#runMs || isOwn !== this.#runIsOwn) {
      this.settle()
      this.#runMs = ms
      this.#runIsOwn = isOwn
    }
    this.#run++
    if (!isOwn || ms < this.#slowMs) return
    this.#slow.log({ ms, zxid: formatZxid(zxid), session: formatSessionId(sessionId) })
  }

  /** Observes all writes so far. To be called at the end of a turn. */
  settle(): void {
    if (this.#run === 0) return
    const { propagation, own, others } = this.#meters
    propagation.observe(this.#runMs, this.#run)
    const meter = this.#runIsOwn ? own : others
    meter.observe(this.#runMs, this.#run)
    this.#run = 0
  }
}
