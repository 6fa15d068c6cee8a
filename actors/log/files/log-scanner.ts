// Reads a log file entry by entry through a sliding window, and can search beyond the place where
// that stops. It does not judge: whether a stop is the end, a torn tail or damage depends on the
// other files and on the synced mark (recovery.ts).

import { TXN_HEADER_BYTES } from '../../../protocol/txn.ts'
import { ZXID_NONE, type Zxid } from '../../../protocol/zxid.ts'
import { DiskError } from './errors.ts'
import type { OpenFile } from './files.ts'
import {
  ENTRY_END,
  HEADER_BYTES,
  isWholeEntry,
  logHeader,
  OVERHEAD_BYTES,
  PREFIX_BYTES,
  zxidAt,
} from './segment.ts'

const WINDOW_BYTES = 256 * 1024

/** `end`: nothing follows, or zeros. `bad`: an entry that is cut short or not as it was written.
 * `oversize`: a whole entry that is longer than this server is configured to accept. */
export type Found = 'entry' | 'oversize' | 'end' | 'bad'

export type HeaderFound = 'valid' | 'missing' | 'blank' | 'foreign'

export class LogScanner {
  readonly name: string
  /** Where the next entry is looked for. After `bad`, `oversize` and `end`: where the scan
   * stopped. */
  offset: number = HEADER_BYTES
  /** The entry that was found: `bytes` from `start` to `end` is its payload, valid until the next
   * call. */
  bytes: Uint8Array = new Uint8Array(WINDOW_BYTES)
  start = 0
  end = 0
  zxid: Zxid = ZXID_NONE
  checksum = 0

  readonly #file: OpenFile
  readonly #entryBytesMax: number
  #view: DataView = new DataView(this.bytes.buffer)
  /** The window holds `#filled` bytes of the file, from `#base` on. */
  #base = 0
  #filled = 0
  #size: number

  constructor(name: string, file: OpenFile, entryBytesMax: number) {
    this.name = name
    this.#file = file
    this.#entryBytesMax = entryBytesMax
    this.#size = this.#guard(() => file.size())
  }

  get size(): number {
    return this.#size
  }

  /** Call it when the file has grown, or has got entries where zeros were. */
  refresh(): void {
    this.#size = this.#guard(() => this.#file.size())
    this.#filled = 0
  }

  header(): HeaderFound {
    if (this.size < HEADER_BYTES) return 'missing'
    const at = this.#window(0, HEADER_BYTES)
    const found = this.bytes.subarray(at, at + HEADER_BYTES)
    if (found.every((byte) => byte === 0)) return 'blank'
    // The database id is not compared: ZooKeeper always writes 0, and ignores it too.
    return logHeader().every((byte, i) => i >= 8 || byte === found[i]) ? 'valid' : 'foreign'
  }

  /** Whether the file holds no entry at all. Garbage of exactly a header's length is a header that
   * was never synced; garbage of any other length is no log. */
  hasNoEntry(): boolean {
    const header = this.header()
    if (header === 'missing') return true
    if (header === 'foreign') return this.size === HEADER_BYTES
    const first = header === 'valid' ? this.next() : 'bad'
    if (first === 'entry' || first === 'oversize') return false
    return this.entryFrom(HEADER_BYTES, ZXID_NONE) < 0
  }

