// What the log is made with, besides its disk and its neighbours.

import type { ConfigFile } from '../../protocol/messages/log.ts'
import type { TreeLogMessages } from '../../protocol/messages/tree.ts'
import type { EnsembleLogMessages, ZabMessages } from '../../protocol/messages/zab.ts'
import type { Gauge, Meter } from '../actor.ts'
import type { Retention } from './retention.ts'

export interface LogNeighbours {
  zab: Pick<ZabMessages, 'synced'> & EnsembleLogMessages
  tree: TreeLogMessages
}

export interface LogOptions extends Retention {
  /** The longest entry accepted, also when reading: jute.maxbuffer and its extra size. */
  entryBytesMax: number
  /** A batch is written and synced early once it has grown to this. */
  batchBytesMax: number
  /** Zeros are written ahead of the log up to this many bytes (preAllocSize), or AHEAD_BYTES_MAX if
   * that is less; 0 for none. */
  preAllocSizeBytes: number
  /** A new file is begun once a file has grown beyond this (txnLogSizeLimitInKb); -1 for never. */
  txnLogSizeLimitBytes: number
  /** A snapshot is due after half of this many transactions, plus a random number up to as many
   * again. */
  snapCount: number
  /** The same for the bytes logged; -1 for never. */
  snapSizeLimitBytes: number
  /** Accept logs without a snapshot although they do not reach back to the first transaction. */
  snapshotTrustEmpty: boolean
  /** False leaves syncing to the operating system (forceSync=no), so that acknowledged data can be
   * lost. */
  forceSync: boolean
  /** A slower sync is reported. */
  fsyncWarningThresholdMs: number
  /** Whether to remove what no kept snapshot needs. */
  purge: boolean
  /** Snapshots to keep; less than three counts as three. */
  snapRetainCount: number
  /** A member of an ensemble keeps the epochs that it promised in files; a standalone server
   * ignores those. */
  ensemble: boolean
  /** The other members are a quorum without this one, so what is lost here can be got back from
   * them. */
  rejoins: boolean
  /** For a member: how many of the transactions read zab is told of at each load. */
  commitLogCount: number
  /** For a member: how much is read at once for a learner, except that an entry is not divided. */
  pieceBytesMax: number
  /** A learner is sent what follows its last transaction if that is no more than this, or than
   * this fraction of the newest snapshot's size (snapshotSizeFactor); otherwise it is sent a
   * snapshot. An existing snapshot will do if no more than this, or than its own size, was
   * logged after it. */
  nearBytesMax: number
  /** Negative: always a snapshot. */
  snapshotSizeFactor: number
  /** How many bytes of logs that nobody else needs are kept for a learner. One that needs more
   * begins again. */
  heldBytesMax: number
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

export interface LogGauges {
  /** Entries made durable. */
  appended: Gauge
  syncs: Gauge
  bytesWritten: Gauge
  /** How long the latest sync took. */
  syncMicros: Gauge
  /** Milliseconds of each sync. */
  fsyncTime: Meter
  /** Transactions of each sync. */
  batchSize: Meter
}

/** What the log is connected to besides messages. */
export interface LogHooks {
  log(level: LogLevel, event: string, fields: Readonly<Record<string, string | number>>): void
  /** Measures a sync, because the turn's clock stands still meanwhile. Any origin. */
  stopwatchMs(): number
  /** A random integer from 0 to `bound` - 1, from the actor's own seed. */
  random(bound: number): number
  gauges: LogGauges
  /** Writes a configuration's files, durably; an empty text removes the file of `next`. Undefined
   * where configurations have no files. An error is fatal. */
  saveConfig?(which: ConfigFile, text: string): void
}
