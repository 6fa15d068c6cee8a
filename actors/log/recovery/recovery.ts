// What the disk holds, told to the tree: the newest sound snapshot, then the log after it.
//
// A generator: each step sends a bounded amount, so that the host can wait for room in the ring
// between steps. Files are changed at the very end, once everything was found in order. A start
// that is refused leaves every byte as it was.
//
// How a place that is not an entry is judged (PAR, FAST '18: nobody has acknowledged a torn tail,
// but damage was acknowledged):
//
//   | where            | below the synced mark? | whole entry after it? | verdict                |
//   | not last file    | -                      | -                     | loss                   |
//   | last file        | yes                    | -                     | loss                   |
//   | last file        | no                     | -                     | cut: unsynced batch    |
//   | last file        | no mark of it          | yes                   | loss                   |
//   | last file        | no mark of it          | no                    | cut, as ZooKeeper does |
//
// A file that the mark names and that is missing is a loss, too, unless the snapshot contains all
// of it. A loss stops a standalone server, because only it knew what it had told its clients. If
// the operator accepts the loss (accept-loss.ts), the log is cut there.
//
// What was read is synced before anybody hears of it, and the mark says so. After a kill it may be
// in the page cache alone, while zab counts this server among those that cannot lose it.

import {
  belowZxid,
  follows,
  formatZxid,
  ZXID_NONE,
  ZXID_ZERO,
  type Zxid,
} from '../../../protocol/zxid.ts'
import { forgetAcceptance, isAccepted, isWordGiven } from '../files/accept-loss.ts'
import { readDamaged, removeDamaged } from '../files/damaged-note.ts'
import { readEpochs } from '../files/epoch-files.ts'
import {
  DamagedError,
  DiskError,
  LossError,
  REMEDY_RESTORE,
  unknownBeginning,
} from '../files/errors.ts'
import {
  logName,
  type NamedFile,
  ORIGIN_NAME,
  snapshotName,
  sortedLogs,
  sortedSnapshots,
} from '../files/file-names.ts'
import type { Files, OpenFile } from '../files/files.ts'
import { type Found, LogScanner } from '../files/log-scanner.ts'
import { HEADER_BYTES, OVERHEAD_BYTES } from '../files/segment.ts'
import { confirmMark, endsOf, type FileEnd, MARK_NAME, readMark } from '../files/synced-mark.ts'
import type { Unfinished } from '../files/unfinished.ts'
import type { LogHooks, LogOptions } from '../options.ts'
import type { Recovered, RecoveryScope, RecoveryTree } from './recovered.ts'
import { Repetition } from './repetition.ts'
import { carryOut, finish, removeForeign, writeOrigin } from './replacement.ts'
import { loadSnapshot } from './snapshot-reader.ts'

