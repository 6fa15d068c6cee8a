// Whether a thread that expects a ring soon should wait for it where that is cheapest.
//
// Waking a parked thread takes 30 to 60 us here, a third of the time of a lone write. So when the
// tree has a proposal or two under way and nothing else to do, its thread watches its bell for as
// long as a sync takes, up to a millisecond. A thread with sockets, which is more expensive to wake
// in its event loop, parks on the bell for as long instead. Where that does not pay, because the
// disk is slow or the cores have other work, it is given up for a while; each failure doubles the
// pause.
//
// When a write comes in, the network loop rings the bell of the log, or of a member's zab, along
// with the tree's. So that thread is awake, and waiting, when the tree's message arrives.
//
// Justified by measurement (perf/RESULTS.md): with one outstanding set, medians of interleaved
// runs, 338 us with both, 352 us without, 369 us for Apache ZooKeeper. No difference under load,
// where threads find work and do not get here.

import type { Doorbell } from '../ring/doorbell.ts'

/** Added to the latest sync: the hop to the log, and how much a sync varies. */
const MARGIN_MS = 0.15
const WAIT_MS_MAX = 1
const LOOKS_A_CLOCK_READ = 50
const PAUSE_MIN = 8
const PAUSE_MAX = 1024

export class IdleStrategy {
  readonly #bell: Doorbell
  readonly #nowMs: () => number
  readonly #syncMs: () => number
  /** How many occasions to skip after the next failure, and how many are left of the present
   * pause. */
  #pause = PAUSE_MIN
  #left = 0

  /** `syncMs` is how long the log's latest sync took, or whatever else is waited for. */
  constructor(bell: Doorbell, nowMs: () => number, syncMs: () => number) {
    this.#bell = bell
    this.#nowMs = nowMs
    this.#syncMs = syncMs
  }

  /** Watches the bell for a while. True as soon as it differs from `seen`. */
  look(seen: number): boolean {
    return this.#attempt((ms) => this.#look(seen, ms))
  }

  /** The same, parked. */
  park(seen: number): boolean {
    return this.#attempt((ms) => this.#bell.park(seen, ms))
  }

  #attempt(wait: (ms: number) => boolean): boolean {
    if (this.#left > 0) {
      this.#left--
      return false
    }
    if (wait(Math.min(this.#syncMs() + MARGIN_MS, WAIT_MS_MAX))) {
      this.#pause = PAUSE_MIN
      return true
    }
    this.#left = this.#pause
    this.#pause = Math.min(this.#pause * 2, PAUSE_MAX)
    return false
  }

  #look(seen: number, ms: number): boolean {
    const endMs = this.#nowMs() + ms
    while (this.#nowMs() < endMs) {
      for (let i = 0; i < LOOKS_A_CLOCK_READ; i++) if (this.#bell.read() !== seen) return true
    }
    return false
  }
}
