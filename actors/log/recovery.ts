// What the disk holds, told to the tree: the newest sound snapshot, then the log after it.
//
// A generator: each step sends a bounded amount, so that the host can wait for room in the ring
// between steps. Files are changed at the very end, when everything was found in order; a start
// that is refused leaves every byte as it was.
//
// How a place that is not an entry is judged (PAR, FAST '18: a torn tail was acknowledged by
// nobody, damage was):
//
//   | where            | whole entry after it? | below the synced mark? | verdict                |
//   | not last file    | -                     | -                      | refuse                 |
//   | last file        | no                    | -                      | cut (warn if below)    |
//   | last file        | yes                   | no                     | cut: unsynced batch    |
//   | last file        | yes                   | yes, or no mark of it  | refuse                 |
//
// What was read is synced before anybody hears of it: after a kill it may be in the page cache
// alone, and zab would count this server among those that cannot lose it.

import type { TreeLogMessages } from '../../protocol/messages/tree.ts'
import { formatZxid, ZXID_NONE, ZXID_ZERO, type Zxid } from '../../protocol/zxid.ts'
import { type Epochs, readEpochs } from './epoch-files.ts'
import { DamagedError, DiskError, REMEDY_REJOIN } from './errors.ts'
import {
  isSnapshotTemporary,
  type NamedFile,
  ORIGIN_NAME,
  sortedLogs,
  sortedSnapshots,
} from './file-names.ts'
import type { Files, OpenFile } from './files.ts'
import { type Found, LogScanner } from './log-scanner.ts'
import type { LogHooks, LogOptions } from './options.ts'
import { Repetition } from './repetition.ts'
import { finish } from './replacement.ts'
import { follows, HEADER_BYTES, OVERHEAD_BYTES } from './segment.ts'
import { loadSnapshot, type SnapshotTree } from './snapshot-reader.ts'
import { MARK_NAME, readMark, type SyncedMark } from './synced-mark.ts'
import type { Unfinished } from './unfinished.ts'

const SNAPSHOTS_TRIED_MAX = 100
const STEP_ENTRIES_MAX = 512
const STEP_BYTES_MAX = 32 * 1024

export interface Recovered {
  lastZxid: Zxid
  /** Of the snapshot loaded; -1 when there was none. */
  snapshotZxid: Zxid
  replayedCount: number
  replayedBytes: number
  /** Neither a snapshot nor a log entry was there. */
  fresh: boolean
  /** At the start of a member of an ensemble. */
  epochs: Epochs | null
  /** In a trial: the first entry after its end. */
  beyond: { readonly name: string; readonly offset: number } | null
}

/** `start`: of the process, and what the last one left unfinished is finished. `reload`: snapshots
 * may be written meanwhile. `trial`: what would be found if nothing were there after `upTo`; no
 * file is touched. */
export type RecoveryScope = { kind: 'start' | 'reload' } | { kind: 'trial'; upTo: Zxid }

export type RecoveryTree = SnapshotTree & Pick<TreeLogMessages, 'replay'>

export class Recovery {
  readonly #options: LogOptions
  readonly #files: Files
  readonly #tree: RecoveryTree
  readonly #hooks: LogHooks
  readonly #unfinished: Unfinished
  readonly #scope: RecoveryScope
  readonly #upTo: Zxid | null
  /** What is to be done to the files if all goes well. */
  readonly #removals: string[] = []
  #cut: { name: string; offset: number } | null = null
  #last: NamedFile | null = null
  #mark: SyncedMark | null = null
  /** The newest snapshot that was finished once and is unusable now. */
  #damaged: NamedFile | null = null
  #snapshotZxid: Zxid = ZXID_NONE
  #previous: Zxid = ZXID_NONE
  readonly #history = new Repetition()
  /** Within a stretch that is there twice, which is said once. */
  #repeats = false
  #replayedCount = 0
  #replayedBytes = 0
  #beyond: { name: string; offset: number } | null = null

