// The log's host.

import { Log } from '../../actors/log/log.ts'
import type { ServerOptions } from '../../config/options.ts'
import { ActorHost } from '../actor-host.ts'
import { deliverToLog } from '../edges/log-edge.ts'
import { TreeSender } from '../edges/tree-edge.ts'
import { ZabSender } from '../edges/zab-edge.ts'
import { inboxOf, outboxOf, turnCountersOf, type Wiring } from '../topology.ts'
import type { Environment } from './environment.ts'

const LOG_BATCH_BYTES_MAX = 4 << 20

export function logHost(options: ServerOptions, wiring: Wiring, env: Environment): ActorHost {
  const toZab = outboxOf(wiring, 'log>zab')
  const toTree = outboxOf(wiring, 'log>tree')
  const { gauges } = env
  const log = new Log(
    {
      entryBytesMax: options.juteMaxBuffer + options.juteExtraSize,
      batchBytesMax: env.logBatchBytesMax ?? LOG_BATCH_BYTES_MAX,
      preAllocBytes: options.preAllocBytes,
      logBytesMax: options.txnLogSizeLimitBytes,
      snapCount: options.snapCount,
      snapBytesMax: options.snapSizeLimitBytes,
      trustEmpty: options.snapshotTrustEmpty,
      forceSync: true,
      syncWarnMs: options.fsyncWarningMs,
      purge: options.purge,
      snapshotsKept: options.snapRetainCount,
      ensemble: options.ensemble !== null,
      recallCount: options.ensemble?.commitLogCount ?? 0,
    },
    env.openFiles(),
    env.clock,
    { zab: new ZabSender(toZab), tree: new TreeSender(toTree) },
    {
      ...env.logHooks(),
      gauges: {
        appended: gauges.gauge('appended'),
        syncs: gauges.gauge('syncs'),
        bytesWritten: gauges.gauge('bytesWritten'),
        syncMicros: gauges.gauge('syncMicros'),
      },
    },
  )
  const inlets = (['tree>log', 'zab>log', 'network>log'] as const).map((edge) => ({
    inbox: inboxOf(wiring, edge),
    deliver: (frame: Parameters<typeof deliverToLog>[0]) => deliverToLog(frame, log),
  }))
  return new ActorHost(log, env.clock, inlets, [toZab, toTree], null, turnCountersOf(wiring, 'log'))
}
