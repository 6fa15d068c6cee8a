// What the disk holds for learners that lag, read at the pace of each: a snapshot, if the learner
// needs the whole tree, and the transactions that follow. So a learner costs no memory, however
// much is written while it is behind. One piece at a time is read, when it is asked for, between
// two batches of the log. Usually it is still in the kernel's page cache.
//
//   waiting for a snapshot --> snapshot     seeking --found--> transactions
//                                           seeking --not there, or too far--> waiting, or snapshot
//
// Several learners may read the same file. A snapshot must have been written by this process, so
// that it is not one of ZooKeeper's fuzzy ones, nor in a format that we cannot read. What a reader
// still needs is not purged, up to a limit. A reader that needs more is ended, and its learner
// begins again.

import { assert, known } from '../../protocol/assert.ts'
import type { ReadKind } from '../../protocol/messages/log.ts'
import type { EnsembleLogMessages, Link } from '../../protocol/messages/zab.ts'
import { formatZxid, ZXID_NONE, type Zxid } from '../../protocol/zxid.ts'
import { EntryReader, logBehind, logsOf } from './files/entry-reader.ts'
import { type NamedFile, sortedLogs, sortedSnapshots } from './files/file-names.ts'
import type { Files, Folder } from './files/files.ts'
import type { LogHooks, LogOptions } from './options.ts'
import type { Removal } from './purge.ts'
import { SnapshotBody } from './snapshot-body.ts'

export interface ReadersNeighbours {
  readonly zab: Pick<EnsembleLogMessages, 'readBegun' | 'pieceRead' | 'entriesRead' | 'readFailed'>
  /** Asks for a snapshot of what the tree holds now. */
  wantSnapshot(): void
  /** Where the entries of a log end, if this process has written it. */
  endOf(log: string): number | undefined
}

/** What is done next for a reader; 'idle': nothing until it is asked for more. */
type Work = 'wait' | 'seek' | 'read' | 'idle'

interface Reader {
  readonly link: Link
  readonly kind: ReadKind
  readonly after: Zxid
  work: Work
  /** Its first piece was asked for before there was one. */
  isAsked: boolean
  entries: EntryReader | null
  body: SnapshotBody | null
  /** Logs from this one on are needed. */
  needed: Zxid
}

export class Readers {
  readonly #options: LogOptions
  readonly #files: Files
  readonly #hooks: LogHooks
  readonly #to: ReadersNeighbours
  readonly #readers: Map<Link, Reader> = new Map()
  /** The newest snapshot that this process has written. */
  #snapshot: Zxid | null = null
  #isWanted = false

  constructor(options: LogOptions, files: Files, hooks: LogHooks, to: ReadersNeighbours) {
    this.#options = options
    this.#files = files
    this.#hooks = hooks
    this.#to = to
  }

