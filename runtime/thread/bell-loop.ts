// The loop of a thread with an event loop: the network's, and those of actors that own sockets. It
// takes a step when the bell rings, when something is due, and after what a socket has brought;
// then it leaves the event loop to others.
//
// Waking up is what such a thread does most, so it is kept cheap: one waiter on the bell at a time
// and without a time-out (each would be a task of its own in the platform), one timer that is moved
// only when something is due earlier than it, no step to find that nothing is left; and where a
// neighbour is about to ring, it waits for that on the bell itself: the event loop's way of being
// woken costs several times as much.
//
// Why no wake-up is lost. The bell is read before the last step, which left nothing of what it saw;
// so whatever that step did not see changes the bell afterwards, and doorbell.ts says that a change
// is noticed before the loop sleeps, or calls its waiter. One stands there whenever the loop sleeps:
// it is placed again after each call. A waiter that was rung before, and is still to be called, is a
// step too many and no harm. The timer is no part of this proof; it keeps the process alive, which a
// waiter does not.

import type { Doorbell } from '../ring/doorbell.ts'

/** What the loop drives. */
export interface Steps {
  /** One step; true when it has left something to do. */
  step(): boolean
  /** Blocks the thread on its bell, if a ring is so near that sockets may wait for it; true when it
   * came. `rung`: a ring has woken the thread. */
  awaitRing?(seen: number, rung: boolean): boolean
  /** How long until a step is due even if nobody rings; Infinity for never. */
  parkMs(): number
  /** The loop ends when there is nothing more to do. */
  ended(): boolean
}

/** Steps in a row before sockets have their turn. */
const STEPS_MAX = 4
const PARK_MS_MAX = 1000

export class BellLoop {
  readonly #bell: Doorbell
  readonly #nowMs: () => number
  readonly #parkMsMax: number
  #steps: Steps | null = null
  #scheduled = false
  #stepping = false
  /** A waiter stands at the bell. */
  #waiting = false
  #timer: NodeJS.Timeout | null = null
  #timerDueMs = Number.POSITIVE_INFINITY
  #onEnd: () => void = () => undefined

  /** `parkMsMax`: a step at least so often, which a test takes away. */
  constructor(bell: Doorbell, nowMs: () => number, parkMsMax: number = PARK_MS_MAX) {
    this.#bell = bell
    this.#nowMs = nowMs
    this.#parkMsMax = parkMsMax
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

  #go(rung: boolean = false): void {
    const steps = this.#steps
    if (steps === null) return
    this.#stepping = true
    this.#bell.wake()
    let seen = this.#bell.read()
    let left = STEPS_MAX
    while (left > 0 && (steps.step() || steps.awaitRing?.(seen, rung))) {
      seen = this.#bell.read()
      left--
    }
    this.#stepping = false
    if (left === 0) {
      this.#again()
      return
    }
    if (steps.ended()) this.#end()
    else this.#sleep(seen, steps.parkMs())
  }

  #sleep(seen: number, parkMs: number): void {
    if (!this.#waiting) {
      this.#waiting = true
      this.#bell.onRing(() => {
        this.#waiting = false
        this.#go(true)
      })
    }
    if (!this.#bell.sleep(seen)) this.#again()
    this.#setTimer(Math.min(parkMs, this.#parkMsMax))
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
