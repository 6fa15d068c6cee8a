// Which paths may be watched: a counting filter in shared memory, between the tree, which registers
// watches, and the watches actor, which holds them. The watches actor is not told of a change of a
// path that cannot be watched, and the reply to it need not wait for an event.
//
// Invariant: a counter is the number of watched paths in the table with its hash, plus the
// registrations on their way there. The tree counts a registration before it sends it. The watches
// actor takes it back if the path was watched already, and when a path loses its last watch. So
// zero means that a path is certainly not watched; anything else means that it may be.

import { assert } from './assert.ts'

const COUNTERS = 1 << 16
/** One more counter: for recursive watches, in the table and on their way. */
const RECURSIVE = COUNTERS

export class WatchFilter {
  readonly memory: SharedArrayBuffer
  readonly #counts: Int32Array

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer((COUNTERS + 1) * 4)) {
    this.memory = memory
    this.#counts = new Int32Array(memory)
  }

  /** `counter` is `counterOf` of the path's hash. */
  add(counter: number): void {
    Atomics.add(this.#counts, counter, 1)
  }

  remove(counter: number): void {
    const before = Atomics.sub(this.#counts, counter, 1)
    assert(before > 0, 'a watched path was never counted')
  }

  mayWatch(counter: number): boolean {
    return Atomics.load(this.#counts, counter) !== 0
  }

  addRecursive(): void {
    Atomics.add(this.#counts, RECURSIVE, 1)
  }

  removeRecursive(): void {
    const before = Atomics.sub(this.#counts, RECURSIVE, 1)
    assert(before > 0, 'a recursive watch was never counted')
  }

  get anyRecursive(): boolean {
    return Atomics.load(this.#counts, RECURSIVE) !== 0
  }
}

/** The counter for a path's hash (path-hash.ts). */
export function counterOf(hash: number): number {
  return (hash ^ (hash >>> 16)) & (COUNTERS - 1)
}
