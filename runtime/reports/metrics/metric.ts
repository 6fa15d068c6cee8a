// What a metric is: a row of a table. `mntr`, the admin server's monitor and Prometheus render the
// same rows (all-metrics.ts has them, in order).

import type { RingCounters } from '../../ring/ring-counters.ts'
import { nowMs } from '../../shared/clock.ts'
import type { TurnCounters } from '../../thread/turn-counters.ts'
import type { Endpoint } from '../../topology.ts'
import type { ReportSource } from '../source.ts'

export type Metric = NumberMetric | SummaryMetric

interface Row {
  /** ZooKeeper's name, if it has the metric; otherwise it begins with `ringkeeper_`. Without
   * `zk_`. */
  readonly name: string
  /** One line for people: what is counted, and the unit. */
  readonly help: string
  /** When the metric exists. Otherwise it is left out: no value is made up. */
  readonly when?: (sample: Sample) => boolean
}

export interface NumberMetric extends Row {
  /** A counter only grows while the process lives. */
  readonly type: 'counter' | 'gauge'
  /** It is a double in ZooKeeper. */
  readonly isDecimal?: true
  readonly value: (sample: Sample) => number
}

export interface SummaryMetric extends Row {
  readonly type: 'summary'
  /** Which quantiles it has; a plain one has none. */
  readonly level: 'plain' | 'basic' | 'advanced'
  readonly value: (sample: Sample) => Summary
}

/** What has been observed since the start. What is not known is left out. */
export interface Summary {
  readonly count: number
  readonly sum: number
  readonly min?: number
  readonly max?: number
  /** Of the last minute; NaN when nothing was seen in it. `share` is from 0 to 1. */
  quantile?(share: number): number
}

/** The quantiles that a summary has; the same as with ZooKeeper's Prometheus provider. */
export const QUANTILES: Readonly<Record<SummaryMetric['level'], readonly number[]>> = {
  plain: [],
  basic: [0.5],
  advanced: [0.5, 0.95, 0.99],
}

/** What the rows of one scrape read. */
export interface Sample {
  readonly source: ReportSource
  /** On the clock of all threads. */
  readonly nowMs: number
  readonly turns: ReadonlyMap<Endpoint, TurnCounters>
  /** By EdgeName. */
  readonly rings: ReadonlyMap<string, RingCounters>
}

/** Make a new one for each scrape. */
export function sampleOf(source: ReportSource): Sample {
  const { turns, rings } = source.counters()
  const byEdge = rings.map(([from, to, ring]) => [`${from}>${to}`, ring] as const)
  return { source, nowMs: nowMs(), turns: new Map(turns), rings: new Map(byEdge) }
}

export function isMember({ source }: Sample): boolean {
  return source.options.ensemble !== null
}

export function isLeader({ source }: Sample): boolean {
  return source.options.ensemble !== null && source.network.mode === 'leader'
}

/** A row that shows what an actor writes into the table of gauges. */
export function gaugeOf(
  name: Parameters<ReportSource['gauges']['read']>[0],
): NumberMetric['value'] {
  return ({ source }) => source.gauges.read(name)
}
