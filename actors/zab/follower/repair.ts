// What a learner does to its disk and tree before it can take proposals: it cuts its log (TRUNC),
// or replaces both (SNAP).
//
//   none --TRUNC--> cutting --truncated--> [reloading --loaded-->] none
//   none --SNAP--> receiving --signature--> installing --installed--> none
//   cutting --truncated elsewhere--> refused --SNAP--> receiving ...
//
// A learner that is stopped in between has neither the old history nor the new one, and must load
// its disk again (ZOOKEEPER-3642, 5094).

import { assert, known } from '../../../protocol/assert.ts'
import { type Packet, PacketType } from '../../../protocol/quorum/packet.ts'
import { epochOf, formatZxid, ZXID_NONE, type Zxid } from '../../../protocol/zxid.ts'
import type { ZabContext } from '../context.ts'

type State = 'none' | 'cutting' | 'reloading' | 'refused' | 'receiving' | 'installing'

export class Repair {
  readonly #context: ZabContext
  readonly #done: () => void
  readonly #refused: () => void
  #state: State = 'none'
  #mustReload = false
  /** Where disk and tree are to end. */
  #target: Zxid | null = null

  /** `done`: disk and tree hold what was wanted. `refused`: the log cannot be cut there. */
  constructor(context: ZabContext, done: () => void, refused: () => void) {
    this.#context = context
    this.#done = done
    this.#refused = refused
  }

  get isUnderWay(): boolean {
    return this.#state !== 'none'
  }

  get isReceiving(): boolean {
    return this.#state === 'receiving'
  }

  cut(zxid: Zxid): void {
    assert(this.#state === 'none', 'a cut in the middle of something else')
    const { configs, history, log } = this.#context
    this.#state = 'cutting'
    this.#target = zxid
    this.#mustReload = zxid < history.committed
    if (this.#mustReload) history.restart(zxid)
    else history.truncate(zxid)
    configs.cut(zxid)
    log.truncate(zxid)
  }

  /** The log ends at `last` now. */
  truncated(last: Zxid): void {
    assert(this.#state === 'cutting', 'the log was cut unasked')
    if (last !== this.#target) {
      this.#state = 'refused'
      this.#refused()
    } else if (this.#mustReload) {
      this.#state = 'reloading'
      this.#context.log.reload()
    } else {
      this.#finish()
    }
  }

  loaded(zxid: Zxid): void {
    assert(this.#state === 'reloading', 'the disk was loaded unasked')
    assert(zxid === this.#target, 'the disk holds something else than the log said')
    this.#finish()
  }

  receive(zxid: Zxid): void {
    assert(this.#state === 'none' || this.#state === 'refused', 'a tree in the middle of a cut')
    const { configs, history, tree } = this.#context
    this.#state = 'receiving'
    this.#target = zxid
    history.restart(zxid)
    configs.cut(ZXID_NONE)
    tree.snapshotBegin(zxid)
  }

  piece(bytes: Uint8Array, start: number, end: number): void {
    if (this.#state === 'receiving') this.#context.tree.snapshotPiece(bytes, start, end)
  }

  end(): void {
    if (this.#state !== 'receiving') return
    const { tree, log } = this.#context
    const target = known(this.#target, 'what the snapshot goes up to')
    this.#state = 'installing'
    tree.snapshotEnd(target)
    log.install(target)
  }

  installed(): void {
    assert(this.#state === 'installing', 'a snapshot was installed unasked')
    this.#finish()
  }

  #finish(): void {
    this.#state = 'none'
    this.#done()
  }
}

/** Why this DIFF, TRUNC or SNAP cannot be right; null if it may be. `last`: the end of our history.
 * `standsNowhere`: nothing that we hold counts, so only the whole tree will do. */
export function flawOf(
  { type, zxid }: Packet,
  last: Zxid,
  newEpoch: number,
  standsNowhere: boolean,
): string | null {
  if (type === PacketType.snap) {
    return zxid < 0 || epochOf(zxid) > newEpoch ? `SNAP at ${formatZxid(zxid)}` : null
  }
  if (type === PacketType.trunc && (zxid > last || zxid < 0 || standsNowhere)) {
    return `TRUNC to ${formatZxid(zxid)}`
  }
  return standsNowhere ? 'DIFF for a server whose history does not count' : null
}
