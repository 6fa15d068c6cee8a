// What the log is given besides its disk and its neighbours.

import type { Gauge } from '../actor.ts'

export interface LogOptions {
  /** The longest entry accepted, on reading too: jute.maxbuffer and its extra size. */
  entryBytesMax: number
  /** A batch is written and synced early when it has grown to this. */
  batchBytesMax: number
  /** Zeros are written ahead of the log up to this many bytes (preAllocSize), or AHEAD_BYTES_MAX if
   * that is less; 0 for none. */
  preAllocBytes: number
  /** A new file is begun when one has grown beyond this (txnLogSizeLimitInKb); -1 for never. */
  logBytesMax: number
  /** A snapshot is due after half of this many transactions, plus up to as many again. */
  snapCount: number
  /** The same by the bytes logged; -1 for never. */
  snapBytesMax: number
  /** Accept logs without a snapshot that do not reach back to the first transaction. */
  trustEmpty: boolean
  /** False leaves syncing to the operating system (forceSync=no): acknowledged data can be lost. */
  forceSync: boolean
  /** A sync slower than this is reported. */
  syncWarnMs: number
  /** Remove what no kept snapshot needs. */
  purge: boolean
  /** Snapshots kept; less than three is taken for three. */
  snapshotsKept: number
  /** A member of one keeps the epochs it promised in files; a standalone server leaves those alone. */
  ensemble: boolean
  /** Of a member: transactions read that zab is told of at each load. */
  recallCount: number
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
