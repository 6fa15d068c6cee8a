// What happened, as a hash: the same seed must give the same one. Printed when it is traced.

import { crc32Update, crc32Value } from '../../../protocol/bytes/crc32.ts'

const NUMBER = new Float64Array(1)
const WORDS = new Int32Array(NUMBER.buffer)

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

  /** A turn of whom, when: the most frequent event, which is text only when somebody reads it. */
  turn(ms: number, member: number, runner: string): void {
    this.count++
    NUMBER[0] = ms
    let state = Math.imul(this.#state ^ WORDS[0]!, 0x01000193)
    state = Math.imul(state ^ WORDS[1]!, 0x01000193)
    state = Math.imul(state ^ ((member << 16) | (runner.charCodeAt(0) << 8)), 0x01000193)
    this.#state = Math.imul(state ^ runner.charCodeAt(1), 0x01000193)
    if (this.#trace) console.log(`${ms} s${member} ${runner}`)
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
