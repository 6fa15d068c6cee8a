// The log's host.

import { Log } from '../../actors/log/log.ts'
import { Membership } from '../../actors/membership.ts'
import type { ServerOptions } from '../../config/options.ts'
import { deliverToLog } from '../edges/log-edge.ts'
import { TreeSender } from '../edges/tree-edge.ts'
import { ZabSender } from '../edges/zab-edge.ts'
import type { FrameView } from '../ring/ring.ts'
import { ActorHost } from '../thread/actor-host.ts'
import { inboxOf, outboxOf, turnCountersOf, type Wiring } from '../topology.ts'
import type { Environment } from './environment.ts'

const LOG_BATCH_BYTES_MAX = 4 << 20
/** Reading this much takes less time than a sync. */
const PIECE_BYTES_MAX = 256 << 10
const NEAR_BYTES_MAX = 16 << 20
/** By default the log grows by no more than this between two snapshots. */
const HELD_BYTES_MAX = 4 * 2 ** 30

/** How often the host looks whether the data is where it was. */
const LOOK_MS = 1000

class LogHost extends ActorHost {
  readonly #problem: () => string | null
  #lookMs = 0

  constructor(rest: ConstructorParameters<typeof ActorHost>, problem: () => string | null) {
    super(...rest)
    this.#problem = problem
  }

  override turn(): boolean {
    const isMore = super.turn()
    if (this.clock.nowMs >= this.#lookMs) this.#look()
    return isMore
  }

  override parkMs(): number {
    return Math.min(super.parkMs(), Math.max(0, this.#lookMs - this.clock.nowMs))
  }

  #look(): void {
    this.#lookMs = this.clock.nowMs + LOOK_MS
    const problem = this.#problem()
    if (problem !== null) throw new Error(problem)
  }
}

export function logHost(options: ServerOptions, wiring: Wiring, env: Environment): ActorHost {
  const toZab = outboxOf(wiring, 'log>zab')
  const toTree = outboxOf(wiring, 'log>tree')
  const { gauges } = env
  const { ensemble } = options
  const log = new Log(
    {
      ...options,
      entryBytesMax: options.juteMaxBuffer + options.juteMaxBufferExtraSize,
      batchBytesMax: env.logBatchBytesMax ?? LOG_BATCH_BYTES_MAX,
      ensemble: ensemble !== null,
      rejoins: ensemble !== null && new Membership(ensemble.membership).canSpare(ensemble.serverId),
      commitLogCount: ensemble?.commitLogCount ?? 0,
      snapshotSizeFactor: ensemble?.snapshotSizeFactor ?? 0,
      pieceBytesMax: env.feeding?.pieceBytesMax ?? PIECE_BYTES_MAX,
      nearBytesMax: env.feeding?.nearBytesMax ?? NEAR_BYTES_MAX,
      heldBytesMax: env.feeding?.heldBytesMax ?? HELD_BYTES_MAX,
    },
    env.openFiles(),
    env.clock,
    { zab: new ZabSender(toZab), tree: new TreeSender(toTree) },
    {
      ...env.logHooks(),
      saveConfig: (which, text) => env.saveConfig?.(which, text),
      gauges: {
        appended: gauges.gauge('appended'),
        syncs: gauges.gauge('syncs'),
        bytesWritten: gauges.gauge('bytesWritten'),
        syncMicros: gauges.gauge('syncMicros'),
        fsyncTime: env.meters.meter('fsynctime', env.clock),
        batchSize: env.meters.meter('sync_processor_batch_size', env.clock),
      },
    },
  )
  const inlets = (['tree>log', 'zab>log', 'network>log'] as const).map((edge) => ({
    inbox: inboxOf(wiring, edge),
    deliver: (frame: FrameView) => deliverToLog(frame, log),
  }))
  const host = [
    log,
    env.clock,
    inlets,
    [toZab, toTree],
    null,
    turnCountersOf(wiring, 'log'),
  ] as const
  const { dataProblem } = env
  return dataProblem === undefined ? new ActorHost(...host) : new LogHost([...host], dataProblem)
}
