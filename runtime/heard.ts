// When each connection was last heard of, stamped by the network loop and read by the session
// manager: a ping costs one store, no message.

import type { Heard } from '../actors/sessions/options.ts'

export class HeardTable implements Heard {
  readonly memory: SharedArrayBuffer
  readonly #times: Float64Array

  constructor(memory: SharedArrayBuffer) {
    this.memory = memory
    this.#times = new Float64Array(memory)
  }

  static memoryFor(slots: number): SharedArrayBuffer {
    return new SharedArrayBuffer((slots + 1) * 8)
  }

  get slots(): number {
    return this.#times.length - 1
  }

  /** Milliseconds of the common monotonic clock. */
  stamp(slot: number, nowMs: number): void {
    this.#times[slot + 1] = nowMs
  }

  stampAlive(nowMs: number): void {
    this.#times[0] = nowMs
  }

  lastHeardMs(slot: number): number {
    return this.#times[slot + 1] ?? 0
  }

  networkAliveMs(): number {
    return this.#times[0] ?? 0
  }
}