  constructor(
    options: LogOptions,
    files: Files,
    tree: RecoveryTree,
    hooks: LogHooks,
    unfinished: Unfinished,
    scope: RecoveryScope,
  ) {
    this.#options = options
    this.#files = files
    this.#tree = tree
    this.#hooks = hooks
    this.#unfinished = unfinished
    this.#scope = scope
    this.#upTo = scope.kind === 'trial' ? scope.upTo : null
  }

  *run(): Generator<void, Recovered, void> {
    const { kind } = this.#scope
    if (kind === 'start') yield* finish(this.#files, this.#unfinished)
    yield* this.#loadNewestSnapshot()
    this.#mark = readMark(this.#files)
    const listed = sortedLogs(this.#files.list('log'))
    const hasOrigin = listed.some((file) => file.name === ORIGIN_NAME)
    const logs = this.#withoutEmptyTail(listed.filter((file) => file.name !== ORIGIN_NAME))
    this.#last = logs.at(-1) ?? null
    const fresh = this.#snapshotZxid === ZXID_NONE && logs.length === 0
    // To trust an operator who says so is for a start; whoever cuts may be wrong to.
    const knowsBeginning = hasOrigin || (this.#options.trustEmpty && kind !== 'trial')
    this.#previous = this.#snapshotZxid
    for (const log of this.#neededLogs(logs)) {
      yield* this.#readLog(log, knowsBeginning)
      if (this.#beyond !== null) break
    }
    const lastZxid = this.#previous === ZXID_NONE ? ZXID_ZERO : this.#previous
    this.#refuseLossOfSnapshot(lastZxid)
    const readsEpochs = kind === 'start' && this.#options.ensemble
    const epochs = readsEpochs ? readEpochs(this.#files, lastZxid) : null
    yield
    if (kind !== 'trial') this.#repair()
    return {
      lastZxid,
      snapshotZxid: this.#snapshotZxid,
      replayedCount: this.#replayedCount,
      replayedBytes: this.#replayedBytes,
      fresh,
      epochs,
      beyond: this.#beyond,
    }
  }

  *#loadNewestSnapshot(): Generator<void, void, void> {
    const { foreign } = this.#unfinished
    const upTo = this.#upTo ?? Number.POSITIVE_INFINITY
    const snapshots = sortedSnapshots(this.#files.list('snapshot')).filter(
      ({ zxid }) => zxid <= upTo && !foreign.has(zxid),
    )
    let begun = false
    for (const snapshot of snapshots.slice(0, SNAPSHOTS_TRIED_MAX)) {
      refuseSnappy(snapshot.name)
      const trial = yield* loadSnapshot(this.#files, snapshot, this.#tree)
      begun ||= trial.begun
      if (trial.outcome === 'loaded') {
        this.#snapshotZxid = snapshot.zxid
        this.#hooks.log('info', 'snapshot-loaded', { file: snapshot.name })
        return
      }
      if (trial.outcome === 'damaged') this.#damaged ??= snapshot
      this.#hooks.log('warn', 'snapshot-unusable', { file: snapshot.name, why: trial.detail })
    }
    if (begun || this.#damaged !== null) {
      const name = snapshots[0]?.name ?? ''
      throw new DamagedError(
        name,
        -1,
        'neither this nor any older snapshot is sound',
        REMEDY_REJOIN,
      )
    }
  }

  /** Drops the files at the end that hold no entry: a crash came before their first sync. */
  #withoutEmptyTail(logs: readonly NamedFile[]): NamedFile[] {
    const kept = logs.slice()
    for (let log = kept.at(-1); log !== undefined && this.#isEmpty(log); log = kept.at(-1)) {
      this.#removals.push(log.name)
      this.#warnIfSynced(log, HEADER_BYTES)
      kept.pop()
    }
    return kept
  }

  #isEmpty(log: NamedFile): boolean {
    return this.#scan(log, (scanner) => {
      const header = scanner.header()
      if (header === 'missing') return true
      // Garbage of a header's length is a header that was never synced.
      if (header === 'foreign' && scanner.size === HEADER_BYTES) return true
      if (header === 'foreign') this.#refuse(log.name, 0, 'this is no transaction log')
      const first = header === 'valid' ? scanner.next() : 'bad'
      if (first === 'entry' || first === 'oversize') return false
      const next = scanner.entryFrom(HEADER_BYTES, ZXID_NONE)
      if (next < 0) return true
      if (header === 'blank') this.#refuse(log.name, 0, 'the file header is blank')
      return false
    })
  }

  /** From the last file that may hold the snapshot's successor. */
  #neededLogs(logs: readonly NamedFile[]): readonly NamedFile[] {
    let first = 0
    for (let i = 0; i < logs.length; i++) {
      if (logs[i]!.zxid <= this.#snapshotZxid + 1) first = i
    }
    return logs.slice(first)
  }

  *#readLog(log: NamedFile, knowsBeginning: boolean): Generator<void, void, void> {
    const file = this.#open(log.name, 'read')
    try {
      const scanner = new LogScanner(log.name, file, this.#options.entryBytesMax)
      const header = scanner.header()
      // ZooKeeper leaves such a file behind when it dies on creating it, and begins another.
      if (header === 'missing' && scanner.nonZeroFrom(0) < 0) return
      if (header !== 'valid') this.#refuse(log.name, 0, 'this is no transaction log')
      let count = 0
      let bytes = 0
      let found = scanner.next()
      for (; found === 'entry'; found = scanner.next()) {
        this.#onEntry(scanner, knowsBeginning)
        if (this.#beyond !== null) return
        count++
        bytes += scanner.end - scanner.start
        if (count < STEP_ENTRIES_MAX && bytes < STEP_BYTES_MAX) continue
        count = 0
        bytes = 0
        yield
      }
      this.#onStop(log, scanner, found)
    } finally {
      file.close()
    }
  }

  #onEntry(scanner: LogScanner, knowsBeginning: boolean): void {
    const zxid = scanner.zxid
    if (zxid <= this.#snapshotZxid) return
    const previous = this.#previous
    const offset = scanner.offset - (scanner.end - scanner.start) - OVERHEAD_BYTES
    if (this.#history.has(zxid, scanner.checksum)) {
      if (!this.#repeats) this.#hooks.log('warn', 'log-entry-twice', { file: scanner.name, offset })
      this.#repeats = true
      return
    }
    this.#repeats = false
    if (previous === ZXID_NONE && zxid !== 1 && !knowsBeginning) {
      this.#refuseUnknownBeginning(scanner.name)
    }
    if (this.#upTo !== null && zxid > this.#upTo) {
      this.#beyond = { name: scanner.name, offset }
      return
    }
    if (previous !== ZXID_NONE && !follows(previous, zxid)) {
      const pair = `${formatZxid(zxid)} stands after ${formatZxid(previous)}`
      this.#refuse(scanner.name, offset, `${pair}: transactions between them are missing`)
    }
    this.#previous = zxid
    this.#history.note(zxid, scanner.checksum)
    this.#replayedCount++
    this.#replayedBytes += scanner.end - scanner.start
    this.#tree.replay(zxid, scanner.bytes, scanner.start, scanner.end)
  }

  #onStop(log: NamedFile, scanner: LogScanner, found: Found): void {
    const offset = scanner.offset
    if (found === 'oversize') {
      throw new DamagedError(
        log.name,
        offset,
        `an entry of ${scanner.end - scanner.start} bytes is longer than allowed`,
        'It is intact: raise jute.maxbuffer on this server and restart',
      )
    }
    const isLast = log === this.#last
    if (found === 'bad' && !isLast) this.#refuse(log.name, offset, 'the entry is damaged')
    const next = scanner.entryFrom(offset, this.#previous)
    const synced = this.#syncedOf(log)
    if (next >= 0 && (!isLast || synced < 0 || offset < synced)) {
      this.#refuse(log.name, offset, `damaged, and a whole entry follows at ${next}`)
    }
    if (!isLast) return
    const clean = found === 'end' && next < 0 && scanner.nonZeroFrom(offset) < 0
    if (!clean) this.#cut = { name: log.name, offset }
    this.#warnIfSynced(log, offset)
    if (clean) return
    const bytes = scanner.size - offset
    this.#hooks.log('warn', 'log-torn-tail-cut', { file: log.name, offset, bytes })
  }

  /** How far the file was surely synced; -1 when nothing is known. */
  #syncedOf(log: NamedFile): number {
    return this.#mark !== null && this.#mark.logZxid === log.zxid ? this.#mark.offset : -1
  }

  /** Entries that were acknowledged are gone from the end. Cut all the same, as ZooKeeper's
   * operators expect of the last entries; but loudly: the disk broke its promise. */
  #warnIfSynced(log: NamedFile, offset: number): void {
    const synced = this.#syncedOf(log)
    if (offset >= synced) return
    this.#hooks.log('error', 'log-lost-synced-entries', { file: log.name, offset, synced })
  }

  /** A snapshot that was sound once proves that its transactions were there. Going back behind
   * them would lose what this server acknowledged. */
  #refuseLossOfSnapshot(lastZxid: Zxid): void {
    const damaged = this.#damaged
    if (damaged === null || lastZxid >= damaged.zxid) return
    throw new DamagedError(
      damaged.name,
      -1,
      `it is damaged, and without it only the state up to ${formatZxid(lastZxid)} is left`,
      REMEDY_REJOIN,
    )
  }

