// The requests of one connection that are on their way, oldest first: when each left, and its length.
//
// Replies come in the order of requests, so this is a ring. A list that is emptied when nothing is left
// in it would grow for as long as a client always has something under way. The ring has no more places
// than twice the most that were under way since it was empty, which the connection's window bounds.

import { assert } from '../../protocol/assert.ts'

const PLACES_MIN = 8
/** Of an idle connection. */
const PLACES_KEPT = 64

export class RequestsUnderWay {
  count = 0
  /** Of all. */
  bytes = 0
  #head = 0
  /** Milliseconds. Both have as many places, a power of two. */
  #sentMs: number[] = []
  /** Negative, of those that change the tree. */
  #lengths: number[] = []

  /** How many there is room for. */
  get places(): number {
    return this.#sentMs.length
  }

  /** Whether the oldest changes the tree. */
  get isUpdateNext(): boolean {
    return (this.#lengths[this.#head] ?? 0) < 0
  }

  add(sentMs: number, bytes: number, isUpdate: boolean = false): void {
    if (this.count === this.#sentMs.length) this.#grow()
    const at = (this.#head + this.count) & (this.#sentMs.length - 1)
    this.#sentMs[at] = sentMs
    this.#lengths[at] = isUpdate ? -bytes : bytes
    this.count++
    this.bytes += bytes
  }

  /** The oldest has its reply; when it left. */
  answered(): number {
    assert(this.count > 0, 'a reply to no request')
    const at = this.#head
    const sentMs = this.#sentMs[at]!
    this.bytes -= Math.abs(this.#lengths[at]!)
    this.#head = (at + 1) & (this.#sentMs.length - 1)
    this.count--
    if (this.count === 0 && this.#sentMs.length > PLACES_KEPT) {
      this.#sentMs = []
      this.#lengths = []
      this.#head = 0
    }
    return sentMs
  }

  #grow(): void {
    const from = this.#head
    const places = Math.max(PLACES_MIN, this.count * 2)
    const turned = (ring: readonly number[]): number[] => {
      const grown = ring.slice(from).concat(ring.slice(0, from))
      while (grown.length < places) grown.push(0)
      return grown
    }
    this.#sentMs = turned(this.#sentMs)
    this.#lengths = turned(this.#lengths)
    this.#head = 0
  }
}
