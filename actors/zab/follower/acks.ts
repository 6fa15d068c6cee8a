// What a learner has on disk and what of it the leader knows: a voter acknowledges every proposal,
// and none before it has acknowledged NEWLEADER (ZOOKEEPER-4685).

import { assert } from '../../../protocol/assert.ts'
import type { Zxid } from '../../../protocol/zxid.ts'
import type { Peer } from '../capabilities.ts'
import type { History } from '../history.ts'

export class Acks {
  readonly #history: History
  readonly #send: (zxid: Zxid) => void
  readonly #leader: Peer
  #synced: Zxid
  /** The leader needs no acknowledgement up to here. Invariant: it never goes back. */
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

  /** The disk ends there, whatever it held before. */
  restart(zxid: Zxid): void {
    this.#synced = zxid
  }

  /** NEWLEADER is acknowledged. What has been committed, up to `zxid`, needs nobody's. */
  begin(zxid: Zxid): void {
    this.#begun = true
    this.#acked = zxid
    this.#tell()
  }

  synced(zxid: Zxid): void {
    this.#synced = zxid
    this.#tell()
  }

  /** A Java leader counts each by itself. */
  #tell(): void {
    if (!this.#begun) return
    for (const { zxid } of this.#leader.speaks.ranges ? [] : this.#history.after(this.#acked)) {
      if (zxid > this.#synced) break
      this.#ack(zxid)
    }
    // Committed, and forgotten, before it was on our disk: the leader waits for it all the same.
    const { last } = this.#history
    const reached = this.#synced < last ? this.#synced : last
    if (this.#acked < reached) this.#ack(reached)
  }

  /** The leader counts on it (commits.ts): this is on disk, and all before it. */
  #ack(zxid: Zxid): void {
    assert(zxid <= this.#synced, 'acknowledged before it was on disk')
    this.#acked = zxid
    this.#send(zxid)
  }
}
