// What a start would find on a disk, if nothing came after a given zxid. No byte is changed. For tools: a check, a
// restore.

import type { Files } from '../../actors/log/files/files.ts'
import { Unfinished } from '../../actors/log/files/unfinished.ts'
import type { LogGauges, LogLevel, LogOptions } from '../../actors/log/options.ts'
import type { Recovered, RecoveryTree } from '../../actors/log/recovery/recovered.ts'
import { Recovery } from '../../actors/log/recovery/recovery.ts'
import type { Zxid } from '../../protocol/zxid.ts'

/** Longer than any server's jute.maxbuffer. */
const ENTRY_BYTES_MAX = 2 ** 30

/** Reading needs no more than the first; what writes and sends is off. */
const OPTIONS: LogOptions = {
  entryBytesMax: ENTRY_BYTES_MAX,
  snapshotTrustEmpty: false,
  ensemble: false,
  rejoins: false,
  batchBytesMax: 0,
  preAllocSizeBytes: 0,
  txnLogSizeLimitBytes: -1,
  snapCount: 0,
  snapSizeLimitBytes: -1,
  forceSync: true,
  fsyncWarningThresholdMs: 0,
  purge: false,
  snapRetainCount: 0,
  logRetentionBytes: 0,
  logRetentionMs: 0,
  commitLogCount: 0,
  pieceBytesMax: 0,
  nearBytesMax: 0,
  snapshotSizeFactor: 0,
  heldBytesMax: 0,
}

const NO_GAUGE = { set: () => undefined, add: () => undefined }
const NO_METER = { observe: () => undefined }
const NO_GAUGES: LogGauges = {
  appended: NO_GAUGE,
  syncs: NO_GAUGE,
  bytesWritten: NO_GAUGE,
  syncMicros: NO_GAUGE,
  fsyncTime: NO_METER,
  batchSize: NO_METER,
}

export type OnEvent = (
  level: LogLevel,
  event: string,
  fields: Readonly<Record<string, string | number>>,
) => void

/** Tells the tree of the newest sound snapshot up to `upTo`, and of the transactions behind it, up to `upTo`.
 * Throws DamagedError, LossError or DiskError, as a start does. */
export function tryStart(
  files: Files,
  upTo: Zxid,
  tree: RecoveryTree,
  onEvent: OnEvent = () => undefined,
): Recovered {
  const unfinished = new Unfinished(files)
  unfinished.read()
  const hooks = { log: onEvent, stopwatchMs: () => 0, random: () => 0, gauges: NO_GAUGES }
  const steps = new Recovery(OPTIONS, files, tree, hooks, unfinished, { kind: 'trial', upTo }).run()
  let step = steps.next()
  while (step.done !== true) step = steps.next()
  return step.value
}
