// What the log is given besides its disk and its neighbours.

import type { TreeLogMessages } from '../../protocol/messages/tree.ts'
import type { EnsembleLogMessages, ZabMessages } from '../../protocol/messages/zab.ts'
import type { Gauge } from '../actor.ts'

export interface LogNeighbours {
  zab: Pick<ZabMessages, 'synced'> & EnsembleLogMessages
  tree: TreeLogMessages
}

export interface LogOptions {
  /** The longest entry accepted, on reading too: jute.maxbuffer and its extra size. */
  entryBytesMax: number
  /** A batch is written and synced early when it has grown to this. */
  batchBytesMax: number
  /** Zeros are written ahead of the log up to this many bytes (preAllocSize), or AHEAD_BYTES_MAX if
   * that is less; 0 for none. */
  preAllocSizeBytes: number
  /** A new file is begun when one has grown beyond this (txnLogSizeLimitInKb); -1 for never. */
  txnLogSizeLimitBytes: number
  /** A snapshot is due after half of this many transactions, plus up to as many again. */
  snapCount: number
  /** The same by the bytes logged; -1 for never. */
  snapSizeLimitBytes: number
  /** Accept logs without a snapshot that do not reach back to the first transaction. */
  snapshotTrustEmpty: boolean
  /** False leaves syncing to the operating system (forceSync=no): acknowledged data can be lost. */
  forceSync: boolean
  /** A sync slower than this is reported. */
  fsyncWarningThresholdMs: number
  /** Remove what no kept snapshot needs. */
  purge: boolean
  /** Snapshots kept; less than three is taken for three. */
  snapRetainCount: number
  /** A member of one keeps the epochs it promised in files; a standalone server leaves those alone. */
  ensemble: boolean
  /** The others of its ensemble are a quorum: what is lost here, it gets back from them. */
  rejoins: boolean
  /** Of a member: transactions read that zab is told of at each load. */
  commitLogCount: number
  /** Of a member: what is read at once for a learner, an entry that is longer excepted. */
  pieceBytesMax: number
  /** A learner is sent what follows its last transaction when that is no more than this, or than so
   * much of the newest snapshot's size (snapshotSizeFactor); else a snapshot. One is as good as new
   * when no more than this, or than itself, was logged behind it. */
  nearBytesMax: number
  /** Negative: always a snapshot. */
  snapshotSizeFactor: number
  /** What is kept for a learner of logs that nobody else needs. One that needs more begins anew. */
  heldBytesMax: number
}

export type LogLevel = 'info' | 'warn' | 'error'

export interface LogGauges {
  /** Entries made durable. */
  appended: Gauge
  syncs: Gauge
  bytesWritten: Gauge
  /** How long the latest sync took. */
  syncMicros: Gauge
}

/** The edges of the actor that are no messages. */
export interface LogHooks {
  log(level: LogLevel, event: string, fields: Readonly<Record<string, string | number>>): void
  /** For the duration of a sync; the turn's clock stands still meanwhile. Any origin. */
  stopwatchMs(): number
  /** An integer from 0 to `bound` - 1, from the actor's own seed. */
  random(bound: number): number
  gauges: LogGauges
}
