// What a tree shows of itself while it runs.

import type { Zxid } from '../../protocol/zxid.ts'
import type { Gauge } from '../actor.ts'
import type { DataTree } from './store/data-tree.ts'
import type { WriteCounts, WriteMeters } from './writes/write-times.ts'

export interface TreeGauges extends WriteCounts {
  znodes: Gauge
  ephemerals: Gauge
  approximateBytes: Gauge
  lastZxid: Gauge
  sessions: Gauge
  outstanding: Gauge
  digestMismatches: Gauge
  times: WriteMeters
}

/** `outstanding`: requests under way. */
export function show(gauges: TreeGauges, data: DataTree, last: Zxid, outstanding: number): void {
  gauges.znodes.set(data.store.count + 1)
  gauges.ephemerals.set(data.ephemeralCount)
  gauges.approximateBytes.set(data.approximateBytes)
  gauges.lastZxid.set(last)
  gauges.sessions.set(data.sessions.count)
  gauges.outstanding.set(outstanding)
}
