// Settings: the transaction log, snapshots, and when old ones go.

import { SNAPSHOTS_KEPT_MIN } from '../../protocol/limits.ts'
import { SNAP_COUNT_MIN } from '../limits.ts'
import {
  ANY_INTEGER,
  checked,
  DECODED_INT,
  DECODED_LONG,
  decimal,
  interval,
  type Kind,
  mapped,
  nearest,
  oneOfOr,
  SWITCH,
  UNLESS_NO,
} from './kinds.ts'
import type { Chapter } from './setting.ts'

export interface LogSettings {
  readonly snapCount: number
  /** -1: whatever the log's size. */
  readonly snapSizeLimitBytes: number
  readonly preAllocSizeBytes: number
  /** -1: only snapshots begin a new log file. */
  readonly txnLogSizeLimitBytes: number
  readonly fsyncWarningThresholdMs: number
  /** Always true: the setting changes nothing. */
  readonly forceSync: boolean
  readonly snapshotCompressionMethod: '' | 'gz' | 'snappy'
  readonly snapshotTrustEmpty: boolean
  readonly serializeLastProcessedZxid: boolean
  /** Whether old snapshots and logs are removed. */
  readonly purge: boolean
  readonly snapRetainCount: number
  readonly logRetentionBytes: number
  readonly logRetentionMs: number
}

/** Values below 1 are no limit. */
const KILOBYTES: Kind<number> = mapped(DECODED_LONG, (value) => (value <= 0 ? -1 : value * 1024))

const KEPT: Kind<number> = checked(ANY_INTEGER, (value) =>
  value < SNAPSHOTS_KEPT_MIN
    ? {
        value: SNAPSHOTS_KEPT_MIN,
        remark: `${SNAPSHOTS_KEPT_MIN} snapshots are kept: fewer would not survive a damaged one`,
      }
    : { value, remark: null },
)

const ALWAYS: Kind<boolean> = checked(UNLESS_NO, (value) => ({
  value: true,
  remark: value
    ? null
    : 'IGNORED: every acknowledged write is on disk first, and that cannot be switched off',
}))

export const LOG: Chapter<LogSettings> = {
  title: 'Log and snapshots',
  scope: 'server',
  inputs: {},
  options: {
    snapCount: {
      key: 'snapCount',
      from: 'both',
      kind: nearest(DECODED_INT, SNAP_COUNT_MIN),
      default: '100000',
      where: 'actors/log',
      meaning: 'Transactions between two snapshots; at random, as few as half of it.',
    },
    snapSizeLimitBytes: {
      key: 'snapSizeLimitInKb',
      from: 'both',
      kind: KILOBYTES,
      default: '4194304',
      where: 'actors/log',
      meaning: "The same for the log's size, in KiB; 0 or less is no limit.",
    },
    preAllocSizeBytes: {
      key: 'preAllocSize',
      from: 'both',
      kind: mapped(decimal('long'), (value) => Math.max(0, value) * 1024),
      default: '65536',
      where: 'actors/log',
      meaning: 'KiB by which a log file grows.',
    },
    txnLogSizeLimitBytes: {
      key: 'txnLogSizeLimitInKb',
      from: 'both',
      kind: KILOBYTES,
      default: '-1',
      where: 'actors/log',
      meaning: 'A larger log file is followed by another; -1 is no limit.',
    },
    fsyncWarningThresholdMs: {
      key: 'fsync.warningthresholdms',
      from: 'both',
      aliases: ['fsync.warningthresholdms'],
      kind: DECODED_LONG,
      default: '1000',
      where: 'actors/log',
      meaning: 'Milliseconds; slower syncs are logged as warnings.',
    },
    forceSync: {
      key: 'forceSync',
      from: 'both',
      kind: ALWAYS,
      default: 'yes',
      where: 'actors/log',
      meaning: '`no` is ignored with a warning: durability cannot be switched off.',
    },
    snapshotCompressionMethod: {
      key: 'snapshot.compression.method',
      from: 'both',
      kind: oneOfOr(['', 'gz', 'snappy'], { value: '', said: 'nothing is compressed' }),
      default: { value: '', said: 'none' },
      where: 'runtime/server.ts',
      meaning: '`gz`, `snappy`, or empty. All are read, whatever is set.',
    },
    snapshotTrustEmpty: {
      key: 'snapshot.trust.empty',
      from: 'both',
      kind: SWITCH,
      default: 'false',
      where: 'actors/log',
      meaning: 'Start although there are logs and no snapshot.',
    },
    serializeLastProcessedZxid: {
      key: 'serializeLastProcessedZxid.enabled',
      from: 'both',
      kind: SWITCH,
      default: 'true',
      where: 'runtime/server.ts',
      meaning: 'Write the last zxid into snapshots, as 3.9 does.',
    },
    purge: {
      key: 'autopurge.purgeInterval',
      from: 'file',
      kind: mapped(interval('h'), (ms) => ms > 0),
      default: { value: true, said: 'on' },
      where: 'actors/log',
      meaning:
        '0 keeps every file for ever. Anything else removes what is not needed after each snapshot.',
    },
    snapRetainCount: {
      key: 'autopurge.snapRetainCount',
      from: 'file',
      kind: KEPT,
      default: '3',
      where: 'actors/log',
      meaning: `Snapshots to keep; ${SNAPSHOTS_KEPT_MIN} at least.`,
    },
    logRetentionBytes: {
      key: 'ringkeeper.logRetentionInMb',
      from: 'both',
      kind: mapped(nearest(DECODED_INT, 0), (megabytes) => megabytes * 2 ** 20),
      default: '0',
      where: 'actors/log',
      meaning:
        'Logs that no kept snapshot needs are kept as well, up to so many MiB, with their snapshots: for a restore ' +
        'and the change feed.',
    },
    logRetentionMs: {
      key: 'ringkeeper.logRetention',
      from: 'both',
      kind: mapped(interval('h'), (ms) => Math.max(0, ms)),
      default: '0',
      where: 'actors/log',
      meaning:
        'So are those that were written to in this time, whatever their size: a number of hours, or one with m, h or d.',
    },
  },
}
