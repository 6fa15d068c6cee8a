// The transactions that a server has logged and still holds in memory, in zxid order. From here a
// leader brings learners up to date, and from here transactions are committed.
//
//   first ... committed | logged, not committed ... last
//
// A hole is refused on entry (ZOOKEEPER-4925), so what is read here is contiguous.

import { assert } from '../../protocol/assert.ts'
import { intAt } from '../../protocol/bytes/int-at.ts'
import { MalformedError } from '../../protocol/bytes/jute-reader.ts'
import { KeptBytes } from '../../protocol/bytes/kept-bytes.ts'
import { TXN_ZXID_AT } from '../../protocol/txn.ts'
import { follows, isZxid, type Zxid, zxidOf } from '../../protocol/zxid.ts'

export interface Entry {
  readonly zxid: Zxid
  /** TxnHeader, record, digest. */
  readonly bytes: Uint8Array
}

export class History {
  /** Everything up to here is committed. Invariant: not after `last`, and it decreases only at
   * `restart`, which forgets everything. */
  committed: Zxid
  /** Everything up to here is logged, or on its way to the log. Invariant: the zxid of the newest
   * entry, or `#before` if there is no entry. */
  last: Zxid
  /** Committed entries up to here may be forgotten, because the disk holds them. Infinity if nobody
   * has to be brought up to date from memory. */
  onDisk: Zxid = Number.POSITIVE_INFINITY as Zxid
  /** The entries after this zxid are held. Invariant: it is a transaction of this history, or its
   * beginning. */
  #before: Zxid
  /** Invariant: from `#head` on in the order of zxids without a hole, the first of them directly
   * after `#before`. Those before `#head` are forgotten, and not freed yet. */
  #entries: Entry[] = []
  #head = 0
  /** Invariant: the sum of the lengths of the entries from `#head` on. */
  #bytes = 0
  readonly #kept = new KeptBytes()
  readonly #entriesMax: number
  readonly #bytesMax: number

  /** Begins after `zxid`, which the disk holds. The limits concern committed entries. */
  constructor(zxid: Zxid, entriesMax: number, bytesMax: number) {
    this.committed = zxid
    this.last = zxid
    this.#before = zxid
    this.#entriesMax = entriesMax
    this.#bytesMax = bytesMax
  }

  /** Whether this zxid may follow the last. */
  mayAppend(zxid: Zxid): boolean {
    return follows(this.last, zxid)
  }

  /** Copies the range. */
  append(zxid: Zxid, bytes: Uint8Array, start: number, end: number): void {
    assert(this.mayAppend(zxid), 'a hole in the history')
    this.#entries.push({ zxid, bytes: this.#kept.view(bytes, start, end) })
    this.#bytes += end - start
    this.last = zxid
  }

  /** Moves the committed mark to `zxid`, and returns the entries that it passes. */
  commit(zxid: Zxid): readonly Entry[] {
    assert(zxid >= this.committed && zxid <= this.last, 'commit outside the history')
    assert(this.isWhole, 'commit of what memory has forgotten')
    const entries = this.#entries.slice(this.#firstAfter(this.committed), this.#firstAfter(zxid))
    this.committed = zxid
    this.#trim()
    return entries
  }

  /** Drops the entries after `zxid`, none of which is committed. */
  truncate(zxid: Zxid): void {
    assert(zxid >= this.committed, 'truncation of what is committed')
    assert(this.isWhole, 'truncation of what memory has forgotten')
    while (this.#entries.length > this.#head && this.#entries.at(-1)!.zxid > zxid) {
      this.#bytes -= this.#entries.pop()!.bytes.length
    }
    this.last = this.#entries.length > this.#head ? this.#entries.at(-1)!.zxid : this.#before
  }

  /** Forgets everything: the disk ends at `zxid` now. */
  restart(zxid: Zxid): void {
    this.#entries = []
    this.#head = 0
    this.#bytes = 0
    this.#before = zxid
    this.committed = zxid
    this.last = zxid
  }

  /** Whether everything uncommitted is held. Memory may have forgotten some of it (`forget`). */
  get isWhole(): boolean {
    return this.#before <= this.committed
  }

