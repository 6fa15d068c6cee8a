// The log actor owns the disk. At the start it loads what the disk holds. Then it makes every
// transaction durable before anybody counts on it.
//
//   recovering --(last step: tree.recovered)--> serving --(any disk error: throw)--> dead
//        ^------------------------ reload -----------'
//
// Guarantees:
//  - synced(z) is sent when every entry up to z is durable, and the name of its file too.
//  - Group commit without timers: what arrived in a turn is one write and one sync; while a sync
//    runs the next batch collects in the ring. A lone transaction waits for nobody.
//  - Entries are consecutive; a hole is refused when it is appended and when it is read.
//  - A failed write or sync is thrown, never retried, and nothing is written afterwards.
//  - Nothing is purged that the three newest snapshots need.
//  - A cut and an install leave, at any crash, the old history or the new one (unfinished.ts).
//
// ZooKeeper's SyncRequestProcessor, FileTxnLog, FileTxnSnapLog and DatadirCleanupManager in one.

import { assert } from '../../protocol/assert.ts'
import { utf8 } from '../../protocol/bytes/text.ts'
import type { ConfigFile, EpochFile, LogMessages, ReadKind } from '../../protocol/messages/log.ts'
import type { Link } from '../../protocol/messages/zab.ts'
import { follows, formatZxid, ZXID_ZERO, type Zxid } from '../../protocol/zxid.ts'
import type { Actor, Clock } from '../actor.ts'
import { removeDamaged } from './files/damaged-note.ts'
import { EpochWriter } from './files/epoch-files.ts'
import { DiskError } from './files/errors.ts'
import { snapshotName } from './files/file-names.ts'
import type { Files } from './files/files.ts'
import { LogWriter } from './files/log-writer.ts'
import { EntryBuffer } from './files/segment.ts'
import { Unfinished } from './files/unfinished.ts'
import type { LogHooks, LogNeighbours, LogOptions } from './options.ts'
import { Purging } from './purging.ts'
import { Readers } from './readers.ts'
import { Loading } from './recovery/loading.ts'
import type { Recovered } from './recovery/recovered.ts'
import {
  carryOut,
  keepOnly,
  removeAbandoned,
  snapshotsOf,
  writeOrigin,
} from './recovery/replacement.ts'
import { planCut } from './recovery/truncation.ts'
import { SnapshotPace } from './snapshot-pace.ts'

const BATCH_INITIAL_BYTES = 64 * 1024
/** How long the synced mark may lag behind, and replaced files stay open. A mark costs as much as a
 * small write. If power fails in this time, a torn batch is judged with less knowledge. */
const TIDY_EVERY_MS = 50

export class Log implements Actor, LogMessages {
  readonly name = 'log'
  readonly #options: LogOptions
  readonly #files: Files
  readonly #clock: Clock
  readonly #neighbours: LogNeighbours
  readonly #hooks: LogHooks
  readonly #writer: LogWriter
  readonly #batch: EntryBuffer
  readonly #epochs: EpochWriter

  readonly #loading: Loading
  #failed = false
  /** This server is the whole quorum, so the tree hears of syncs, not zab. */
  #alone = false
  #lastZxid: Zxid = ZXID_ZERO
  #syncedZxid: Zxid = ZXID_ZERO
  /** The first of the batch: its zxid names the file if the batch begins one. */
  #batchFirst: Zxid = ZXID_ZERO
  #batchCount = 0
  #rollNext = false
  #tidyDueMs = Infinity
  /** The install whose snapshot is being written. */
  #installing: Zxid | null = null
  /** A fence is to be answered once the tree has been loaded again. */
  #fencing = false
  readonly #snapshots: SnapshotPace
  readonly #purge: Purging
  readonly #readers: Readers
  readonly #unfinished: Unfinished

