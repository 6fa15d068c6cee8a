// What reports are made of. A report is a function of this that returns a record: typed, with
// ZooKeeper's own names as its keys (those of its admin server's JSON), so that whoever renders it, as
// text or as JSON, looks nothing up and calculates nothing.
//
// Numbers are numbers, but for two: what Java has as a double is a Decimal, which prints like Java's;
// ids of sessions and digests are bigints, since they need all 64 bits. What may be long is in parts
// (parts.ts). A record holds no secret.

import type { ServerOptions } from '../../config/options.ts'
import type { NetworkLoop } from '../net/network-loop.ts'
import type { GaugeTable } from '../shared/gauges.ts'
import type { Counters } from '../topology.ts'
import type { TraceMask } from './trace-mask.ts'

/** A server. */
export interface ReportSource {
  readonly options: ServerOptions
  readonly gauges: Pick<GaugeTable, 'read'>
  /** When the process began to be a server, in the clock's milliseconds. */
  readonly startedMs: number
  readonly traceMask: TraceMask
  counters(): Counters
  readonly network: Pick<
    NetworkLoop,
    | 'connections'
    | 'connectionCount'
    | 'isServing'
    | 'servingMs'
    | 'mode'
    | 'outstanding'
    | 'port'
    | 'query'
    | 'refusals'
    | 'stats'
  >
}

/** Whether there is anybody whom the server serves. Most reports are of no use before. */
export function isServing({ network }: Pick<ReportSource, 'network'>): boolean {
  return network.isServing && network.mode !== 'looking'
}

export const NOT_SERVING = 'This ZooKeeper instance is not currently serving requests'