  /** Whether the entries exceed their bytes. */
  get isFull(): boolean {
    return this.#bytes > this.#bytesMax
  }

  /** Forgets the oldest entries, committed or not, until they fit again, but none after `onDisk`:
   * the rest can be read back from there. */
  forget(onDisk: Zxid): void {
    while (this.isFull && this.#head < this.#entries.length) {
      const { zxid } = this.#entries[this.#head]!
      if (zxid > onDisk) return
      this.#drop()
    }
  }

  /** This transaction, which memory had forgotten and which was read back from disk, is
   * committed. */
  applied(zxid: Zxid): void {
    assert(!this.isWhole && follows(this.committed, zxid), 'read back out of order')
    this.committed = zxid
  }

  /** Whether every entry after `zxid` is held, and `zxid` belongs to this history. */
  reaches(zxid: Zxid): boolean {
    return zxid === this.#before || this.floor(zxid) === zxid
  }

  /** The entries after `zxid`, committed or not. */
  after(zxid: Zxid): readonly Entry[] {
    return this.#entries.slice(this.#firstAfter(zxid))
  }

  /** The entry after `zxid`. */
  next(zxid: Zxid): Entry | undefined {
    return this.#entries[this.#firstAfter(zxid)]
  }

  /** The last transaction known here that is not after `zxid`: an entry, or the beginning. Null if
   * `zxid` is before everything held. */
  floor(zxid: Zxid): Zxid | null {
    const found = this.#entries[this.#firstAfter(zxid) - 1]
    if (found !== undefined && found.zxid > this.#before) return found.zxid
    return this.#before <= zxid ? this.#before : null
  }

  /** The index of the first entry after `zxid`. */
  #firstAfter(zxid: Zxid): number {
    let low = this.#head
    let high = this.#entries.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#entries[middle]!.zxid <= zxid) low = middle + 1
      else high = middle
    }
    return low
  }

  #trim(): void {
    const tooMany = (): boolean => {
      const first = this.#entries[this.#head]
      if (first === undefined || first.zxid > Math.min(this.committed, this.onDisk)) return false
      return this.#entries.length - this.#head > this.#entriesMax || this.#bytes > this.#bytesMax
    }
    while (tooMany()) this.#drop()
  }

  /** Forgets the oldest entry. */
  #drop(): void {
    const entry = this.#entries[this.#head++]!
    this.#before = entry.zxid
    this.#bytes -= entry.bytes.length
    if (this.#head < 1024) return
    this.#entries = this.#entries.slice(this.#head)
    this.#head = 0
  }
}

/** What the log reads last while it loads becomes the history to begin with. */
export class Recall {
  readonly #entriesMax: number
  readonly #bytesMax: number
  #recalled: History | null = null

  constructor(entriesMax: number, bytesMax: number) {
    this.#entriesMax = entriesMax
    this.#bytesMax = bytesMax
  }

  /** `previous`: the zxid before this transaction. */
  recalled(previous: Zxid, zxid: Zxid, bytes: Uint8Array, start: number, end: number): void {
    if (this.#recalled?.last !== previous) this.#recalled = this.#empty(previous)
    this.#recalled.append(zxid, bytes, start, end)
    this.#recalled.commit(zxid)
  }

  /** The disk ends at `zxid`. */
  take(zxid: Zxid): History {
    const recalled = this.#recalled?.last === zxid ? this.#recalled : this.#empty(zxid)
    this.#recalled = null
    return recalled
  }

  #empty(zxid: Zxid): History {
    return new History(zxid, this.#entriesMax, this.#bytesMax)
  }
}

/** The zxid in a transaction's header; null if it is too short for one. */
export function zxidIn(txn: Uint8Array): Zxid | null {
  if (txn.length < TXN_ZXID_AT + 8) return null
  const high = intAt(txn, TXN_ZXID_AT)
  if (!isZxid(high)) throw new MalformedError(`epoch ${high} in a transaction`)
  return zxidOf(high, intAt(txn, TXN_ZXID_AT + 4))
}
