// A server's own time: its monotonic clock runs a little faster or slower than the world's and
// never jumps; its wall clock does what an operator or a bad clock does to it.

import { SimulatedTime } from '../../world/clock.ts'

export class LocalTime extends SimulatedTime {
  readonly rate: number
  #worldMs: number

  constructor(rate: number, worldMs: number) {
    super()
    this.rate = rate
    this.#worldMs = worldMs
  }

  /** Moves on to the world's time. */
  follow(worldMs: number): void {
    this.advance((worldMs - this.#worldMs) * this.rate)
    this.#worldMs = worldMs
  }
}
