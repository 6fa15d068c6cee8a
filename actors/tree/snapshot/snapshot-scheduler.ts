// When the tree is frozen for the writer of a snapshot file, on another thread. There is one frozen
// image at a time, because pages are copied on write for one only. What is wanted meanwhile waits
// for the next. The image is read at the pace of the disk, which bounds how much memory the copies
// take. A learner that needs the whole tree, and may be slow, reads the file instead
// (actors/log/readers.ts).
//
// A snapshot file is written only while the server serves: what is not known to be committed must
// not get into one. A leader whose first learner needs the tree is the exception: what it has
// becomes the epoch's.

import type { Zxid } from '../../../protocol/zxid.ts'
import type { DataTree } from '../store/data-tree.ts'
import { type FrozenTree, freeze } from './snapshot-source.ts'

/** Writes a snapshot file of a frozen tree, and says when it is done. */
export interface SnapshotTaker {
  take(frozen: FrozenTree): void
}

interface Instant {
  readonly data: DataTree
  readonly zxid: Zxid
  /** The tree may hold some of what comes after the zxid (digest-audit.ts). */
  readonly isFuzzy: boolean
}

export class SnapshotScheduler {
  readonly #taker: SnapshotTaker
  readonly #now: () => Instant
  /** The tree whose pages are being read. It may have been replaced meanwhile. */
  #frozen: DataTree | null = null
  #fileWanted = false
  #serving = false
  #hasFile = false
  /** The log wants a file, but it may have to wait. */
  #due = false
  /** The snapshot that replaced the tree; null in the middle of that. */
  #replacedBy: Zxid | null = null
  /** The log waits for a file of the snapshot that replaced the tree. */
  #installing: Zxid | null = null

  constructor(taker: SnapshotTaker, now: () => Instant) {
    this.#taker = taker
    this.#now = now
  }

  /** Whether there is any snapshot file. */
  get hasFile(): boolean {
    return this.#hasFile
  }

  serving(): void {
    this.#serving = true
    if (this.#due || !this.#hasFile) this.due()
  }

  /** The role has ended. */
  idle(): void {
    this.#serving = false
    this.#installing = null
  }

  /** Enough was logged for a snapshot. */
  due(): void {
    this.#due = !this.#serving
    if (this.#serving) this.file()
  }

  /** The log needs a file now of the snapshot that replaced the tree, up to this zxid. */
  install(zxid: Zxid): void {
    this.#installing = zxid
    this.#maybeInstall()
  }

  /** A snapshot that ends at this zxid has replaced the tree; null: that has begun. */
  replaced(zxid: Zxid | null): void {
    this.#replacedBy = zxid
    this.#hasFile = true
    this.#maybeInstall()
  }

  /** The tree holds what the disk holds. */
  recovered(): void {
    this.#replacedBy = null
  }

  /** Writes a file of the tree as it is now, or as it will be when the present reader is done. Returns
   * the zxid that it has now. */
  file(): Zxid {
    this.#fileWanted = true
    this.#next()
    return this.#now().zxid
  }

  /** The file was written, or could not be. */
  saved(): void {
    this.#hasFile = true
    this.#frozen?.store.nodes.thaw()
    this.#frozen?.store.valuePages.thaw()
    this.#frozen = null
    this.#next()
  }

  #maybeInstall(): void {
    if (this.#installing === null || this.#installing !== this.#replacedBy) return
    this.#installing = null
    this.file()
  }

  #next(): void {
    if (this.#frozen !== null || !this.#fileWanted) return
    this.#fileWanted = false
    const { data, zxid, isFuzzy } = this.#now()
    this.#frozen = data
    this.#taker.take(freeze(data, zxid, isFuzzy))
  }
}
