// Reads transactions back from the log's files, in order, from any place in it, while the log goes on
// being written: what a learner that lags is sent. Damage is thrown, as a DamagedError or DiskError.

import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { follows, formatZxid, ZXID_NONE, type Zxid } from '../../../protocol/zxid.ts'
import { DamagedError, REMEDY_REJOIN } from './errors.ts'
import { type NamedFile, ORIGIN_NAME, sortedLogs } from './file-names.ts'
import type { Files, OpenFile } from './files.ts'
import { LogScanner } from './log-scanner.ts'
import { HEADER_BYTES } from './segment.ts'

/** What one step of looking for the place passes over. */
const STEP_BYTES = 1 << 20

/** The logs, oldest first. */
export function logsOf(files: Files): NamedFile[] {
  return sortedLogs(files.list('log')).filter(({ name }) => name !== ORIGIN_NAME)
}

/** The log in which the successor of `after` stands, or will: the last one that begins at or before
 * it. */
export function logBehind(logs: readonly NamedFile[], after: Zxid): NamedFile | undefined {
  return logs.findLast(({ zxid }) => zxid <= after + 1) ?? logs[0]
}

export class EntryReader {
  readonly #files: Files
  readonly #entryBytesMax: number
  readonly #sought: Zxid
  readonly #out = new JuteWriter()
  #file: OpenFile | null = null
  #scanner: LogScanner | null = null
  #log: NamedFile
  /** The newest that was passed. */
  #zxid: Zxid
  #found = false

  /** What follows `sought` is looked for from this log on. `isOurs`: it is of this history, be it in
   * no log any more. */
  constructor(files: Files, entryBytesMax: number, log: NamedFile, sought: Zxid, isOurs: boolean) {
    this.#files = files
    this.#entryBytesMax = entryBytesMax
    this.#sought = sought
    this.#log = log
    // One that begins right behind it in its epoch proves as much.
    const isFirst = log.zxid === sought + 1 || (isOurs && follows(sought, log.zxid))
    this.#zxid = isFirst ? sought : ZXID_NONE
    this.#open(log)
  }

  /** Where it stands; ZXID_NONE if the log begins behind what was sought. */
  get zxid(): Zxid {
    return this.#zxid
  }

  /** Nothing before this file is needed. */
  get log(): NamedFile {
    return this.#log
  }

  /** Bytes of this file before the place. */
  get offset(): number {
    return this.#scanner?.offset ?? 0
  }

  /** One step towards the newest transaction not after the one sought; true when it stands there. */
  seek(): boolean {
    if (this.#found) return true
    const scanner = this.#scanner!
    const until = scanner.offset + STEP_BYTES
    for (;;) {
      const before = scanner.offset
      const found = scanner.next()
      if (found === 'bad' || found === 'oversize') this.#refuse(scanner)
      if (found === 'end') break
      if (scanner.zxid > this.#sought) {
        scanner.offset = before
        break
      }
      this.#zxid = scanner.zxid
      if (scanner.offset >= until) return false
    }
    this.#found = true
    return true
  }

  /** The next transactions, each behind its length: one at least, if there is one, and no more than
   * the bytes. Valid until the next call. */
  read(bytesMax: number): Uint8Array {
    const out = this.#out
    out.reset()
    this.#scanner!.refresh()
    for (;;) {
      const scanner = this.#scanner!
      const before = scanner.offset
      if (!this.#next()) break
      const { bytes, start, end, zxid } = this.#scanner!
      if (out.length > 0 && out.length + end - start > bytesMax) {
        this.#scanner!.offset = this.#scanner === scanner ? before : HEADER_BYTES
        break
      }
      // A stretch that is there twice is passed over, as at a start.
      if (zxid <= this.#zxid) continue
      if (!follows(this.#zxid, zxid)) {
        const pair = `${formatZxid(zxid)} stands after ${formatZxid(this.#zxid)}`
        throw new DamagedError(this.#log.name, before, pair, REMEDY_REJOIN)
      }
      this.#zxid = zxid
      out.int(end - start)
      out.raw(bytes, start, end)
    }
    return out.bytes.subarray(0, out.length)
  }

  close(): void {
    this.#file?.close()
    this.#file = null
    this.#scanner = null
  }

  /** Whether there is another entry, in this file or the next. */
  #next(): boolean {
    for (;;) {
      const scanner = this.#scanner!
      const found = scanner.next()
      if (found === 'entry') return true
      if (found !== 'end') this.#refuse(scanner)
      const next = logsOf(this.#files).find(({ zxid }) => zxid > this.#log.zxid)
      if (next === undefined) return false
      this.close()
      this.#open(next)
    }
  }

  #open(log: NamedFile): void {
    this.#log = log
    this.#file = this.#files.open('log', log.name, 'read')
    this.#scanner = new LogScanner(log.name, this.#file, this.#entryBytesMax)
    if (this.#scanner.header() !== 'valid') this.#refuse(this.#scanner)
  }

  #refuse({ name, offset }: LogScanner): never {
    throw new DamagedError(name, offset, 'the entry is damaged', REMEDY_REJOIN)
  }
}