const SNAPSHOTS_TRIED_MAX = 100
const STEP_ENTRIES_MAX = 512
const STEP_BYTES_MAX = 32 * 1024

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
  #last: NamedFile | null = null
  /** Where the entries of the last file end, and whether something torn is behind. */
  #end: FileEnd | null = null
  #isTorn = false
  /** How far files are known to be synced. */
  #ends: readonly FileEnd[] = []
  /** A loss that the operator accepts. */
  #accepted: LossError | null = null
  /** The newest snapshot that was finished once and is unusable now. */
  #damaged: NamedFile | null = null
  /** A snapshot that the disk would not read. What is missing without it is no loss yet. */
  #refusal: DiskError | null = null
  #snapshotZxid: Zxid = ZXID_NONE
  #previous: Zxid = ZXID_NONE
  readonly #history = new Repetition()
  /** Within a stretch that is in the log twice, which is reported once. */
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
    const damaged = kind === 'trial' ? null : readDamaged(this.#files)
    if (damaged !== null && !isWordGiven(this.#files)) throw damaged
    if (kind === 'start') yield* finish(this.#files, this.#unfinished)
    yield* this.#loadNewestSnapshot()
    const listed = sortedLogs(this.#files.list('log'))
    const hasOrigin = listed.some((file) => file.name === ORIGIN_NAME)
    const all = listed.filter((file) => file.name !== ORIGIN_NAME)
    const mark = readMark(this.#files)
    // A crash may have left a file without an entry behind the one that the mark names.
    this.#ends = endsOf(mark, all)
    const logs = this.#withoutEmptyTail(all)
    this.#ends = endsOf(mark, logs)
    this.#last = logs.at(-1) ?? null
    const fresh = this.#snapshotZxid === ZXID_NONE && logs.length === 0
    // An operator who says so is trusted at a start. A trial must not rest on that.
    const knowsBeginning = hasOrigin || (this.#options.snapshotTrustEmpty && kind !== 'trial')
    this.#previous = this.#snapshotZxid
    try {
      yield* this.#readLogs(logs, mark.base, knowsBeginning)
    } catch (error) {
      if (error instanceof LossError && this.#refusal !== null) throw this.#refusal
      if (!this.#mayBear(error)) throw error
      this.#accepted = error
    }
    const isBorne = this.#accepted !== null || damaged === null
    if (!isBorne && !isAccepted(this.#files, damaged)) throw damaged
    const lastZxid = this.#previous === ZXID_NONE ? ZXID_ZERO : this.#previous
    const isMember = kind === 'start' && this.#options.ensemble
    const epochs = isMember ? readEpochs(this.#files, lastZxid, mark) : null
    yield
    if (kind !== 'trial') this.#repair()
    return {
      lastZxid,
      snapshotZxid: this.#snapshotZxid,
      replayedCount: this.#replayedCount,
      replayedBytes: this.#replayedBytes,
      fresh,
      isLost: false,
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
      const trial = yield* loadSnapshot(this.#files, snapshot, this.#tree)
      begun ||= trial.begun
      if (trial.outcome === 'loaded') {
        this.#snapshotZxid = snapshot.zxid
        this.#hooks.log('info', 'snapshot-loaded', { file: snapshot.name })
        return
      }
      if (trial.outcome === 'damaged') this.#damaged ??= snapshot
      this.#refusal ??= trial.refusal
      this.#hooks.log('warn', 'snapshot-unusable', { file: snapshot.name, why: trial.detail })
    }
    if (begun || this.#damaged !== null) {
      const name = snapshots[0]?.name ?? ''
      const problem = 'neither this nor any older snapshot is sound'
      throw this.#refusal ?? new LossError(name, -1, problem, REMEDY_RESTORE)
    }
  }

  /** Drops the files at the end that hold no entry: a crash came before their first sync. */
  #withoutEmptyTail(logs: readonly NamedFile[]): NamedFile[] {
    const kept = logs.slice()
    for (let log = kept.at(-1); log !== undefined && this.#isEmpty(log); log = kept.at(-1)) {
      this.#removals.push(log.name)
      kept.pop()
    }
    return kept
  }

  #isEmpty(log: NamedFile): boolean {
    if (this.#syncedOf(log) > HEADER_BYTES) return false
    const file = this.#open(log.name, 'read')
    try {
      return new LogScanner(log.name, file, this.#options.entryBytesMax).hasNoEntry()
    } finally {
      file.close()
    }
  }

  /** The logs from the last one that may hold the snapshot's successor. */
  #neededLogs(logs: readonly NamedFile[]): readonly NamedFile[] {
    let first = 0
    for (let i = 0; i < logs.length; i++) {
      if (logs[i]!.zxid <= this.#snapshotZxid + 1) first = i
    }
    return logs.slice(first)
  }

  *#readLogs(
    logs: readonly NamedFile[],
    base: Zxid,
    knowsBeginning: boolean,
  ): Generator<void, void, void> {
    let after = ZXID_NONE
    for (const log of this.#neededLogs(logs)) {
      this.#refuseMissing(logs, after, belowZxid(log.zxid))
      yield* this.#readLog(log, knowsBeginning)
      if (this.#beyond !== null) return
      after = log.zxid
    }
    this.#refuseMissing(logs, after, this.#upTo ?? Number.POSITIVE_INFINITY)
    this.#refuseLossOfSnapshot(this.#previous, base)
  }

  *#readLog(log: NamedFile, knowsBeginning: boolean): Generator<void, void, void> {
    const file = this.#open(log.name, 'read')
    try {
      const scanner = new LogScanner(log.name, file, this.#options.entryBytesMax)
      const header = scanner.header()
      // ZooKeeper leaves such a file behind if it dies while creating it, and then begins another.
      const isBlank = header === 'missing' && scanner.nonZeroFrom(0) < 0
      if (isBlank && this.#syncedOf(log) <= HEADER_BYTES) return
      if (header !== 'valid') throw new LossError(log.name, 0, 'this is no transaction log')
      let count = 0
      let bytes = 0
      let last = ZXID_NONE
      let found = scanner.next()
      for (; found === 'entry'; found = scanner.next()) {
        this.#onEntry(scanner, knowsBeginning)
        if (this.#beyond !== null) return
        last = scanner.zxid
        count++
        bytes += scanner.end - scanner.start
        if (count < STEP_ENTRIES_MAX && bytes < STEP_BYTES_MAX) continue
        count = 0
        bytes = 0
        yield
      }
      this.#onStop(log, scanner, found)
      this.#end = { zxid: log.zxid, offset: scanner.offset, last }
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
      throw unknownBeginning(scanner.name)
    }
    if (this.#upTo !== null && zxid > this.#upTo) {
      this.#beyond = { name: scanner.name, offset }
      return
    }
    if (previous !== ZXID_NONE && !follows(previous, zxid)) {
      const pair = `${formatZxid(zxid)} stands after ${formatZxid(previous)}`
      const problem = `${pair}: transactions between them are missing`
      throw new LossError(scanner.name, offset, problem)
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
    const next = scanner.entryFrom(offset, this.#previous)
    const synced = this.#syncedOf(log)
    if (offset < synced) {
      throw new LossError(log.name, offset, `damaged, and it was synced up to ${synced}`)
    }
    if (next >= 0 && (!isLast || synced < 0)) {
      throw new LossError(log.name, offset, `damaged, and a whole entry follows at ${next}`)
    }
    if (found === 'bad' && !isLast) throw new LossError(log.name, offset, 'the entry is damaged')
    if (!isLast) return
    this.#isTorn = found !== 'end' || next >= 0 || scanner.nonZeroFrom(offset) >= 0
    if (!this.#isTorn) return
    const bytes = scanner.size - offset
    this.#hooks.log('warn', 'log-torn-tail-cut', { file: log.name, offset, bytes })
  }

  /** How far the file is known to be synced; -1 if nothing is known. */
  #syncedOf(log: NamedFile): number {
    return this.#ends.find(({ zxid }) => zxid === log.zxid)?.offset ?? -1
  }

  /** Refuses if files are missing whose names are above `after`, up to `upTo`. */
  #refuseMissing(logs: readonly NamedFile[], after: Zxid, upTo: number): void {
    const snapshot = this.#snapshotZxid
    for (const { zxid, offset, last } of this.#ends) {
      const isWanted = zxid > after && zxid <= upTo && last > snapshot
      if (!isWanted || logs.some((log) => log.zxid === zxid)) continue
      const held = `it held ${offset} bytes, up to ${formatZxid(last)}`
      throw new LossError(logName(zxid), HEADER_BYTES, `it is missing, and ${held}`)
    }
  }

  /** A snapshot that was sound once proves that its transactions were there. To go back behind them
   * would lose what this server acknowledged. */
  #refuseLossOfSnapshot(lastZxid: Zxid, base: Zxid): void {
    const damaged = this.#damaged
    const left = `without it only the state up to ${formatZxid(lastZxid)} is left`
    if (damaged !== null && lastZxid < damaged.zxid) {
      throw new LossError(damaged.name, -1, `it is damaged, and ${left}`)
    }
    if (lastZxid >= base || this.#upTo !== null) return
    throw new LossError(snapshotName(base, ''), -1, `it is missing, and ${left}`)
  }

  /** Whether this loss may be accepted: something sound must be left. */
  #mayBear(error: unknown): error is LossError {
    if (!(error instanceof LossError) || this.#scope.kind !== 'start') return false
    return this.#previous !== ZXID_NONE && isAccepted(this.#files, error)
  }

  /** Everything in doubt goes, as after a TRUNC: what comes after it would not be found again. */
  #bear({ file, offset, message }: LossError): void {
    const name = offset < 0 ? null : file
    const cut = { zxid: this.#previous, name, offset: Math.max(0, offset) }
    this.#hooks.log('error', 'loss-accepted', { why: message, lastZxid: formatZxid(cut.zxid) })
    if (this.#snapshotZxid === ZXID_NONE) writeOrigin(this.#files)
    this.#unfinished.begin({ kind: 'cut', cut })
    carryOut(this.#files, cut)
    this.#unfinished.end()
  }

  #repair(): void {
    const last = this.#last
    try {
      if (this.#accepted !== null) this.#bear(this.#accepted)
      else if (last !== null) {
        const file = this.#files.open('log', last.name, 'write')
        if (this.#isTorn) file.truncate(this.#end!.offset)
        file.sync()
        file.close()
      }
      const there = this.#files.list('log')
      for (const name of this.#removals.filter((each) => there.includes(each))) {
        this.#hooks.log('warn', 'empty-log-removed', { file: name })
        this.#files.remove('log', name)
      }
      this.#files.syncFolder('log')
      if (this.#accepted === null && this.#end !== null) confirmMark(this.#files, this.#end)
      if (this.#scope.kind === 'start') this.#tidy()
    } catch (error) {
      throw new DiskError(last?.name ?? MARK_NAME, 'repairing the log', error)
    }
  }

  #tidy(): void {
    for (const file of removeForeign(this.#files, this.#unfinished)) {
      this.#hooks.log('warn', 'unfinished-install-removed', { file })
    }
    removeDamaged(this.#files)
    forgetAcceptance(this.#files)
  }

  #open(name: string, mode: 'read' | 'write'): OpenFile {
    try {
      return this.#files.open('log', name, mode)
    } catch (error) {
      throw new DiskError(name, 'opening', error)
    }
  }
}
