// When each connection was last heard: stamped by the network loop, read by the session manager. So
// a ping costs one store, and no message. And when a quorum was last known to stand behind a
// member's leader (itself, if it leads): stamped by zab, read by the network loop.

import type { LastHeard } from '../../actors/sessions/options.ts'
import type { ConnectionSlot } from '../../protocol/messages/network.ts'

/** The places of the memory. */
const ALIVE = 0
const TOUCH = 1
const SLOTS = 2

export class LastHeardTable implements LastHeard {
  readonly memory: SharedArrayBuffer
  readonly #times: Float64Array

  constructor(memory: SharedArrayBuffer) {
    this.memory = memory
    this.#times = new Float64Array(memory)
  }

  static memoryFor(slots: number): SharedArrayBuffer {
    const memory = new SharedArrayBuffer((SLOTS + slots) * 8)
    new Float64Array(memory)[TOUCH] = Number.POSITIVE_INFINITY
    return memory
  }

  get slots(): number {
    return this.#times.length - SLOTS
  }

  /** In milliseconds of the common monotonic clock. */
  stamp(slot: ConnectionSlot, nowMs: number): void {
    this.#times[SLOTS + slot] = nowMs
  }

  stampAlive(nowMs: number): void {
    this.#times[ALIVE] = nowMs
  }

  lastHeardMs(slot: ConnectionSlot): number {
    return this.#times[SLOTS + slot] ?? 0
  }

  networkAliveMs(): number {
    return this.#times[ALIVE] ?? 0
  }

  /** Infinity on a server that needs nobody; -Infinity while nothing is known of the quorum. */
  stampInTouch(ms: number): void {
    this.#times[TOUCH] = ms
  }

  inTouchMs(): number {
    return this.#times[TOUCH] ?? 0
  }
}
