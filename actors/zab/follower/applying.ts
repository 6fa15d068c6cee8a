// How committed transactions reach a learner's tree: none before UPTODATE, and from then on
// everything up to the commit mark, in order.
//
// Before UPTODATE a learner may be sent any amount: what it lacks, and what is written meanwhile.
// All of it goes to the log as it comes. Memory holds as much as fits, and forgets the rest once it
// is on disk (History.forget). At UPTODATE the forgotten part is read back, a piece at a time, by
// the same reader that serves a leader's learners (actors/log/readers.ts):
//
//   idle --UPTODATE, memory has forgotten--> asked --readBegun--> reading --up to where memory begins-->
//   idle --UPTODATE, or a commit: from memory--> idle

import { assert } from '../../../protocol/assert.ts'
import { JuteReader } from '../../../protocol/bytes/jute-reader.ts'
import { LINK_SELF } from '../../../protocol/messages/zab.ts'
import type { ZabContext } from '../context.ts'
import { zxidIn } from '../history.ts'
import type { Acks } from './acks.ts'
import type { CommitMark } from './commit-mark.ts'

export class Applying {
  readonly #context: Pick<ZabContext, 'configs' | 'history' | 'log' | 'tree' | 'giveUp'>
  readonly #mark: CommitMark
  readonly #acks: Pick<Acks, 'onDisk'>
  readonly #begun: () => void
  #state: 'held' | 'idle' | 'asked' | 'reading' = 'held'
  #isTold = false

  /** `begun` is called once the tree has everything that was committed when UPTODATE came. */
  constructor(
    context: Pick<ZabContext, 'configs' | 'history' | 'log' | 'tree' | 'giveUp'>,
    mark: CommitMark,
    acks: Pick<Acks, 'onDisk'>,
    begun: () => void,
  ) {
    this.#context = context
    this.#mark = mark
    this.#acks = acks
    this.#begun = begun
  }

  /** UPTODATE has come. */
  begin(): void {
    assert(this.#state === 'held', 'UPTODATE twice')
    this.#state = 'idle'
    this.moved()
  }

  /** The commit mark has moved. */
  moved(): void {
    const { configs, history, log, tree } = this.#context
    if (this.#state !== 'idle') return
    if (!history.isWhole) {
      this.#state = 'asked'
      log.beginRead(LINK_SELF, 'exact', history.committed)
      return
    }
    for (const { zxid, bytes } of history.commit(this.#mark.reached)) {
      tree.apply(zxid, bytes, 0, bytes.length)
    }
    configs.committed(this.#mark.reached)
    if (!this.#isTold) this.#begun()
    this.#isTold = true
  }

  /** More is on disk. That may move the mark, or let memory forget. */
  logged(): void {
    if (this.#mark.logged()) this.moved()
    const { zxid } = this.#mark
    if (this.#isTold || zxid === null) return
    const { onDisk } = this.#acks
    this.#context.history.forget(zxid < onDisk ? zxid : onDisk)
  }

  readBegun(): void {
    if (this.#state !== 'asked') return
    this.#state = 'reading'
    this.#context.log.readOn(LINK_SELF)
  }

  entriesRead(bytes: Uint8Array, start: number, end: number): void {
    if (this.#state !== 'reading') return
    const { history, log, tree } = this.#context
    const reader = new JuteReader(bytes, start, end)
    while (reader.remaining > 0 && !history.isWhole) {
      const length = reader.int()
      const from = reader.offset
      reader.skip(length)
      const zxid = zxidIn(bytes.subarray(from, from + length))
      // Only committed transactions are forgotten and read back.
      assert(zxid !== null && zxid <= this.#mark.reached, 'read back what is not committed')
      history.applied(zxid)
      tree.apply(zxid, bytes, from, from + length)
    }
    if (!history.isWhole) {
      log.readOn(LINK_SELF)
      return
    }
    this.stop()
    this.moved()
  }

  readFailed(why: string): void {
    if (this.#state !== 'asked' && this.#state !== 'reading') return
    this.#state = 'held'
    this.#context.giveUp(`what was logged could not be read back: ${why}`)
  }

  /** Ends the reading. */
  stop(): void {
    if (this.#state !== 'asked' && this.#state !== 'reading') return
    this.#context.log.endRead(LINK_SELF)
    this.#state = 'idle'
  }
}
