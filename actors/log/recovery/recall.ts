// The last transactions that a start reads from the log, remembered for zab: a leader that was
// restarted can still send them to learners that lag (ZKDatabase.loadDataBase keeps them, too).

import type { EnsembleLogMessages } from '../../../protocol/messages/zab.ts'
import { follows, ZXID_ZERO, type Zxid } from '../../../protocol/zxid.ts'
import type { RecoveryTree } from './recovered.ts'

const BYTES_MAX = 16 << 20

interface Recalled {
  readonly previous: Zxid
  readonly zxid: Zxid
  readonly bytes: Uint8Array
}

/** Stands between recovery and tree, and remembers what passes. */
export class Recall implements RecoveryTree {
  readonly #tree: RecoveryTree
  readonly #countMax: number
  #entries: Recalled[] = []
  #bytes = 0
  #previous: Zxid = ZXID_ZERO

  constructor(tree: RecoveryTree, countMax: number) {
    this.#tree = tree
    this.#countMax = countMax
  }

  snapshotBegin(zxid: Zxid): void {
    this.#clear()
    this.#previous = zxid
    this.#tree.snapshotBegin(zxid)
  }

  snapshotPiece(bytes: Uint8Array, start: number, end: number): void {
    this.#tree.snapshotPiece(bytes, start, end)
  }

  snapshotEnd(zxid: Zxid): void {
    this.#tree.snapshotEnd(zxid)
  }

  replay(zxid: Zxid, bytes: Uint8Array, start: number, end: number): void {
    this.#tree.replay(zxid, bytes, start, end)
    // A log that the operator trusts to be whole may begin anywhere.
    if (!follows(this.#previous, zxid)) this.#clear()
    else this.#keep({ previous: this.#previous, zxid, bytes: bytes.slice(start, end) })
    this.#previous = zxid
  }

  /** Tells zab of the last ones. */
  tell(zab: Pick<EnsembleLogMessages, 'recalled'>): void {
    for (const { previous, zxid, bytes } of this.#entries.slice(-this.#countMax)) {
      zab.recalled(previous, zxid, bytes, 0, bytes.length)
    }
    this.#clear()
  }

  #keep(entry: Recalled): void {
    this.#entries.push(entry)
    this.#bytes += entry.bytes.length
    if (this.#bytes > BYTES_MAX) this.#clear()
    // Half of a long list is removed at a time.
    if (this.#entries.length <= this.#countMax * 2) return
    for (const { bytes } of this.#entries.splice(0, this.#countMax)) this.#bytes -= bytes.length
  }

  #clear(): void {
    this.#entries = []
    this.#bytes = 0
  }
}
