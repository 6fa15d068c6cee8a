// Whether a thread that expects to be rung soon should look out for it before it parks.
//
// Waking a parked thread takes 30 to 60 us here, a third of the time of a lone write. So when the
// tree has a proposal or two under way and nothing else to do, its thread looks at its bell for the
// time a sync takes, at most a millisecond. Where that does not pay, because the disk is slow or
// the cores have other work, it is left off for a while: each failure doubles the pause.
//
// The network loop rings the log's bell along with the tree's when a write comes in: then the log's
// thread is awake, and looking, when the tree's proposal arrives.
//
// Kept by measurement (perf/RESULTS.md): one outstanding set, medians of interleaved runs, 338 us
// with both, 352 us without, 369 us for Apache ZooKeeper; no difference under load, where threads
// find work and do not get here.

import type { Doorbell } from './doorbell.ts'

/** Beyond the latest sync: the hop to the log, and what a sync varies by. */
const MARGIN_MS = 0.15
const LOOK_MS_MAX = 1
const LOOKS_A_CLOCK_READ = 50
const PAUSE_MAX = 1024

export class Patience {
  readonly #bell: Doorbell
  readonly #nowMs: () => number
  readonly #syncMs: () => number
  /** Occasions to let pass after the next failure, and those left of the present pause. */
  #pause = 8
  #left = 0

  /** `syncMs` is how long the log's latest sync took. */
  constructor(bell: Doorbell, nowMs: () => number, syncMs: () => number) {
    this.#bell = bell
    this.#nowMs = nowMs
    this.#syncMs = syncMs
  }

  /** Looks at the bell for a while; true as soon as it differs from `seen`. */
  look(seen: number): boolean {
    if (this.#left > 0) {
      this.#left--
      return false
    }
    const endMs = this.#nowMs() + Math.min(this.#syncMs() + MARGIN_MS, LOOK_MS_MAX)
    while (this.#nowMs() < endMs) {
      for (let i = 0; i < LOOKS_A_CLOCK_READ; i++) {
        if (this.#bell.read() === seen) continue
        this.#pause = 8
        return true
      }
    }
    this.#left = this.#pause
    this.#pause = Math.min(this.#pause * 2, PAUSE_MAX)
    return false
  }
}