  next(): Found {
    const offset = this.offset
    const left = this.size - offset
    if (left < OVERHEAD_BYTES) return this.nonZeroFrom(offset) < 0 ? 'end' : 'bad'
    const at = this.#window(offset, PREFIX_BYTES)
    const length = this.#view.getInt32(at + 8)
    if (length === 0 && this.#view.getBigInt64(at) === 0n) return 'end'
    if (length < TXN_HEADER_BYTES || length > left - OVERHEAD_BYTES) return 'bad'
    const start = this.#window(offset, OVERHEAD_BYTES + length) + PREFIX_BYTES
    if (!isWholeEntry(this.#view, this.bytes, start, length)) return 'bad'
    this.start = start
    this.end = start + length
    this.zxid = zxidAt(this.#view, start)
    this.checksum = this.#view.getUint32(start - PREFIX_BYTES + 4)
    if (length > this.#entryBytesMax) return 'oversize'
    this.offset = offset + OVERHEAD_BYTES + length
    return 'entry'
  }

  /** After `bad`: passes over an entry that is all there, and ends as one, but has another checksum than it
   * says. Then it is what was found, but for `zxid`. Returns whether there is one. */
  passBad(): boolean {
    const left = this.size - this.offset
    if (left < OVERHEAD_BYTES) return false
    const length = this.#view.getInt32(this.#window(this.offset, PREFIX_BYTES) + 8)
    if (length < TXN_HEADER_BYTES || length > left - OVERHEAD_BYTES) return false
    const start = this.#window(this.offset, OVERHEAD_BYTES + length) + PREFIX_BYTES
    if (this.bytes[start + length] !== ENTRY_END) return false
    this.start = start
    this.end = start + length
    this.checksum = this.#view.getUint32(start - PREFIX_BYTES + 4)
    this.offset += OVERHEAD_BYTES + length
    return true
  }

  /** The offset of a whole entry with a zxid above `above`, at or after `from`; -1 if there is
   * none. Lengths are no guide in damaged bytes, so every offset is tried. That is quick because
   * an entry begins with four zeros and has a plausible length. */
  entryFrom(from: number, above: Zxid): number {
    let offset = from
    while (offset + OVERHEAD_BYTES + TXN_HEADER_BYTES <= this.size) {
      let at = this.#window(offset, PREFIX_BYTES)
      const length = this.#view.getInt32(at + 8)
      if (length === 0) {
        // An entry can begin no earlier than where the next byte that is not zero is the last of
        // its length.
        const next = this.nonZeroFrom(offset + 8)
        if (next < 0) return -1
        offset = Math.max(offset + 1, next - (PREFIX_BYTES - 1))
        continue
      }
      const plausible =
        this.#view.getInt32(at) === 0 &&
        length >= TXN_HEADER_BYTES &&
        length <= this.#entryBytesMax &&
        length <= this.size - offset - OVERHEAD_BYTES
      if (plausible) {
        at = this.#window(offset, OVERHEAD_BYTES + length)
        const start = at + PREFIX_BYTES
        const whole = isWholeEntry(this.#view, this.bytes, start, length)
        if (whole && zxidAt(this.#view, start) > above) return offset
      }
      offset++
    }
    return -1
  }

  /** The offset of the first byte that is not zero, at or after `from`; -1 if there is none. */
  nonZeroFrom(from: number): number {
    let offset = from
    while (offset < this.size) {
      const at = this.#window(offset, 1)
      const filled = this.#filled
      for (let i = at; i < filled; i++) if (this.bytes[i] !== 0) return this.#base + i
      offset = this.#base + filled
    }
    return -1
  }

  /** Makes `count` bytes of the file available, from `offset` on. Returns where they are in
   * `bytes`. */
  #window(offset: number, count: number): number {
    if (offset >= this.#base && offset + count <= this.#base + this.#filled) {
      return offset - this.#base
    }
    if (count > this.bytes.length) {
      this.bytes = new Uint8Array(count * 2)
      this.#view = new DataView(this.bytes.buffer)
    }
    const wanted = Math.min(this.bytes.length, this.size - offset)
    this.#base = offset
    this.#filled = 0
    while (this.#filled < wanted) {
      const filled = this.#filled
      const target = this.bytes.subarray(filled, wanted)
      const read = this.#guard(() => this.#file.read(target, offset + filled))
      // A file that ends before its size is a failing disk, not the end of the log.
      if (read === 0) throw new DiskError(this.name, `reading at ${offset + filled}`, 'no bytes')
      this.#filled += read
    }
    return 0
  }

  #guard(read: () => number): number {
    try {
      return read()
    } catch (error) {
      throw new DiskError(this.name, 'reading', error)
    }
  }
}
