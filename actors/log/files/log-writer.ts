// The file that is being appended to: its creation, the batches, and the space ahead of them.
//
// The header and name of a new file are durable before the first entry goes into it. While nothing
// else is to be done, zeros are written and synced ahead of the log in small steps, because a sync
// that only overwrites allocated blocks need not commit the file system's journal. Measured (ext4
// on a virtual disk, 700-byte entries, one fdatasync each; microseconds):
//
//   space ahead               p50   p90   p99   max
//   none, the file grows      118   170   225   830
//   64 MiB sparse (ftruncate)  80   155   212  4100
//   4 MiB of zeros             95   120   160   300
//
// The sparse file is quicker only while it stays in a block that it already has, and pays for the
// next one. The zeros have the shorter tail, and a quorum waits for tails. Through the whole actor,
// batches of 100 entries of 150 bytes (perf/log-append.ts): p50 180 and p99 310 with zeros, 275 and
// 480 without. One step of 256 KiB takes 0.5 ms. A file that begins as an old one made blank
// (spare.ts) has its zeros already.

import { assert } from '../../../protocol/assert.ts'
import type { EpochFile } from '../../../protocol/messages/log.ts'
import { formatZxid, ZXID_NONE, type Zxid } from '../../../protocol/zxid.ts'
import type { LogHooks, LogOptions } from '../options.ts'
import { logName } from './file-names.ts'
import type { Files, OpenFile } from './files.ts'
import { type EntryBuffer, HEADER_BYTES, logHeader } from './segment.ts'
import type { Spares } from './spare.ts'
import { type FileEnd, MarkWriter } from './synced-mark.ts'
import { ZEROS } from './zeros.ts'

export const AHEAD_BYTES_MAX: number = 4 * 1024 * 1024
const ENDS_MAX = 64

export class LogWriter {
  /** The name of the open file; empty if the next batch begins one. */
  name = ''
  /** Where the next batch goes: everything before is durable. */
  position = 0

  readonly #files: Files
  readonly #spares: Spares
  readonly #hooks: LogHooks
  readonly #forceSync: boolean
  readonly #fsyncWarningThresholdMs: number
  readonly #aheadBytes: number
  readonly #mark: MarkWriter
  /** Where the file before this one ended, if the mark does not say so yet. */
  #before: FileEnd | null = null
  #file: OpenFile | null = null
  #zxid: Zxid = ZXID_NONE
  /** The last entry before `position`. */
  #last: Zxid = ZXID_NONE
  /** The file is allocated and durable up to here, as zeros or entries. */
  #allocated = 0
  #marked = 0
  #extending = false
  /** Where the newest finished files end. */
  readonly #ends: Map<string, number> = new Map()

  constructor(options: LogOptions, files: Files, hooks: LogHooks, spares: Spares) {
    this.#files = files
    this.#spares = spares
    this.#hooks = hooks
    this.#forceSync = options.forceSync
    this.#fsyncWarningThresholdMs = options.fsyncWarningThresholdMs
    this.#aheadBytes = Math.min(options.preAllocSizeBytes, AHEAD_BYTES_MAX)
    this.#mark = new MarkWriter(files)
  }

  get open(): boolean {
    return this.#file !== null
  }

  /** Whether the mark says less than is true. Without syncs it must not say more than it does. */
  get markIsOld(): boolean {
    return this.#forceSync && this.#file !== null && this.#marked < this.position
  }

