// The loop of an actor's thread that owns sockets: parked on its bell with an event loop running.
// What a socket brings is followed by a turn in the same round of the event loop.

import type { ActorHost } from './actor-host.ts'
import type { Doorbell } from './doorbell.ts'

const PARK_MS_MAX = 1000
/** Keeps the event loop alive: a pending waitAsync does not. */
const ALIVE_MS = 1 << 30

export class SocketLoop {
  readonly #bell: Doorbell
  readonly #stop: Int32Array
  readonly #turn: () => boolean
  #scheduled = false
  #host: ActorHost | null = null
  #parkedUntilMs = 0

  /** `turn` takes the host's turn, and ends the thread if that fails. */
  constructor(bell: Doorbell, stop: Int32Array, turn: () => boolean) {
    this.#bell = bell
    this.#stop = stop
    this.#turn = turn
  }

  /** A turn after everything that this round of the event loop brings. */
  wake(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      const host = this.#host
      if (host === null) return
      const working = this.#turn()
      const dueMs = host.clock.nowMs + host.parkMs()
      if (working || dueMs < this.#parkedUntilMs) this.#bell.ring()
    })
  }

  async run(host: ActorHost): Promise<void> {
    this.#host = host
    const alive = setInterval(() => undefined, ALIVE_MS)
    for (;;) {
      const seen = this.#bell.read()
      const working = this.#turn()
      if (working) {
        await new Promise<void>((resolve) => setImmediate(resolve))
        continue
      }
      if (Atomics.load(this.#stop, 0) !== 0) break
      const parkMs = Math.min(host.parkMs(), PARK_MS_MAX)
      this.#parkedUntilMs = host.clock.nowMs + parkMs
      await this.#bell.parkAsync(seen, parkMs)
    }
    clearInterval(alive)
    host.close()
  }
}
