// What a learner has on disk and what of it the leader knows: a voter acknowledges every proposal,
// and none before it has acknowledged NEWLEADER (ZOOKEEPER-4685).

import type { Zxid } from '../../../protocol/zxid.ts'
import type { History } from '../history.ts'

export class Acks {
  readonly #history: History
  readonly #send: (zxid: Zxid) => void
  /** The leader is one of ours: the last one stands for all before it. */
  cumulative = false
  #synced: Zxid
  #acked: Zxid
  #begun = false

  /** `send` tells the leader of one proposal. */
  constructor(history: History, send: (zxid: Zxid) => void) {
    this.#history = history
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
    for (const { zxid } of this.cumulative ? [] : this.#history.after(this.#acked)) {
      if (zxid > this.#synced) break
      this.#ack(zxid)
    }
    // Committed, and forgotten, before it was on our disk: the leader waits for it all the same.
    const { last } = this.#history
    const reached = this.#synced < last ? this.#synced : last
    if (this.#acked < reached) this.#ack(reached)
  }

  #ack(zxid: Zxid): void {
    this.#acked = zxid
    this.#send(zxid)
  }
}
