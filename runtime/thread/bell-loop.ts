// The loop of a thread with an event loop: the network's, and those of actors that own sockets. It
// takes a step when the bell rings, when something is due, and after a socket has brought
// something. Then it leaves the event loop to others.
//
// Waking up is what such a thread does most, so it is kept cheap. There is one waiter on the bell
// at a time, without a time-out (each would be a task of its own in the platform). There is one
// timer, which is moved only if something is due earlier. No step is taken only to find that
// nothing is left. And if a neighbour is about to ring, the thread waits for that on the bell
// itself: to be woken in the event loop costs several times as much.
//
// Why no wake-up is lost. The bell is read before the last step, which left nothing of what it saw.
// So whatever that step did not see changes the bell afterwards; and by doorbell.ts a change is
// noticed before the loop sleeps, or calls its waiter. A waiter stands there whenever the loop
// sleeps: it is placed again after each call. A waiter that was rung earlier, and is still to be
// called, costs one superfluous step and does no harm. The timer is no part of this proof. It keeps
// the process alive, which a waiter does not.

import type { Doorbell } from '../ring/doorbell.ts'

/** What the loop drives. */
export interface Steps {
  /** One step. True if it has left something to do. */
  step(): boolean
  /** If a ring is so near that sockets may wait for it, blocks the thread on its bell; true if the
   * ring came. `rung`: a ring has woken the thread. */
  awaitRing?(seen: number, rung: boolean): boolean
  /** How long until a step is due even if nobody rings; Infinity for never. */
  parkMs(): number
  /** Whether the loop should end once there is nothing more to do. */
  ended(): boolean
}

/** How many steps are taken in a row before sockets have their turn. */
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

  /** `parkMsMax`: a step is taken at least this often. A test turns that off. */
  constructor(bell: Doorbell, nowMs: () => number, parkMsMax: number = PARK_MS_MAX) {
    this.#bell = bell
    this.#nowMs = nowMs
    this.#parkMsMax = parkMsMax
  }

  /** Resolves when the loop has ended. */
  run(steps: Steps): Promise<void> {
    this.#steps = steps
    return new Promise((resolve) => {
      this.#onEnd = resolve
      this.#go()
    })
  }

  /** Something has come: take a step, at once unless one is under way. */
  wake(): void {
    if (!this.#stepping) this.#go()
    else this.#again()
  }

  /** Takes a step once sockets have had their turn. */
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

  /** A timer that fires early costs a step. To move it each time would cost more. */
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