  constructor(
    options: LogOptions,
    files: Files,
    clock: Clock,
    neighbours: LogNeighbours,
    hooks: LogHooks,
  ) {
    this.#options = options
    this.#files = files
    this.#clock = clock
    this.#neighbours = neighbours
    this.#hooks = hooks
    this.#batch = new EntryBuffer(BATCH_INITIAL_BYTES)
    this.#epochs = new EpochWriter(files)
    this.#snapshots = new SnapshotPace(options, hooks.random)
    this.#readers = new Readers(options, files, hooks, {
      zab: neighbours.zab,
      wantSnapshot: () => this.#wantSnapshot(),
      endOf: (log) => this.#writer.endOf(log),
    })
    this.#purge = new Purging(options, files, hooks, this.#readers, clock)
    this.#writer = new LogWriter(options, files, hooks, this.#purge.spares)
    this.#unfinished = new Unfinished(files)
    const epochs = this.#epochs
    this.#loading = new Loading(options, files, hooks, neighbours, this.#unfinished, epochs)
  }

  alone(): void {
    this.#alone = true
  }

  append(zxid: Zxid, bytes: Uint8Array, start: number, end: number): void {
    this.#assertServing()
    assert(end - start <= this.#options.entryBytesMax, 'transaction longer than an entry may be')
    assert(this.#installing === null, 'appended in the middle of an install')
    assert(follows(this.#lastZxid, zxid), 'hole in the zxids appended')
    if (this.#batchCount === 0) this.#batchFirst = zxid
    this.#batch.add(bytes, start, end)
    this.#batchCount++
    this.#lastZxid = zxid
    if (this.#batch.length >= this.#options.batchBytesMax) this.#flush()
  }

  snapshotSaved(zxid: Zxid): void {
    assert(!this.#failed, 'the log has failed')
    if (zxid === this.#installing) {
      this.#finishInstall(zxid)
    } else if (this.#unfinished.foreign.has(zxid)) {
      this.#guard('removing a snapshot', () => removeAbandoned(this.#files, this.#unfinished, zxid))
      this.#hooks.log('info', 'abandoned-install-removed', { zxid: formatZxid(zxid) })
    } else {
      this.#snapshots.pending = false
      this.#hooks.log('info', 'snapshot-saved', { zxid: formatZxid(zxid) })
      this.#readers.snapshotSaved(zxid)
      if (!this.#loading.isUnderWay) this.#purge.begin(this.#unfinished.foreign)
    }
  }

  snapshotFailed(): void {
    assert(!this.#failed, 'the log has failed')
    this.#snapshots.pending = false
    this.#hooks.log('error', 'snapshot-failed', { lastZxid: formatZxid(this.#lastZxid) })
    this.#readers.snapshotFailed()
    const zxid = this.#installing
    if (zxid === null) return
    this.#failed = true
    throw new DiskError(snapshotName(zxid, ''), 'installing', 'it could not be written')
  }

  saveEpoch(which: EpochFile, epoch: number): void {
    this.#assertIdle()
    this.#flush()
    this.#guard('saving an epoch', () => this.#epochs.write(which, epoch))
    this.#writer.promised(which, epoch)
    this.#tidyDueMs = Math.min(this.#tidyDueMs, this.#clock.nowMs + TIDY_EVERY_MS)
    this.#neighbours.zab.epochSaved(which)
  }

  saveConfig(which: ConfigFile, bytes: Uint8Array, start: number, end: number): void {
    if (!this.#loading.isUnderWay) this.#flush()
    const text = utf8(bytes, start, end)
    this.#guard('writing the configuration', () => this.#hooks.saveConfig?.(which, text))
  }

  truncate(zxid: Zxid): void {
    this.#assertIdle()
    this.#flush()
    if (zxid !== this.#lastZxid) this.#guard('cutting', () => this.#cut(zxid))
    this.#neighbours.zab.truncated(this.#lastZxid)
  }

  install(zxid: Zxid): void {
    this.#assertIdle()
    this.#flush()
    this.#guard('beginning an install', () => {
      // A snapshot that exists and belongs to our history holds the same, and may stay.
      const isOurs = !this.#unfinished.foreign.has(zxid)
      if (isOurs && snapshotsOf(this.#files, zxid).length > 0) return
      this.#unfinished.disown(zxid)
    })
    this.#installing = zxid
    this.#hooks.log('info', 'install-begun', { zxid: formatZxid(zxid) })
    this.#neighbours.tree.snapshotNow(zxid)
  }

  reload(): void {
    this.#assertIdle()
    this.#flush()
    this.#guard('closing', () => this.#writer.close())
    this.#loading.reload()
  }

  whole(): void {
    this.#assertIdle()
    this.#flush()
    this.#guard('noting that nothing is lost', () => removeDamaged(this.#files))
    this.#hooks.log('info', 'whole-again', { lastZxid: formatZxid(this.#lastZxid) })
  }

  fence(): void {
    assert(!this.#failed, 'the log has failed')
    assert(!this.#fencing, 'asked for a second fence')
    this.#fencing = true
    if (!this.#loading.isUnderWay) this.#answerFence()
  }

  beginRead(link: Link, kind: ReadKind, after: Zxid): void {
    this.#assertServing()
    this.#readers.begin(link, kind, after)
  }

  readOn(link: Link): void {
    this.#readers.readOn(link)
  }

  endRead(link: Link): void {
    this.#readers.end(link)
  }

  tick(): void {
    this.#tidyDueMs = Infinity
    this.#guard('marking', () => this.#writer.mark())
    this.#guard('freeing', () => this.#epochs.release())
  }

  nextTickMs(): number {
    return this.#tidyDueMs
  }

  endTurn(): boolean {
    assert(!this.#failed, 'the log has failed')
    if (this.#loading.isUnderWay) {
      this.#load()
      return true
    }
    const isBatch = this.#batchCount > 0
    this.#flush()
    // Learners that lag must make progress under any load. A piece takes less time than a sync.
    if (this.#readers.pending) this.#readers.step()
    // Idle work waits for a turn without a batch: otherwise a lone write would cause an extra turn
    // at each log.
    if (!isBatch) return this.#idle()
    return this.#writer.extending || this.#purge.pending || this.#readers.pending
  }

  /** For an orderly shutdown, after the last turn. */
  shutdown(): void {
    if (this.#failed) return
    this.#flush()
    this.#guard('closing', () => this.#writer.close())
  }

  describe(): string {
    const busy = this.#installing === null ? 'serving' : 'installing'
    const state = this.#failed ? 'failed' : this.#loading.isUnderWay ? 'recovering' : busy
    const file = this.#writer.open ? `${this.#writer.name}@${this.#writer.position}` : 'no file'
    const last = `last=${formatZxid(this.#lastZxid)} synced=${formatZxid(this.#syncedZxid)}`
    return `log ${state} ${last} ${file} ${this.#snapshots.describe()}`
  }

  #load(): void {
    let recovered: Recovered | null
    try {
      recovered = this.#loading.step()
    } catch (error) {
      this.#failed = true
      throw error
    }
    if (recovered === null) return
    const { lastZxid, replayedCount, replayedBytes, epochs } = recovered
    this.#lastZxid = this.#syncedZxid = lastZxid
    // After a reload the tree may have forgotten that it was asked for one.
    this.#snapshots.restart(replayedCount, replayedBytes)
    if (epochs !== null) {
      this.#writer.promised('accepted', epochs.accepted)
      this.#writer.promised('current', epochs.current)
    }
    this.#neighbours.tree.recovered(lastZxid)
    if (this.#fencing) this.#answerFence()
  }

  #answerFence(): void {
    this.#flush()
    // The file may still come. Until then the note says that it is foreign.
    this.#installing = null
    this.#readers.endAll()
    this.#fencing = false
    this.#neighbours.zab.fenced()
    this.#neighbours.tree.fenced()
  }

  #cut(zxid: Zxid): void {
    this.#writer.close()
    const plan = planCut(this.#options, this.#files, this.#unfinished, this.#hooks, zxid)
    if (typeof plan === 'string') {
      this.#hooks.log('warn', 'cut-refused', { zxid: formatZxid(zxid), why: plan })
      return
    }
    if (plan.needsOrigin) writeOrigin(this.#files)
    this.#purge.abandon()
    this.#unfinished.begin({ kind: 'cut', cut: plan.cut })
    carryOut(this.#files, plan.cut)
    this.#unfinished.end()
    const from = formatZxid(this.#lastZxid)
    this.#hooks.log('info', 'log-cut', { from, zxid: formatZxid(zxid) })
    this.#endAt(zxid)
  }

  #finishInstall(zxid: Zxid): void {
    this.#guard('installing', () => {
      assert(snapshotsOf(this.#files, zxid).length > 0, 'the snapshot is not there')
      this.#writer.close()
      this.#purge.abandon()
      this.#unfinished.begin({ kind: 'install', zxid })
      keepOnly(this.#files, zxid)
      this.#unfinished.end()
    })
    this.#installing = null
    this.#snapshots.restart(0, 0)
    this.#hooks.log('info', 'installed', { zxid: formatZxid(zxid) })
    this.#endAt(zxid)
    this.#neighbours.zab.installed()
  }

  /** The disk durably ends here now, and the next entry begins a file. */
  #endAt(zxid: Zxid): void {
    this.#lastZxid = zxid
    this.#syncedZxid = zxid
    this.#rollNext = false
    this.#readers.cut(zxid)
  }

  #wantSnapshot(): void {
    this.#rollNext = true
    this.#neighbours.tree.snapshotWanted()
  }

  #tellSynced(zxid: Zxid): void {
    if (this.#alone) this.#neighbours.tree.committed(zxid)
    else this.#neighbours.zab.synced(zxid)
  }

  #flush(): void {
    if (this.#batchCount === 0) return
    this.#guard('writing', () => {
      if (this.#rollNext) this.#writer.finish()
      this.#rollNext = false
      if (!this.#writer.open) this.#writer.create(this.#batchFirst)
      this.#writer.write(this.#batch, this.#lastZxid)
    })
    this.#hooks.gauges.appended.add(this.#batchCount)
    this.#hooks.gauges.batchSize.observe(this.#batchCount)
    this.#snapshots.logged(this.#batchCount, this.#batch.length)
    this.#batch.reset()
    this.#batchCount = 0
    this.#syncedZxid = this.#lastZxid
    this.#tidyDueMs = Math.min(this.#tidyDueMs, this.#clock.nowMs + TIDY_EVERY_MS)
    const { txnLogSizeLimitBytes: limit } = this.#options
    if (limit >= 0 && this.#writer.position > limit) this.#rollNext = true
    this.#tellSynced(this.#syncedZxid)
    if (!this.#snapshots.isDue()) return
    this.#rollNext = true
    this.#neighbours.tree.snapshotDue()
  }

  /** One small piece of work that can wait; true if more is left. */
  #idle(): boolean {
    let more = false
    this.#guard('writing ahead', () => {
      more = this.#writer.extend()
    })
    if (more) return true
    if (!this.#purge.pending) return this.#readers.pending
    this.#purge.step()
    return true
  }

  #guard(doing: string, work: () => void): void {
    assert(!this.#failed, 'the log has failed')
    try {
      work()
    } catch (error) {
      this.#failed = true
      throw new DiskError(this.#writer.name || 'the transaction log', doing, error)
    }
  }

  #assertServing(): void {
    assert(!this.#failed, 'the log has failed')
    assert(!this.#loading.isUnderWay, 'the log has not recovered yet')
  }

  #assertIdle(): void {
    this.#assertServing()
    assert(this.#installing === null, 'asked for something in the middle of an install')
  }
}
