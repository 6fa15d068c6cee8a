// How far the log files are known to be synced. This tells damage from a torn batch.
//
// A batch of entries is one write and one sync. If power fails in between, any subset of its
// sectors may be on disk: an entry that is cut or blank, then whole ones. That looks like rot in
// the middle of the log. But rot must be refused, because acknowledged entries are gone, while a
// torn batch must be cut, because nobody was told of it. ZooKeeper's format cannot tell the two
// apart, and ZooKeeper refuses both. Nor does it tell a log that ends from one whose end has rotted
// away, or whose successor file is missing where the next one begins an epoch. So this small file
// beside the logs says of the latest of them: log.<zxid> was synced up to `offset`, and held `last`
// there.
//
// Invariant: whatever it says is true whenever it can be read, because it is written after the sync
// that it reports. It may be old, so it needs no sync of its own: then more than necessary is taken
// for torn, but nothing that is merely torn is taken for damage. It is synced when a log file
// begins, after the file's name is durable, and when a recovery found more than it said. What its
// states mean:
//
//   missing, damaged       nothing is known: ZooKeeper's folder, or a torn write of the mark
//   an older log is named  ZooKeeper has written here since, and may have cut: nothing is known
//   a newer log is named   that file is missing
//   too much is said       ZooKeeper has cut the log and written none since: taken for damage, which a
//                          member of an ensemble recovers from by itself
//
// The epochs are the least that the epoch files held; -1 on a standalone server. `base`: after an
// install, a snapshot of this zxid was all there was; -1 for none.
//
//   int 'RKSM', int 2, int accepted, int current, int count, long base,
//   count x (long zxid of the file's name, long offset, long last), long adler32 of all before
//
// Version 1 had one file, and neither `last` nor epochs.

import { ADLER32_START, adler32 } from '../../../protocol/bytes/adler32.ts'
import { JuteReader } from '../../../protocol/bytes/jute-reader.ts'
import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import type { EpochFile } from '../../../protocol/messages/log.ts'
import { ZXID_NONE, type Zxid } from '../../../protocol/zxid.ts'
import { type NamedFile, ORIGIN_NAME, sortedLogs } from './file-names.ts'
import type { Files, OpenFile } from './files.ts'
import { HEADER_BYTES } from './segment.ts'
import type { Cut } from './unfinished.ts'
import { readFile, replaceFile } from './whole-file.ts'

export const MARK_NAME = 'synced-mark'
const MAGIC = 0x524b534d
const VERSION = 2
const BYTES_MAX_1 = 32
/** As many as fit into one sector, which is written whole or not at all. */
const ENDS_MAX = 19
const HEAD_BYTES = 28
const END_BYTES = 24
const SUM_BYTES = 8

/** How far a file reaches at least. */
export interface FileEnd {
  /** The zxid in the file's name. */
  readonly zxid: Zxid
  readonly offset: number
  /** The last entry before the offset; -1 if it is not known. */
  readonly last: Zxid
}

export interface SyncedMark {
  /** Oldest first, the newest file last. */
  readonly ends: readonly FileEnd[]
  readonly accepted: number
  readonly current: number
  readonly base: Zxid
}

const NOTHING: SyncedMark = { ends: [], accepted: -1, current: -1, base: ZXID_NONE }

/** What the mark on disk says, as far as it can be trusted. */
export function readMark(files: Files): SyncedMark {
  const bytes = readFile(files, 'log', MARK_NAME, HEAD_BYTES + ENDS_MAX * END_BYTES + SUM_BYTES)
  if (bytes === null || bytes.length < BYTES_MAX_1 - 4) return NOTHING
  const reader = new JuteReader(bytes)
  if (reader.int() !== MAGIC) return NOTHING
  const version = reader.int()
  if (version === 1) return readVersion1(bytes)
  if (version !== VERSION) return NOTHING
  const [accepted, current, count] = [reader.int(), reader.int(), reader.int()]
  if (count < 0 || count > ENDS_MAX) return NOTHING
  const summed = HEAD_BYTES + count * END_BYTES
  if (!isSound(bytes, summed)) return NOTHING
  const base = reader.zxid()
  const ends: FileEnd[] = []
  for (let i = 0; i < count; i++) {
    ends.push({ zxid: reader.zxid(), offset: reader.longNumber(), last: reader.zxid() })
  }
  return { ends, accepted, current, base }
}

function readVersion1(bytes: Uint8Array): SyncedMark {
  if (!isSound(bytes, BYTES_MAX_1 - SUM_BYTES)) return NOTHING
  const reader = new JuteReader(bytes, 8, BYTES_MAX_1)
  const end = { zxid: reader.zxid(), offset: reader.longNumber(), last: ZXID_NONE }
  return { ...NOTHING, ends: [end] }
}

function isSound(bytes: Uint8Array, summed: number): boolean {
  if (bytes.length < summed + SUM_BYTES) return false
  const reader = new JuteReader(bytes, summed, summed + SUM_BYTES)
  return reader.long() === BigInt(adler32(ADLER32_START, bytes, 0, summed))
}

/** What the mark says about these logs. Nothing if somebody else has begun the latest of them
 * since. */
