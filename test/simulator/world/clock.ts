// Simulated time: moved by the scheduler alone, read by each host at the beginning of its turn.

import type { HostClock } from '../../../runtime/thread/actor-host.ts'

export class SimulatedTime {
  nowMs = 10_000
  /** Follows nowMs but for the jumps an operator or a bad clock makes. */
  wallMs = 1_718_000_000_000

  advance(ms: number): void {
    this.nowMs += ms
    this.wallMs += ms
  }
}

export class SimulatedClock implements HostClock {
  nowMs = 0
  /** Whole milliseconds since 1970, as Date.now() has them. */
  wallMs = 0
  readonly #time: SimulatedTime

  constructor(time: SimulatedTime) {
    this.#time = time
    this.advance()
  }

  advance(): void {
    this.nowMs = this.#time.nowMs
    this.wallMs = Math.floor(this.#time.wallMs)
  }

  read(): number {
    return this.#time.nowMs
  }
}