  /** Whether there is work to do now. */
  get pending(): boolean {
    for (const { work } of this.#readers.values())
      if (work === 'seek' || work === 'read') return true
    return false
  }

  begin(link: Link, kind: ReadKind, after: Zxid): void {
    this.end(link)
    const reader: Reader = {
      ...{ link, kind, after, work: 'seek', isAsked: false, entries: null, body: null },
      needed: NOTHING,
    }
    this.#readers.set(link, reader)
    this.#try(reader, () => {
      if (kind === 'snapshot') this.#chooseSnapshot(reader)
      else this.#openEntries(reader, after)
    })
  }

  readOn(link: Link): void {
    const reader = this.#readers.get(link)
    assert(reader?.work !== 'read' && reader?.isAsked !== true, 'a piece was asked for twice')
    if (reader?.work === 'idle') reader.work = 'read'
    else if (reader !== undefined) reader.isAsked = true
  }

  end(link: Link): void {
    const reader = this.#readers.get(link)
    if (reader === undefined) return
    this.#readers.delete(link)
    reader.entries?.close()
    reader.body?.close()
  }

  /** Nobody is led any more. */
  endAll(): void {
    for (const link of [...this.#readers.keys()]) this.end(link)
    this.#isWanted = false
  }

  /** The history behind this transaction has been replaced. */
  cut(zxid: Zxid): void {
    if (this.#snapshot !== null && this.#snapshot > zxid) this.#snapshot = null
  }

  /** One piece of work for one reader. The others have their turn before this one has another. */
  step(): void {
    for (const [link, reader] of this.#readers) {
      if (reader.work !== 'seek' && reader.work !== 'read') continue
      this.#readers.delete(link)
      this.#readers.set(link, reader)
      this.#try(reader, () => (reader.work === 'seek' ? this.#seek(reader) : this.#read(reader)))
      return
    }
  }

  snapshotSaved(zxid: Zxid): void {
    this.#snapshot = zxid
    this.#isWanted = false
    for (const reader of [...this.#readers.values()]) {
      if (reader.work === 'wait') this.#try(reader, () => this.#openSnapshot(reader, zxid))
    }
  }

  snapshotFailed(): void {
    this.#isWanted = false
    for (const reader of [...this.#readers.values()]) {
      if (reader.work === 'wait') this.#fail(reader, 'the snapshot for it could not be written')
    }
  }

  /** Whether a reader needs a file, so that it must not be purged. */
  holds({ folder, name }: Removal): boolean {
    const zxid = sortedLogs([name])[0]?.zxid ?? ZXID_NONE
    for (const { needed, body } of this.#readers.values()) {
      if (folder === 'log' ? zxid >= needed : body?.name === name) return true
    }
    return false
  }

  /** Called before a purge. Ends the readers that would keep more than is allowed. */
  limitHeld(removals: readonly Removal[]): void {
    const { heldBytesMax } = this.#options
    const logs = sortedLogs(
      removals.filter(({ folder }) => folder === 'log').map(({ name }) => name),
    )
    for (const reader of [...this.#readers.values()]) {
      if (this.#bytesOf(logs.filter(({ zxid }) => zxid >= reader.needed)) <= heldBytesMax) continue
      this.#fail(reader, `more than ${heldBytesMax} bytes of old logs would be kept for it`)
    }
  }

  #openEntries(reader: Reader, after: Zxid): void {
    const log = logBehind(logsOf(this.#files), after)
    if (log === undefined) {
      this.#notThere(reader)
      return
    }
    const isOurs = this.#snapshotOf(after) !== undefined
    const { entryBytesMax } = this.#options
    reader.entries = new EntryReader(this.#files, entryBytesMax, log, after, isOurs)
    reader.needed = log.zxid
    reader.work = 'seek'
    // The files behind it alone may be too much.
    const isFar = reader.kind === 'near' && this.#bytesBehind(log.zxid) > this.#nearBytes
    if (isFar) this.#notThere(reader)
  }

  #seek(reader: Reader): void {
    const { link, kind, after } = reader
    const entries = known(reader.entries, 'the log of a reader that seeks')
    if (!entries.seek()) return
    const left = this.#bytesFrom(entries.log.zxid) - entries.offset
    const isFound = kind === 'near' ? entries.zxid >= 0 : entries.zxid === after
    if (!isFound || (kind === 'near' && left > this.#nearBytes)) {
      this.#notThere(reader)
      return
    }
    this.#begun(reader)
    this.#to.zab.readBegun(link, entries.zxid, false)
  }

  /** The log does not hold what was asked for, or too much of it. */
  #notThere(reader: Reader): void {
    reader.entries?.close()
    reader.entries = null
    if (reader.kind === 'near') this.#chooseSnapshot(reader)
    else this.#fail(reader, `the log does not hold what follows ${formatZxid(reader.after)}`)
  }

  /** Takes our newest snapshot if it is recent enough; otherwise waits for a new one. */
  #chooseSnapshot(reader: Reader): void {
    const newest = this.#snapshot
    const file = newest === null ? undefined : this.#snapshotOf(newest)
    if (newest !== null && file !== undefined) {
      const behind = this.#bytesFrom(this.#logBehind(newest))
      if (behind <= Math.max(this.#options.nearBytesMax, this.#sizeOf('snapshot', file))) {
        this.#openSnapshot(reader, newest)
        return
      }
    }
    reader.work = 'wait'
    reader.needed = NOTHING
    if (this.#isWanted) return
    this.#isWanted = true
    this.#to.wantSnapshot()
  }

  #openSnapshot(reader: Reader, zxid: Zxid): void {
    const file = this.#snapshotOf(zxid)
    if (file === undefined) {
      this.#fail(reader, 'the snapshot for it is gone')
      return
    }
    reader.body = new SnapshotBody(this.#files, file.name, this.#options.entryBytesMax)
    reader.needed = this.#logBehind(zxid)
    this.#begun(reader)
    this.#to.zab.readBegun(reader.link, zxid, true)
  }

  #begun(reader: Reader): void {
    reader.work = reader.isAsked ? 'read' : 'idle'
    reader.isAsked = false
  }

  #read(reader: Reader): void {
    const { link, body, entries } = reader
    const { pieceBytesMax } = this.#options
    reader.work = 'idle'
    if (body !== null) {
      const { piece, last } = body.next(pieceBytesMax)
      // The logs behind the snapshot are kept until they are asked for.
      if (last) this.#closeBody(reader)
      this.#to.zab.pieceRead(link, last, piece, 0, piece.length)
    } else if (entries !== null) {
      const bytes = entries.read(pieceBytesMax)
      reader.needed = entries.log.zxid
      this.#to.zab.entriesRead(link, bytes, 0, bytes.length)
    }
  }

  #closeBody(reader: Reader): void {
    reader.body?.close()
    reader.body = null
  }

  /** If a file cannot be read, one learner loses its link; this server goes on. */
  #try(reader: Reader, work: () => void): void {
    try {
      work()
    } catch (error) {
      if (!(error instanceof Error)) throw error
      this.#fail(reader, error.message)
    }
  }

  /** The snapshot that we have may be what is damaged, or what is logged behind it. A new one is behind
   * both, and the log that is begun with it has no part in them. */
  #fail(reader: Reader, why: string): void {
    this.end(reader.link)
    this.#snapshot = null
    this.#hooks.log('error', 'reading-for-learner-failed', { link: reader.link, why })
    this.#to.zab.readFailed(reader.link, why)
  }

  #snapshotOf(zxid: Zxid): NamedFile | undefined {
    return sortedSnapshots(this.#files.list('snapshot')).find((file) => file.zxid === zxid)
  }

  /** The first log that is needed behind a snapshot. There may be none yet. */
  #logBehind(snapshot: Zxid): Zxid {
    const log = logBehind(logsOf(this.#files), snapshot)
    return log === undefined || log.zxid > snapshot ? snapshot : log.zxid
  }

  get #nearBytes(): number {
    const { nearBytesMax, snapshotSizeFactor } = this.#options
    if (snapshotSizeFactor < 0) return -1
    const [newest] = sortedSnapshots(this.#files.list('snapshot'))
    const part = newest === undefined ? 0 : this.#sizeOf('snapshot', newest) * snapshotSizeFactor
    return Math.max(nearBytesMax, part)
  }

  /** The bytes of the logs that begin there or later. An old file may be longer than its contents,
   * by the space that was written ahead. */
  #bytesFrom(zxid: Zxid): number {
    return this.#bytesOf(logsOf(this.#files).filter((log) => log.zxid >= zxid))
  }

  /** The bytes of the logs that begin later. */
  #bytesBehind(zxid: Zxid): number {
    return this.#bytesOf(logsOf(this.#files).filter((log) => log.zxid > zxid))
  }

  #bytesOf(logs: readonly NamedFile[]): number {
    const bytesOf = (log: NamedFile) => this.#to.endOf(log.name) ?? this.#sizeOf('log', log)
    return logs.reduce((sum, log) => sum + bytesOf(log), 0)
  }

  #sizeOf(folder: Folder, { name }: NamedFile): number {
    const file = this.#files.open(folder, name, 'read')
    const size = file.size()
    file.close()
    return size
  }
}

const NOTHING = Number.POSITIVE_INFINITY as Zxid
