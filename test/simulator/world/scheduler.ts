// Whose turn it is: drawn from the seed. A stalled runner gets none for a while, so that its rings
// fill and everybody else has to cope.

import type { Dice } from './dice.ts'
import type { EventLog } from './event-log.ts'

export class Scheduler<Runner extends string> {
  readonly #runners: readonly Runner[]
  readonly #dice: Dice
  readonly #events: EventLog
  readonly #stalledUntil: Map<Runner, number> = new Map()
  #step = 0

  constructor(runners: readonly Runner[], dice: Dice, events: EventLog) {
    this.#runners = runners
    this.#dice = dice
    this.#events = events
  }

  next(): Runner {
    this.#step++
    for (;;) {
      const runner = this.#dice.pick(this.#runners)
      if ((this.#stalledUntil.get(runner) ?? 0) <= this.#step) return runner
    }
  }

  /** Everybody once, in a drawn order: for time to pass in an orderly way. */
  round(): Runner[] {
    const order = [...this.#runners]
    for (let i = order.length - 1; i > 0; i--) {
      const j = this.#dice.below(i + 1)
      ;[order[i], order[j]] = [order[j]!, order[i]!]
    }
    return order.filter((runner) => (this.#stalledUntil.get(runner) ?? 0) <= this.#step)
  }

  /** At most all but one are stalled at a time. */
  stall(steps: number): void {
    const runner = this.#dice.pick(this.#runners)
    if (this.#stalledUntil.size >= this.#runners.length - 1) this.#stalledUntil.clear()
    this.#events.add(`stall ${runner} ${steps}`)
    this.#stalledUntil.set(runner, this.#step + steps)
  }

  heal(): void {
    this.#stalledUntil.clear()
  }
}
