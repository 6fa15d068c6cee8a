// What happened, as a hash: the same seed must give the same one. Printed when it is traced.

import { crc32Update, crc32Value } from '../../protocol/crc32.ts'

export class EventLog {
  count = 0
  readonly #trace: boolean
  #state = -1

  constructor(trace: boolean) {
    this.#trace = trace
  }

  add(event: string): void {
    this.count++
    let state = this.#state
    for (let i = 0; i < event.length; i++) {
      state = Math.imul(state ^ event.charCodeAt(i), 0x01000193)
    }
    this.#state = state
    if (this.#trace) console.log(event)
  }

  /** Bytes that belong to the event before. */
  bytes(bytes: Uint8Array, start: number, end: number): void {
    this.#state = crc32Update(this.#state, bytes, start, end)
  }

  get hash(): string {
    return `${this.count}-${crc32Value(this.#state).toString(16)}`
  }
}

/** A promise of the server is broken, or the server is. */
export class Violation extends Error {
  override readonly name = 'Violation'
}

export function check(condition: boolean, problem: () => string): asserts condition {
  if (!condition) throw new Violation(problem())
}
