// Reads transactions back from the log's files for a learner that lags: in order, from any place,
// while the log goes on being written. Damage is thrown, as a DamagedError or DiskError. Where an epoch
// ends, the zxids do not tell that some are missing; the synced mark does, of the newest files.

import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { follows, formatZxid, isNext, ZXID_NONE, type Zxid } from '../../../protocol/zxid.ts'
import { DamagedError, REMEDY_REJOIN } from './errors.ts'
import { logName, type NamedFile, ORIGIN_NAME, sortedLogs } from './file-names.ts'
import type { Files, OpenFile } from './files.ts'
import { LogScanner } from './log-scanner.ts'
import { HEADER_BYTES } from './segment.ts'
import { endsOf, type FileEnd, readMark } from './synced-mark.ts'

/** How many bytes one step of a search passes over. */
const STEP_BYTES = 1 << 20

/** The logs, oldest first. */
export function logsOf(files: Files): NamedFile[] {
  return sortedLogs(files.list('log')).filter(({ name }) => name !== ORIGIN_NAME)
}

/** The log that holds the successor of `after`, or will: the last one that begins at or before that
 * successor. */
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
  /** The newest transaction that was passed. */
  #zxid: Zxid
  #found = false

  /** Searches for what follows `sought`, from this log on. `isOurs`: `sought` belongs to this
   * history, even if no log holds it any more. */
  constructor(files: Files, entryBytesMax: number, log: NamedFile, sought: Zxid, isOurs: boolean) {
    this.#files = files
    this.#entryBytesMax = entryBytesMax
    this.#sought = sought
    this.#log = log
    // A log that begins directly after it, in the same epoch, proves as much.
    const isFirst = isNext(sought, log.zxid) || (isOurs && follows(sought, log.zxid))
    this.#zxid = isFirst ? sought : ZXID_NONE
    this.#open(log)
  }

  /** Goes on where another reader stood: behind `zxid`, at this offset of this log. */
  static resumed(
    files: Files,
    entryBytesMax: number,
    log: NamedFile,
    zxid: Zxid,
    offset: number,
  ): EntryReader {
    const reader = new EntryReader(files, entryBytesMax, log, zxid, false)
    reader.#zxid = zxid
    reader.#scanner!.offset = offset
    reader.#found = true
    return reader
  }

  /** The transaction it stands at; ZXID_NONE if the log begins after the one sought. */
  get zxid(): Zxid {
    return this.#zxid
  }

  /** The file it stands in. Earlier files are not needed. */
  get log(): NamedFile {
    return this.#log
  }

  /** Where in that file it stands, in bytes. */
  get offset(): number {
    return this.#scanner?.offset ?? 0
  }

  /** One step towards the newest transaction that is not after the one sought; true once it stands
   * there. */
  seek(): boolean {
    if (this.#found) return true
    const scanner = this.#scanner!
    const until = scanner.offset + STEP_BYTES
    for (;;) {
      const before = scanner.offset
      if (this.#nextHere() !== 'entry') break
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

  /** The next transactions, up to this one, each preceded by its length: at least one if there is one,
   * and otherwise no more than `bytesMax`. Valid until the next call. */
  read(bytesMax: number, upTo: number = Number.POSITIVE_INFINITY): Uint8Array {
    const out = this.#out
    out.reset()
    this.#scanner!.refresh()
    for (;;) {
      const scanner = this.#scanner!
      const before = scanner.offset
      if (!this.#next()) break
      const { bytes, start, end, zxid } = this.#scanner!
      const isTooMuch = out.length > 0 && out.length + end - start > bytesMax
      if (isTooMuch || zxid > upTo) {
        this.#scanner!.offset = this.#scanner === scanner ? before : HEADER_BYTES
        break
      }
      // Skip a stretch that is in the log twice, as at a start.
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

  /** Moves to the next entry, in this file or the next; false if there is none. */
  #next(): boolean {
    for (;;) {
      const found = this.#nextHere()
      if (found === 'entry') return true
      if (found === null) return false
      this.close()
      this.#open(found)
    }
  }

  /** Moves to the next entry of this file. At its end: the file that follows, null if there is none. It
   * looks twice, because another thread may write here: it has ended for good if there was a next one
   * before the second look, and rightly if not even the mark that was read before says more. */
  #nextHere(): 'entry' | NamedFile | null {
    const scanner = this.#scanner!
    if (this.#scans(scanner)) return 'entry'
    // In this order, so that no file is missed that is begun meanwhile.
    const mark = readMark(this.#files)
    const logs = logsOf(this.#files)
    const next = logs.find(({ zxid }) => zxid > this.#log.zxid) ?? null
    const synced = this.#syncedUpTo(endsOf(mark, logs), next)
    if (next === null && synced <= scanner.offset) return null
    scanner.refresh()
    if (this.#scans(scanner)) return 'entry'
    if (synced > scanner.offset)
      this.#refuse(scanner, `it ends here, and was synced up to ${synced}`)
    return next
  }

  /** False at the end. */
  #scans(scanner: LogScanner): boolean {
    const found = scanner.next()
    if (found === 'bad' || found === 'oversize') this.#refuse(scanner)
    return found === 'entry'
  }

  /** How far this file was synced at least; 0 if that is not known. Throws if a file is missing before
   * the next one. */
  #syncedUpTo(ends: readonly FileEnd[], next: NamedFile | null): number {
    const missing = ends.find(
      ({ zxid }) => zxid > this.#log.zxid && (next === null || zxid < next.zxid),
    )
    if (missing !== undefined)
      throw new DamagedError(logName(missing.zxid), -1, 'it is missing', REMEDY_REJOIN)
    return ends.find(({ zxid }) => zxid === this.#log.zxid)?.offset ?? 0
  }

  #open(log: NamedFile): void {
    this.#log = log
    this.#file = this.#files.open('log', log.name, 'read')
    this.#scanner = new LogScanner(log.name, this.#file, this.#entryBytesMax)
    if (this.#scanner.header() !== 'valid') this.#refuse(this.#scanner)
  }

  #refuse({ name, offset }: LogScanner, problem: string = 'the entry is damaged'): never {
    throw new DamagedError(name, offset, problem, REMEDY_REJOIN)
  }
}
