// The log actor: owns the disk. Loads what it holds at the start, then makes every transaction
// durable before anybody counts on it.
//
//   recovering --(last step: tree.recovered)--> serving --(any disk error: throw)--> dead
//
// Guarantees:
//  - synced(z) is sent when every entry up to z is durable, and the name of its file too.
//  - Group commit without timers: what arrived in a turn is one write and one sync; while a sync
//    runs the next batch collects in the ring. A lone transaction waits for nobody.
//  - Entries are consecutive; a hole is refused when it is appended and when it is read.
//  - A failed write or sync is thrown, never retried, and nothing is written afterwards.
//  - Nothing is purged that the three newest snapshots need.
//
// ZooKeeper's SyncRequestProcessor, FileTxnLog, FileTxnSnapLog and DatadirCleanupManager in one.

import { assert } from '../../protocol/assert.ts'
import type { LogMessages } from '../../protocol/messages/log.ts'
import type { TreeLogMessages } from '../../protocol/messages/tree.ts'
import type { ZabMessages } from '../../protocol/messages/zab.ts'
import { formatZxid, ZXID_ZERO, type Zxid } from '../../protocol/zxid.ts'
import type { Actor, Clock } from '../actor.ts'
import { DiskError } from './errors.ts'
import { ORIGIN_NAME } from './file-names.ts'
import type { Files } from './files.ts'
import { LogWriter } from './log-writer.ts'
import type { LogHooks, LogOptions } from './options.ts'
import { Purge, purgeable } from './purge.ts'
import { type Recovered, Recovery } from './recovery.ts'
import { EntryBuffer, follows, logHeader } from './segment.ts'

const BATCH_INITIAL_BYTES = 64 * 1024
/** How long the synced mark may lag behind. It costs as much as a small write, so not each batch
 * pays for it; after a power cut within this time a torn batch is judged by more than it must. */
const MARK_EVERY_MS = 50

export interface LogNeighbours {
  zab: Pick<ZabMessages, 'synced'>
  tree: TreeLogMessages
}

export class Log implements Actor, LogMessages {
  readonly name = 'log'

  readonly #options: LogOptions
  readonly #files: Files
  readonly #clock: Clock
  readonly #neighbours: LogNeighbours
  readonly #hooks: LogHooks
  readonly #writer: LogWriter
  readonly #batch: EntryBuffer

