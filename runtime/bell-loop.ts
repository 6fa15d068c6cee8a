// The loop of a thread with an event loop: the network's, and those of actors that own sockets. It
// takes a step when the bell rings, when something is due, and after what a socket has brought;
// then it leaves the event loop to others.
//
// Waking up is what such a thread does most, so it is kept cheap: one waiter on the bell at a time
// and without a time-out (each would be a task of its own in the platform), one timer that is moved
// only when something is due earlier than it, and a second step at once after one that found work.

import type { Doorbell } from './doorbell.ts'

/** What the loop drives. */
export interface Steps {
  /** One step; true when there may be more to do at once. */
  step(): boolean
  /** How long until a step is due even if nobody rings; Infinity for never. */
  parkMs(): number
  /** The loop ends when there is nothing more to do. */
  readonly ended: boolean
}

/** Steps in a row before sockets have their turn. */
const STEPS_MAX = 4
const PARK_MS_MAX = 1000

export class BellLoop {
  readonly #bell: Doorbell
  readonly #nowMs: () => number
  #steps: Steps | null = null
  #scheduled = false
  #stepping = false
  /** A waiter stands at the bell. */
  #waiting = false
  #timer: NodeJS.Timeout | null = null
  #timerDueMs = Number.POSITIVE_INFINITY
  #onEnd: () => void = () => undefined

  constructor(bell: Doorbell, nowMs: () => number) {
    this.#bell = bell
    this.#nowMs = nowMs
  }

  /** Resolves when it has ended. */
  run(steps: Steps): Promise<void> {
    this.#steps = steps
    return new Promise((resolve) => {
      this.#onEnd = resolve
      this.#go()
    })
  }

  /** Something has come: a step, at once unless one is under way. */
  wake(): void {
    if (!this.#stepping) this.#go()
    else this.#again()
  }

  /** A step when sockets have had their turn. */
  #again(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#go()
    })
  }

  #go(): void {
    const steps = this.#steps
    if (steps === null) return
    this.#stepping = true
    let seen = this.#bell.read()
    let left = STEPS_MAX
    while (left > 0 && steps.step()) {
      seen = this.#bell.read()
      left--
    }
    this.#stepping = false
    if (left === 0) {
      this.#again()
      return
    }
    if (steps.ended) this.#end()
    else this.#park(seen, steps.parkMs())
  }

  #park(seen: number, parkMs: number): void {
    if (!this.#waiting) {
      this.#waiting = this.#bell.onRing(seen, () => {
        this.#waiting = false
        this.#go()
      })
    } else if (this.#bell.read() !== seen) {
      // The waiter was rung before, and has still to be called.
      this.#again()
    }
    if (!this.#waiting) this.#again()
    this.#setTimer(Math.min(parkMs, PARK_MS_MAX))
  }

  /** A timer that is early costs a step; one that was moved each time would cost more. */
  #setTimer(parkMs: number): void {
    const dueMs = this.#nowMs() + parkMs
    if (dueMs >= this.#timerDueMs) return
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timerDueMs = dueMs
    this.#timer = setTimeout(() => {
      this.#timer = null
      this.#timerDueMs = Number.POSITIVE_INFINITY
      this.#go()
    }, parkMs)
  }

  #end(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#steps = null
    this.#onEnd()
  }
}