  create(first: Zxid): void {
    assert(this.#file === null, 'the log file before is still open')
    this.name = logName(first)
    const file = this.#spares.take(this.name) ?? this.#begin(this.name)
    this.#file = file
    this.#zxid = first
    this.#last = ZXID_NONE
    this.position = HEADER_BYTES
    this.#allocated = file.size()
    this.#marked = HEADER_BYTES
    this.#extending = this.#aheadBytes > 0
    // In this order, so that a file that the mark names has existed.
    this.#files.syncFolder('log')
    this.#mark.begin(first, this.#before)
  }

  /** One write and one sync, up to the entry `last`. Throws whatever the disk throws; after that
   * nothing may be written any more. */
  write(batch: EntryBuffer, last: Zxid): void {
    const file = this.#file
    assert(file !== null, 'no log file is open')
    file.write(batch.bytes, 0, batch.length, this.position)
    this.#sync(file, last)
    this.position += batch.length
    this.#last = last
    if (this.position > this.#allocated) this.#allocated = this.position
    if (this.#allocated - this.position < this.#aheadBytes / 2) this.#extending = true
    this.#hooks.gauges.bytesWritten.add(batch.length)
  }

  /** Whether zeros are to be written ahead. */
  get extending(): boolean {
    return this.#extending
  }

  /** One step of writing zeros ahead; true if another is wanted. */
  extend(): boolean {
    const file = this.#file
    if (file === null || !this.#extending) return false
    const left = this.position + this.#aheadBytes - this.#allocated
    const count = Math.min(ZEROS.length, left)
    if (count > 0) {
      file.write(ZEROS, 0, count, this.#allocated)
      if (this.#forceSync) file.sync()
      this.#allocated += count
    }
    this.#extending = left > ZEROS.length
    return this.#extending
  }

  mark(): void {
    if (!this.markIsOld) return
    this.#mark.write(this.#end)
    this.#marked = this.position
  }

  /** The epoch file durably holds this epoch. */
  promised(which: EpochFile, epoch: number): void {
    this.#mark.promised(which, epoch)
  }

  /** Ends the file, so that the next batch begins another. The zeros ahead stay, as in ZooKeeper's
   * own files: a file system that discards blocks takes 10 ms to give them back, and lets no sync
   * through meanwhile. */
  finish(): void {
    this.mark()
    this.#before = this.#file !== null && this.#forceSync ? this.#end : null
    if (this.#file !== null) this.#remember()
    this.#file?.close()
    this.#file = null
    this.name = ''
  }

  /** Where the entries of a file end, if it is one of the newest that were written here. */
  endOf(name: string): number | undefined {
    return name === this.name ? this.position : this.#ends.get(name)
  }

  /** Ends the file for good, and gives back what was allocated ahead. All entries are durable
   * already. */
  close(): void {
    if (this.#allocated > this.position) this.#file?.truncate(this.position)
    this.finish()
    this.#before = null
    this.#mark.close()
  }

  get #end(): FileEnd {
    return { zxid: this.#zxid, offset: this.position, last: this.#last }
  }

  #remember(): void {
    this.#ends.set(this.name, this.position)
    if (this.#ends.size <= ENDS_MAX) return
    for (const oldest of this.#ends.keys()) {
      this.#ends.delete(oldest)
      return
    }
  }

  /** Creates a file with a header only, durable except for its name. */
  #begin(name: string): OpenFile {
    const header = logHeader()
    const file = this.#files.open('log', name, 'write')
    // A file of this name is left over from a crash before its first entry was durable.
    if (file.size() > 0) file.truncate(0)
    file.write(header, 0, header.length, 0)
    file.sync()
    return file
  }

  #sync(file: OpenFile, last: Zxid): void {
    if (!this.#forceSync) return
    const before = this.#hooks.stopwatchMs()
    file.sync()
    const tookMs = this.#hooks.stopwatchMs() - before
    this.#hooks.gauges.syncs.add(1)
    this.#hooks.gauges.syncMicros.set(Math.round(tookMs * 1000))
    this.#hooks.gauges.fsyncTime.observe(tookMs)
    if (tookMs <= this.#fsyncWarningThresholdMs) return
    const [ms, zxid] = [Math.round(tookMs), formatZxid(last)]
    this.#hooks.log('warn', 'log-sync-slow', { file: this.name, ms, zxid })
  }
}
