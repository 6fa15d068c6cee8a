// When the tree is frozen for a reader on another thread: snapshot files, and learners that need the
// whole tree. One image at a time, because pages are copied on write for one only; whoever comes
// meanwhile waits for the next. A snapshot file is written while the server serves only: what is not
// known to be committed belongs into none.

import type { Link } from '../../protocol/messages/zab.ts'
import type { Zxid } from '../../protocol/zxid.ts'
import type { DataTree } from './data-tree.ts'
import { type FrozenTree, freeze } from './snapshot-source.ts'

/** Readers of frozen trees; each says when it is done. */
export interface SnapshotReaders {
  /** Writes a snapshot file. */
  take(frozen: FrozenTree): void
  /** Sends it to a learner. */
  send(link: Link, frozen: FrozenTree): void
}

interface Instant {
  readonly data: DataTree
  readonly zxid: Zxid
  /** The tree may hold some of what comes after the zxid (digest-audit.ts). */
  readonly isFuzzy: boolean
}

export class Freezer {
  readonly #readers: SnapshotReaders
  readonly #now: () => Instant
  /** The tree whose pages are being read; it may have been replaced meanwhile. */
  #frozen: DataTree | null = null
  #fileWanted = false
  #learners: Link[] = []
  #serving = false
  #hasFile = false
  /** The log wants a file; it may have to wait. */
  #due = false
  /** What the tree was replaced by; null in the middle of it. */
  #replacedBy: Zxid | null = null
  /** The log waits for a file of what the tree was replaced by. */
  #installing: Zxid | null = null

  constructor(readers: SnapshotReaders, now: () => Instant) {
    this.#readers = readers
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

  /** No role: no learner is waited for any more. */
  idle(): void {
    this.#serving = false
    this.#installing = null
    this.#learners = []
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

  send(link: Link): void {
    this.#learners.push(link)
    this.#next()
  }

  /** The file is written, or could not be. */
  saved(): void {
    this.#hasFile = true
    this.done()
  }

  /** The reader is done. */
  done(): void {
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
    if (this.#frozen !== null) return
    const { data, zxid, isFuzzy } = this.#now()
    const link = this.#learners.shift()
    if (link === undefined && !this.#fileWanted) return
    this.#frozen = data
    const frozen = freeze(data, zxid, isFuzzy)
    if (link !== undefined) {
      this.#readers.send(link, frozen)
      return
    }
    this.#fileWanted = false
    this.#readers.take(frozen)
  }
}
