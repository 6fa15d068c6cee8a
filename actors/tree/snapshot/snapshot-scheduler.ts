// When the tree is frozen for the writer of a snapshot file, on another thread. One image at a time,
// because pages are copied on write for one only; what is wanted meanwhile waits for the next. It is
// read at the pace of the disk, so what the copies take is bounded by what changes meanwhile: a
// learner that needs the whole tree, and may be slow, reads the file (actors/log/readers.ts).
//
// A snapshot file is written while the server serves: what is not known to be committed belongs into
// none. A leader whose first learner needs the tree is the exception: what it has becomes the
// epoch's.

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
  /** The tree whose pages are being read; it may have been replaced meanwhile. */
  #frozen: DataTree | null = null
  #fileWanted = false
  #serving = false
  #hasFile = false
  /** The log wants a file; it may have to wait. */
  #due = false
  /** What the tree was replaced by; null in the middle of it. */
  #replacedBy: Zxid | null = null
  /** The log waits for a file of what the tree was replaced by. */
  #installing: Zxid | null = null

  constructor(taker: SnapshotTaker, now: () => Instant) {
    this.#taker = taker
    this.#now = now
  }

  /** Whether there is a snapshot file, whichever. */
  get hasFile(): boolean {
    return this.#hasFile
  }

  serving(): void {
    this.#serving = true
    if (this.#due || !this.#hasFile) this.due()
  }

  /** No role. */
  idle(): void {
    this.#serving = false
    this.#installing = null
  }

  /** Enough was logged. */
  due(): void {
    this.#due = !this.#serving
    if (this.#serving) this.file()
  }

  /** A file of what the tree was replaced by, up to this zxid, is needed now. */
  install(zxid: Zxid): void {
    this.#installing = zxid
    this.#maybeInstall()
  }

  /** The tree holds a snapshot that ends there; null: it is being replaced. */
  replaced(zxid: Zxid | null): void {
    this.#replacedBy = zxid
    this.#hasFile = true
    this.#maybeInstall()
  }

  /** What the tree holds is what the disk holds. */
  recovered(): void {
    this.#replacedBy = null
  }

  /** A snapshot file of the tree as it is now, or will be when the reader before is done. */
  file(): void {
    this.#fileWanted = true
    this.#next()
  }

  /** The file is written, or could not be. */
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
