// What reports are made from. A report is a function of this that returns a record. The record is
// typed, and its keys are ZooKeeper's own (those of its admin server's JSON). So code that renders
// it, as text or as JSON, looks nothing up and calculates nothing.
//
// Numbers are numbers, with two exceptions: what Java has as a double is a Decimal, which prints
// like Java's; session ids and digests are bigints, because they need all 64 bits. Whatever may be
// long is in parts (parts.ts). A record holds no secret.

import type { ServerOptions } from '../../config/options.ts'
import type { NetworkLoop } from '../net/network-loop.ts'
import type { GaugeTable } from '../shared/gauges.ts'
import type { MeterTable } from '../shared/meters.ts'
import type { Counters } from '../topology.ts'
import type { FactBook } from '../why/fact-book.ts'
import type { FactTally } from '../why/fact-tally.ts'
import type { SnapshotFile } from './snapshot-waiters.ts'
import type { TraceMask } from './trace-mask.ts'

/** A server. */
export interface ReportSource {
  readonly options: ServerOptions
  readonly gauges: Pick<GaugeTable, 'read'>
  readonly meters: Pick<MeterTable, 'read'>
  /** What happened, for stories, and counts of it. */
  readonly facts: Pick<FactBook, 'since'>
  readonly tally: FactTally
  /** When the process began to be a server, in the clock's milliseconds. */
  readonly startedMs: number
  readonly traceMask: TraceMask
  counters(): Counters
  takeSnapshot(): Promise<SnapshotFile>
  readonly network: Pick<
    NetworkLoop,
    | 'close'
    | 'connections'
    | 'connectionCount'
    | 'isServing'
    | 'servingMs'
    | 'mode'
    | 'outstanding'
    | 'port'
    | 'securePort'
    | 'door'
    | 'query'
    | 'refusals'
    | 'stats'
  >
}

/** Whether the server serves anybody. Before that most reports make no sense. */
export function isServing({ network }: Pick<ReportSource, 'network'>): boolean {
  return network.isServing && network.mode !== 'looking'
}

export const NOT_SERVING = 'This ZooKeeper instance is not currently serving requests'
