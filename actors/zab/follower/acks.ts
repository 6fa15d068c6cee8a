// What a learner has on disk, and what of that its leader knows. A voter acknowledges every
// proposal, but none before it has acknowledged NEWLEADER (ZOOKEEPER-4685).

import { assert } from '../../../protocol/assert.ts'
import type { Zxid } from '../../../protocol/zxid.ts'
import type { Peer } from '../capabilities.ts'
import type { History } from '../history.ts'

export class Acks {
  readonly #history: History
  readonly #send: (zxid: Zxid) => void
  readonly #leader: Peer
  /** Everything up to here is on our disk. Invariant: it decreases only at `restart`. */
  #synced: Zxid
  /** The leader needs no further acknowledgement up to here. Invariant: it never decreases. */
  #acked: Zxid
  #begun = false

  /** `send` tells the leader of one proposal. */
  constructor(history: History, leader: Peer, send: (zxid: Zxid) => void) {
    this.#history = history
    this.#leader = leader
    this.#send = send
    this.#synced = history.last
    this.#acked = history.last
  }

  /** Everything up to here is on disk. */
  get onDisk(): Zxid {
    return this.#synced
  }

  /** The disk ends at `zxid` now, whatever it held before. */
  restart(zxid: Zxid): void {
    this.#synced = zxid
  }

  /** NEWLEADER is acknowledged. Transactions up to `zxid` are committed, and need no
   * acknowledgement. */
  begin(zxid: Zxid): void {
    this.#begun = true
    this.#acked = zxid
    this.#tell()
  }

  synced(zxid: Zxid): void {
    assert(zxid >= this.#synced, 'our own disk went back')
    this.#synced = zxid
    this.#tell()
  }

  /** A leader of ZooKeeper's counts each acknowledgement by itself. */
  #tell(): void {
    if (!this.#begun) return
    for (const { zxid } of this.#leader.speaks.ranges ? [] : this.#history.after(this.#acked)) {
      if (zxid > this.#synced) break
      this.#ack(zxid)
    }
    // Transactions that were committed, and forgotten, before our disk had them: the leader waits
    // for their acknowledgements all the same.
    const { last } = this.#history
    const reached = this.#synced < last ? this.#synced : last
    if (this.#acked < reached) this.#ack(reached)
  }

  /** The leader relies on this (commits.ts): this transaction and all before it are on disk. */
  #ack(zxid: Zxid): void {
    assert(zxid <= this.#synced, 'acknowledged before it was on disk')
    assert(zxid > this.#acked, 'acknowledged twice')
    this.#acked = zxid
    this.#send(zxid)
  }
}
