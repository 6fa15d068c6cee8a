// The requests of a connection that wait for their replies, oldest first.
//
// A server answers one connection's requests strictly in order. So a reply always belongs to the
// head, and need not be looked up by its xid, which only proves that it does. The queue is a ring
// with a power of two of places, which grows up to a limit.

import type { JuteReader } from '../protocol/bytes/jute-reader.ts'

/** A request that waits for its reply. */
export interface Pending {
  /** Set by the connection. */
  xid: number
  /** Called once. If `err` is 0 the reader stands at the reply's body; otherwise there is none. */
  settle(err: number, reader: JuteReader): void
}

const INITIAL_SLOTS = 64

export class RequestQueue {
  readonly #countMax: number
  #slots: (Pending | undefined)[] = new Array(INITIAL_SLOTS)
  #head = 0
  #count = 0

  constructor(countMax: number) {
    this.#countMax = countMax
  }

  get count(): number {
    return this.#count
  }

  get full(): boolean {
    return this.#count >= this.#countMax
  }

  push(pending: Pending): void {
    if (this.#count === this.#slots.length) this.#grow()
    this.#slots[(this.#head + this.#count) & (this.#slots.length - 1)] = pending
    this.#count++
  }

  /** Removes the oldest; null if the queue is empty. */
  shift(): Pending | null {
    if (this.#count === 0) return null
    const pending = this.#slots[this.#head]!
    this.#slots[this.#head] = undefined
    this.#head = (this.#head + 1) & (this.#slots.length - 1)
    this.#count--
    return pending
  }

  /** Removes all of them, oldest first. */
  drain(): Pending[] {
    const all: Pending[] = []
    for (let next = this.shift(); next !== null; next = this.shift()) all.push(next)
    return all
  }

  #grow(): void {
    const slots = new Array<Pending | undefined>(this.#slots.length * 2)
    for (let i = 0; i < this.#count; i++) {
      slots[i] = this.#slots[(this.#head + i) & (this.#slots.length - 1)]
    }
    this.#slots = slots
    this.#head = 0
  }
}