export function endsOf(mark: SyncedMark, logs: readonly NamedFile[]): readonly FileEnd[] {
  const [newest, marked] = [logs.at(-1), mark.ends.at(-1)]
  if (marked === undefined || (newest !== undefined && newest.zxid > marked.zxid)) return []
  return mark.ends
}

/** Makes the mark say nothing about what is behind the cut. Durable before anything is cut. */
export function cutMark(files: Files, cut: Cut): void {
  const place = cut.name === null ? undefined : sortedLogs([cut.name])[0]
  const mark = readMark(files)
  const known = endsOf(mark, logsOf(files))
  const ends = known.filter(({ zxid }) => place === undefined || zxid < place.zxid)
  const isKnown = known.length > 0 && place !== undefined && cut.offset > HEADER_BYTES
  if (isKnown) ends.push({ zxid: place.zxid, offset: cut.offset, last: cut.zxid })
  const base = mark.base > cut.zxid ? cut.zxid : mark.base
  replaceMark(files, { ...mark, base, ends })
}

/** The last log file holds this, durably: a mark that is behind says so from now on. */
export function confirmMark(files: Files, end: FileEnd): void {
  const mark = readMark(files)
  const known = endsOf(mark, logsOf(files))
  const marked = known.at(-1)
  if (marked?.zxid === end.zxid && marked.offset === end.offset && marked.last >= end.last) return
  const ends = known.filter(({ zxid }) => zxid < end.zxid).slice(1 - ENDS_MAX)
  replaceMark(files, { ...mark, ends: [...ends, end] })
}

/** All logs are about to go; the snapshot of this zxid replaces them, durably. */
export function emptyMark(files: Files, base: Zxid): void {
  replaceMark(files, { ...readMark(files), base, ends: [] })
}

function logsOf(files: Files): NamedFile[] {
  return sortedLogs(files.list('log')).filter(({ name }) => name !== ORIGIN_NAME)
}

function replaceMark(files: Files, mark: SyncedMark): void {
  const writer = new JuteWriter(HEAD_BYTES + ENDS_MAX * END_BYTES + SUM_BYTES)
  encode(writer, mark)
  replaceFile(files, 'log', MARK_NAME, writer.finish())
}

export class MarkWriter {
  /** What was written last; while no log is open, what is on disk. */
  #mark: SyncedMark | null = null
  readonly #files: Files
  readonly #writer: JuteWriter = new JuteWriter(HEAD_BYTES + ENDS_MAX * END_BYTES + SUM_BYTES)
  #file: OpenFile | null = null

  constructor(files: Files) {
    this.#files = files
  }

  /** A file begins, and its name is durable. On return what the mark says is durable, too.
   * `before`: the end of the file before it; null after a start, when the mark on disk knows. */
  begin(zxid: Zxid, before: FileEnd | null): void {
    const isNew = this.#file === null && !this.#files.list('log').includes(MARK_NAME)
    const mark = this.#mark ?? this.#found(zxid)
    const finished = this.#file === null ? mark.ends : mark.ends.slice(0, -1)
    const ends = before === null ? finished : [...finished, before]
    const newest = { zxid, offset: HEADER_BYTES, last: ZXID_NONE }
    this.#file ??= this.#files.open('log', MARK_NAME, 'write')
    this.#write({ ...mark, ends: [...ends.slice(1 - ENDS_MAX), newest] })
    this.#file.sync()
    if (isNew) this.#files.syncFolder('log')
  }

  /** Writes the mark. It becomes durable when the operating system pleases. */
  write(newest: FileEnd): void {
    const mark = this.#mark
    if (mark !== null) this.#write({ ...mark, ends: [...mark.ends.slice(0, -1), newest] })
  }

  /** The epoch file durably holds this epoch. */
  promised(which: EpochFile, epoch: number): void {
    const mark = { ...(this.#mark ?? readMark(this.#files)), [which]: epoch }
    if (this.#mark !== null) {
      this.#write(mark)
      return
    }
    this.#file = this.#files.open('log', MARK_NAME, 'write')
    this.#write(mark)
    this.close()
  }

  close(): void {
    this.#file?.close()
    this.#file = null
    this.#mark = null
  }

  #write(mark: SyncedMark): void {
    const writer = this.#writer
    encode(writer, mark)
    this.#file?.write(writer.bytes, 0, writer.length, 0)
    this.#mark = mark
  }

  /** What the mark on disk says about files before this one. */
  #found(zxid: Zxid): SyncedMark {
    const before = logsOf(this.#files).filter((log) => log.zxid < zxid)
    const mark = readMark(this.#files)
    const ends = endsOf(mark, before).filter((end) => end.zxid < zxid && end.offset > HEADER_BYTES)
    return { ...mark, ends }
  }
}

function encode(writer: JuteWriter, { ends, accepted, current, base }: SyncedMark): void {
  writer.reset()
  writer.int(MAGIC)
  writer.int(VERSION)
  writer.int(accepted)
  writer.int(current)
  writer.int(ends.length)
  writer.zxid(base)
  for (const { zxid, offset, last } of ends) {
    writer.zxid(zxid)
    writer.longNumber(offset)
    writer.zxid(last)
  }
  writer.longNumber(adler32(ADLER32_START, writer.bytes, 0, writer.length))
}