  #refuseUnknownBeginning(name: string): never {
    throw new DamagedError(
      name,
      HEADER_BYTES,
      'there is no snapshot, and the log does not reach back to the first transaction',
      'Restore a snapshot; or, to go on without what is missing, as after an upgrade from ' +
        'ZooKeeper 3.4, set zookeeper.snapshot.trust.empty=true for one start',
    )
  }

  #refuse(name: string, offset: number, problem: string): never {
    const remedy =
      `${REMEDY_REJOIN}. With no healthy member, a copy of the file cut at this offset keeps ` +
      'what stands before it'
    throw new DamagedError(name, offset, problem, remedy)
  }

  #repair(): void {
    const last = this.#last
    try {
      if (last !== null) {
        const file = this.#files.open('log', last.name, 'write')
        if (this.#cut !== null) file.truncate(this.#cut.offset)
        file.sync()
        file.close()
      }
      for (const name of this.#removals) {
        this.#hooks.log('warn', 'empty-log-removed', { file: name })
        this.#files.remove('log', name)
      }
      this.#files.syncFolder('log')
      if (this.#scope.kind === 'start') this.#removeForeign()
    } catch (error) {
      throw new DiskError(last?.name ?? MARK_NAME, 'repairing the log', error)
    }
  }

  /** Nobody is writing snapshots yet: what was being written is nothing, and what was being
   * installed came too late. */
  #removeForeign(): void {
    const { foreign } = this.#unfinished
    for (const name of this.#files.list('snapshot')) {
      if (isSnapshotTemporary(name)) this.#files.remove('snapshot', name)
    }
    if (foreign.size === 0) return
    for (const { name, zxid } of sortedSnapshots(this.#files.list('snapshot'))) {
      if (!foreign.has(zxid)) continue
      this.#hooks.log('warn', 'unfinished-install-removed', { file: name })
      this.#files.remove('snapshot', name)
    }
    this.#files.syncFolder('snapshot')
    this.#unfinished.clear()
  }

  #scan<T>(log: NamedFile, look: (scanner: LogScanner) => T): T {
    const file = this.#open(log.name, 'read')
    try {
      return look(new LogScanner(log.name, file, this.#options.entryBytesMax))
    } finally {
      file.close()
    }
  }

  #open(name: string, mode: 'read' | 'write'): OpenFile {
    try {
      return this.#files.open('log', name, mode)
    } catch (error) {
      throw new DiskError(name, 'opening', error)
    }
  }
}

function refuseSnappy(name: string): void {
  if (!name.endsWith('.snappy')) return
  throw new DamagedError(
    name,
    -1,
    'snapshots compressed with snappy cannot be read here',
    `Let ZooKeeper write one with snapshot.compression.method empty or gz. ${REMEDY_REJOIN}`,
  )
}
