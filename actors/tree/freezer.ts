// When the tree is frozen for a reader on another thread: snapshot files, and learners that need the
// whole tree. One image at a time, because pages are copied on write for one only; whoever comes
// meanwhile waits for the next.

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

export class Freezer {
  readonly #readers: SnapshotReaders
  readonly #now: () => { data: DataTree; zxid: Zxid }
  /** The tree whose pages are being read; it may have been replaced meanwhile. */
  #frozen: DataTree | null = null
  #fileWanted = false
  #learners: Link[] = []

  constructor(readers: SnapshotReaders, now: () => { data: DataTree; zxid: Zxid }) {
    this.#readers = readers
    this.#now = now
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

  /** No learner is waited for any more. */
  forgetLearners(): void {
    this.#learners = []
  }

  /** The reader is done. */
  done(): void {
    this.#frozen?.store.nodes.thaw()
    this.#frozen?.store.valuePages.thaw()
    this.#frozen = null
    this.#next()
  }

  #next(): void {
    if (this.#frozen !== null) return
    const { data, zxid } = this.#now()
    const link = this.#learners.shift()
    if (link === undefined && !this.#fileWanted) return
    this.#frozen = data
    const frozen = freeze(data, zxid)
    if (link !== undefined) {
      this.#readers.send(link, frozen)
      return
    }
    this.#fileWanted = false
    this.#readers.take(frozen)
  }
}
