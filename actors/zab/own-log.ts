// The log as zab sees it, and for how long it has owed a sync. A disk may hang; then another server
// had better lead.

import { assert } from '../../protocol/assert.ts'
import type { ConfigFile, ReadKind } from '../../protocol/messages/log.ts'
import type { Zxid } from '../../protocol/zxid.ts'
import type { Clock } from '../actor.ts'
import type { EpochFile, Link, ZabLog } from './neighbours.ts'

export class OwnLog implements ZabLog {
  readonly #log: ZabLog
  readonly #clock: Clock
  #last: Zxid | null = null
  /** Since when it has owed a sync; Infinity while it owes none. */
  #owesSinceMs: number = Number.POSITIVE_INFINITY

  constructor(log: ZabLog, clock: Clock) {
    this.#log = log
    this.#clock = clock
  }

  append(zxid: Zxid, bytes: Uint8Array, start: number, end: number): void {
    this.#last = zxid
    if (this.#owesSinceMs === Number.POSITIVE_INFINITY) this.#owesSinceMs = this.#clock.nowMs
    this.#log.append(zxid, bytes, start, end)
  }

  synced(zxid: Zxid): void {
    assert(this.#last !== null && zxid <= this.#last, 'synced what was never appended')
    const isAll = zxid === this.#last
    this.#owesSinceMs = isAll ? Number.POSITIVE_INFINITY : this.#clock.nowMs
  }

  /** For how long it has owed a sync; 0 if it owes none. */
  get lateMs(): number {
    return Math.max(0, this.#clock.nowMs - this.#owesSinceMs)
  }

  /** The whole process was held up for this long, so the disk is not to blame. */
  excuse(ms: number): void {
    this.#owesSinceMs += ms
  }

  saveEpoch(which: EpochFile, epoch: number): void {
    this.#log.saveEpoch(which, epoch)
  }

  saveConfig(which: ConfigFile, bytes: Uint8Array, start: number, end: number): void {
    this.#log.saveConfig(which, bytes, start, end)
  }

  truncate(zxid: Zxid): void {
    this.#log.truncate(zxid)
  }

  install(zxid: Zxid): void {
    this.#log.install(zxid)
  }

  reload(): void {
    this.#log.reload()
  }

  whole(): void {
    this.#log.whole()
  }

  fence(): void {
    this.#log.fence()
  }

  beginRead(link: Link, kind: ReadKind, after: Zxid): void {
    this.#log.beginRead(link, kind, after)
  }

  readOn(link: Link): void {
    this.#log.readOn(link)
  }

  endRead(link: Link): void {
    this.#log.endRead(link)
  }
}
