// Which paths may be watched: a counting filter in shared memory between the tree, which registers
// watches, and the watches actor, which holds them. A change of a path that cannot be watched is
// not sent there at all, and its reply needs to wait for no event.
//
// Invariant: a counter is the number of watched paths of its hash in the table, plus the
// registrations on their way to it. The tree counts a registration before it sends it; the watches
// actor takes it back when the path was watched already, and with a path's last watch. So zero
// means surely unwatched; anything else means perhaps.

import { assert } from './assert.ts'

const COUNTERS = 1 << 16
/** One more: recursive watches, in the table and on their way. */
const RECURSIVE = COUNTERS

export class WatchFilter {
  readonly memory: SharedArrayBuffer
  readonly #counts: Int32Array

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer((COUNTERS + 1) * 4)) {
    this.memory = memory
    this.#counts = new Int32Array(memory)
  }

  /** `counter` is `counterOf` the path's hash. */
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

/** Which counter a path's hash (path-hash.ts) falls on. */
export function counterOf(hash: number): number {
  return (hash ^ (hash >>> 16)) & (COUNTERS - 1)
}
