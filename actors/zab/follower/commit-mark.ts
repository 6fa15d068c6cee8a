// How far a learner may commit: as far as the leader has said, and where it said "once you have it
// on disk" (commits.ts), as far as the disk goes.

import { known } from '../../../protocol/assert.ts'
import { formatZxid, ZXID_NONE, type Zxid } from '../../../protocol/zxid.ts'
import type { Peer } from '../capabilities.ts'
import type { History } from '../history.ts'
import type { Acks } from './acks.ts'

export class CommitMark {
  readonly #history: History
  readonly #leader: Peer
  readonly #acks: Pick<Acks, 'onDisk'>
  /** Null before the leader has said how far our history is its own. */
  #zxid: Zxid | null = null
  #promised: Zxid = ZXID_NONE

  constructor(history: History, leader: Peer, acks: Pick<Acks, 'onDisk'>) {
    this.#history = history
    this.#leader = leader
    this.#acks = acks
  }

  /** Null before `begin`. */
  get zxid(): Zxid | null {
    return this.#zxid
  }

  /** The same, once it has begun. */
  get reached(): Zxid {
    return known(this.#zxid, 'the commit mark')
  }

  /** The leader has committed everything up to `base`. Its proposals begin there. */
  begin(base: Zxid): void {
    this.#zxid = base
    this.#promised = ZXID_NONE
  }

  /** Null, or what is wrong with this COMMIT. ZooKeeper's leader must name the oldest uncommitted
   * proposal; a leader of ours may name a later one, and thereby commits all up to it. */
  hear(zxid: Zxid, whenLogged: boolean): string | null {
    const mark = this.#zxid
    if (mark !== null && zxid <= mark) return null
    const next = mark === null ? undefined : this.#history.next(mark)
    const isKnown = next !== undefined && this.#history.floor(zxid) === zxid
    if (next?.zxid !== zxid && !(this.#leader.speaks.ranges && isKnown)) {
      const wanted = next === undefined ? 'nothing' : formatZxid(next.zxid)
      return `commit of ${formatZxid(zxid)}, but ${wanted} is next`
    }
    if (whenLogged && this.#leader.speaks.earlyCommits) {
      this.#promised = zxid
      this.logged()
    } else {
      this.#zxid = zxid
    }
    return null
  }

  /** More is on disk. True when that moved the mark. */
  logged(): boolean {
    const { onDisk } = this.#acks
    const zxid = this.#promised < onDisk ? this.#promised : onDisk
    if (this.#zxid === null || zxid <= this.#zxid) return false
    this.#zxid = zxid
    return true
  }
}
