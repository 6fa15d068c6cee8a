// Transactions that a log holds more than once. A ZooKeeper whose synchronisation fails half-way,
// and is tried again, logs once more what it has logged already (ZOOKEEPER-4394, 4712): a stretch
// of up to some hundred transactions, each the same as before, since a zxid is given only once.

import { epochOf, type Zxid } from '../../../protocol/zxid.ts'

/** How far back a repeated stretch may begin. */
const WINDOW = 1 << 16

export class Repetition {
  readonly #sums = new Uint32Array(WINDOW)
  /** The latest transaction, and the oldest one of its epoch after which none is missing. */
  #last: Zxid | null = null
  #first = 0

  /** The next transaction of the history, which is no repetition. */
  note(zxid: Zxid, checksum: number): void {
    if (this.#last === null || zxid !== this.#last + 1) this.#first = zxid
    this.#last = zxid
    this.#sums[zxid % WINDOW] = checksum
  }

  /** Whether the history contains this very transaction already. */
  has(zxid: Zxid, checksum: number): boolean {
    const last = this.#last
    if (last === null || zxid > last || epochOf(zxid) !== epochOf(last)) return false
    const oldest = Math.max(this.#first, last - WINDOW + 1)
    return zxid >= oldest && this.#sums[zxid % WINDOW] === checksum >>> 0
  }
}
