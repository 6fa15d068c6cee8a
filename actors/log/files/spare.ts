// Files that are used again. Giving space back blocks the disk, and with it the next sync: on ext4
// mounted with discard, 3 ms a call and 1 ms a MB. So when nobody needs the oldest log and the
// oldest snapshot any more, they become the next ones, and in the long run nothing is freed.
//
//   spare.log       a header and zeros, durable, once it is ready: the space ahead of the next log
//   spare.snapshot  as it was; the next snapshot is written over it (runtime/disk/snapshot-writer.ts)
//
// Only memory knows whether spare.log is ready. One left by a crash is blanked once more.

import { assert } from '../../../protocol/assert.ts'
import { SPARE_NAMES } from './file-names.ts'
import type { Files, Folder, OpenFile } from './files.ts'
import { HEADER_BYTES, logHeader } from './segment.ts'
import { ZEROS } from './zeros.ts'

/** How much of a file that is to shrink or go one step gives back: the disk is blocked for 5 ms. */
export const SHRINK_BYTES: number = 2 << 20

export class Spares {
  readonly #files: Files
  readonly #logBytesMax: number
  /** spare.log, from when it begins to be made ready. It is blank up to `#blank`. */
  #log: OpenFile | null = null
  #size = 0
  #blank = 0

  /** `logBytesMax`: a longer log is cut to this; 0 for no spares at all. */
  constructor(files: Files, logBytesMax: number) {
    this.#files = files
    this.#logBytesMax = logBytesMax
  }

  /** Whether there is a spare.log that is not ready yet. */
  get pending(): boolean {
    return this.#log !== null && this.#blank < this.#size
  }

  /** Takes up a spare.log left by a crash. */
  begin(): void {
    if (this.#log === null && this.#has('log')) this.#open()
  }

  /** Keeps a file that nobody needs; false if there is one already. On return its old name is gone
   * for good. */
  keep(folder: Folder, name: string): boolean {
    if (this.#logBytesMax === 0 || this.#has(folder)) return false
    this.#files.rename(folder, name, SPARE_NAMES[folder])
    this.#files.syncFolder(folder)
    if (folder === 'log') this.#open()
    return true
  }

  /** One small step of making spare.log ready. */
  step(): void {
    const file = this.#log
    assert(file !== null, 'there is no spare log')
    if (this.#size > this.#logBytesMax) {
      this.#size = Math.max(this.#logBytesMax, this.#size - SHRINK_BYTES)
      file.truncate(this.#size)
      return
    }
    const bytes = this.#blank === 0 ? logHeader() : ZEROS
    const count = Math.min(bytes.length, this.#size - this.#blank)
    file.write(bytes, 0, count, this.#blank)
    file.sync()
    this.#blank += count
  }

  /** Gives spare.log another name, which is not durable yet, and hands it over; null if none is
   * ready. */
  take(name: string): OpenFile | null {
    const file = this.#log
    if (file === null || this.pending) return null
    this.#files.rename('log', SPARE_NAMES.log, name)
    this.#log = null
    return file
  }

  /** Leaves everything as it is, for the next `begin` to take up. */
  abandon(): void {
    this.#log?.close()
    this.#log = null
  }

  #open(): void {
    const file = this.#files.open('log', SPARE_NAMES.log, 'write')
    this.#log = file
    this.#size = Math.max(file.size(), HEADER_BYTES)
    this.#blank = 0
  }

  #has(folder: Folder): boolean {
    return this.#files.list(folder).includes(SPARE_NAMES[folder])
  }
}