  #recovery: Generator<void, Recovered, void> | null
  #failed = false
  /** This server is the whole quorum: the tree hears of syncs, not zab. */
  #alone = false
  #lastZxid: Zxid = ZXID_ZERO
  #syncedZxid: Zxid = ZXID_ZERO
  /** First of the batch: names the file if it begins one. */
  #batchFirst: Zxid = ZXID_ZERO
  #batchCount = 0
  #rollNext = false
  #markDueMs = Infinity
  /** The newest snapshot known to be durable. */
  #snapshotZxid: Zxid = ZXID_ZERO
  #snapshotPending = false
  #sinceSnapshotCount = 0
  #sinceSnapshotBytes = 0
  #snapshotAtCount = 0
  #snapshotAtBytes = 0
  readonly #purge: Purge

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
    this.#writer = new LogWriter(options, files, hooks)
    this.#batch = new EntryBuffer(BATCH_INITIAL_BYTES)
    this.#purge = new Purge(files)
    this.#recovery = new Recovery(options, files, neighbours.tree, hooks).run()
    this.#drawThresholds()
  }

  alone(): void {
    this.#alone = true
  }

  append(zxid: Zxid, bytes: Uint8Array, start: number, end: number): void {
    this.#assertServing()
    assert(end - start <= this.#options.entryBytesMax, 'transaction longer than an entry may be')
    // A snapshot sent by the leader lies ahead of the log, and the next transaction continues it.
    const continues = follows(this.#lastZxid, zxid) || follows(this.#snapshotZxid, zxid)
    assert(continues && zxid > this.#lastZxid, 'hole in the zxids appended')
    if (this.#batchCount === 0) this.#batchFirst = zxid
    this.#batch.add(bytes, start, end)
    this.#batchCount++
    this.#lastZxid = zxid
    if (this.#batch.length >= this.#options.batchBytesMax) this.#flush()
  }

  snapshotSaved(zxid: Zxid): void {
    this.#assertServing()
    this.#snapshotPending = false
    if (zxid > this.#snapshotZxid) this.#snapshotZxid = zxid
    this.#hooks.log('info', 'snapshot-saved', { zxid: formatZxid(zxid) })
    if (!this.#options.purge) return
    this.#tolerate(() => {
      this.#purge.begin(purgeable(this.#files, this.#options.snapshotsKept))
    })
  }

  snapshotFailed(): void {
    this.#assertServing()
    this.#snapshotPending = false
    this.#hooks.log('error', 'snapshot-failed', { lastZxid: formatZxid(this.#lastZxid) })
  }

  tick(): void {
    this.#markDueMs = Infinity
    this.#guard('marking', () => this.#writer.mark())
  }

  nextTickMs(): number {
    return this.#markDueMs
  }

  endTurn(): boolean {
    assert(!this.#failed, 'the log has failed')
    if (this.#recovery !== null) {
      this.#recover(this.#recovery)
      return true
    }
    if (this.#batchCount > 0) {
      this.#flush()
      return true
    }
    return this.#idle()
  }

  /** For an orderly end, after the last turn. */
  shutdown(): void {
    if (this.#failed) return
    this.#flush()
    this.#guard('closing', () => this.#writer.close())
  }

  describe(): string {
    const state = this.#failed ? 'failed' : this.#recovery === null ? 'serving' : 'recovering'
    const file = this.#writer.open ? `${this.#writer.name}@${this.#writer.position}` : 'no file'
    const last = `last=${formatZxid(this.#lastZxid)} synced=${formatZxid(this.#syncedZxid)}`
    const next = `snapshot after ${this.#sinceSnapshotCount}/${this.#snapshotAtCount}`
    return `log ${state} ${last} ${file} ${next}${this.#snapshotPending ? ' (under way)' : ''}`
  }

  #recover(recovery: Generator<void, Recovered, void>): void {
    let step: IteratorResult<void, Recovered>
    try {
      step = recovery.next()
    } catch (error) {
      this.#failed = true
      throw error
    }
    if (!step.done) return
    const recovered = step.value
    this.#recovery = null
    this.#lastZxid = recovered.lastZxid
    this.#syncedZxid = recovered.lastZxid
    this.#snapshotZxid = recovered.snapshotZxid
    this.#sinceSnapshotCount = recovered.replayedCount
    this.#sinceSnapshotBytes = recovered.replayedBytes
    if (recovered.fresh) this.#guard('beginning the log', () => this.#writeOrigin())
    this.#hooks.log('info', 'log-recovered', {
      lastZxid: formatZxid(recovered.lastZxid),
      snapshotZxid: formatZxid(recovered.snapshotZxid),
      transactions: recovered.replayedCount,
    })
    this.#neighbours.tree.recovered(recovered.lastZxid)
  }

  #tellSynced(zxid: Zxid): void {
    if (this.#alone) this.#neighbours.tree.committed(zxid)
    else this.#neighbours.zab.synced(zxid)
  }

  /** Without a snapshot, a log that begins with epoch 3 may be a whole history or the rest of one.
   * This file, which ZooKeeper takes for an empty log, says that it is whole; the first purge
   * removes it. */
  #writeOrigin(): void {
    const header = logHeader()
    const file = this.#files.open('log', ORIGIN_NAME, 'write')
    file.write(header, 0, header.length, 0)
    file.sync()
    file.close()
    this.#files.syncFolder('log')
  }

  #flush(): void {
    if (this.#batchCount === 0) return
    this.#guard('writing', () => {
      if (this.#rollNext) this.#writer.finish()
      this.#rollNext = false
      if (!this.#writer.open) this.#writer.create(this.#batchFirst)
      this.#writer.write(this.#batch)
    })
    this.#hooks.gauges.appended.add(this.#batchCount)
    this.#sinceSnapshotCount += this.#batchCount
    this.#sinceSnapshotBytes += this.#batch.length
    this.#batch.reset()
    this.#batchCount = 0
    this.#syncedZxid = this.#lastZxid
    if (this.#markDueMs === Infinity) this.#markDueMs = this.#clock.nowMs + MARK_EVERY_MS
    const limit = this.#options.logBytesMax
    if (limit >= 0 && this.#writer.position > limit) this.#rollNext = true
    this.#tellSynced(this.#syncedZxid)
    this.#maybeSnapshot()
  }

  #maybeSnapshot(): void {
    if (this.#snapshotPending) return
    const manyBytes = this.#snapshotAtBytes >= 0 && this.#sinceSnapshotBytes > this.#snapshotAtBytes
    if (this.#sinceSnapshotCount <= this.#snapshotAtCount && !manyBytes) return
    this.#snapshotPending = true
    this.#rollNext = true
    this.#sinceSnapshotCount = 0
    this.#sinceSnapshotBytes = 0
    this.#drawThresholds()
    this.#neighbours.tree.snapshotDue()
  }

  /** Drawn, so that the members of an ensemble do not all write at once. */
  #drawThresholds(): void {
    const { snapCount, snapBytesMax } = this.#options
    this.#snapshotAtCount = Math.floor(snapCount / 2) + this.#hooks.random(half(snapCount))
    this.#snapshotAtBytes =
      snapBytesMax < 0 ? -1 : Math.floor(snapBytesMax / 2) + this.#hooks.random(half(snapBytesMax))
  }

  /** One small piece of what can wait; true when more is left. */
  #idle(): boolean {
    let more = false
    this.#guard('writing ahead', () => {
      more = this.#writer.extend()
    })
    if (more) return true
    if (!this.#purge.pending) return false
    this.#tolerate(() => {
      const file = this.#purge.step()
      if (file !== null) this.#hooks.log('info', 'purged', { file })
    })
    return true
  }

  /** Purging may fail: an operator's own clean-up was quicker, an old file is unreadable. Nothing
   * that anybody counts on depends on it, and the next snapshot tries again. */
  #tolerate(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#purge.abandon()
      this.#hooks.log('warn', 'purge-failed', { why: String(error) })
    }
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
    assert(this.#recovery === null, 'the log has not recovered yet')
  }
}

function half(value: number): number {
  return Math.max(1, Math.floor(value / 2))
}
