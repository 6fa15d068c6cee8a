// `mntr`: every metric by name, flat, beginning with ZooKeeper's first lines. A summary is several
// numbers, as ZooKeeper's default provider gives them: avg_x, min_x, max_x, cnt_x, sum_x, and of an
// advanced one p50_x, p95_x, p99_x, p999_x.

import type { ServerMode } from '../net/server-mode.ts'
import { FULL_VERSION } from '../process/version.ts'
import { Decimal } from './decimal.ts'
import { METRICS } from './metrics/all-metrics.ts'
import {
  type Metric,
  type Sample,
  type Summary,
  type SummaryMetric,
  sampleOf,
} from './metrics/metric.ts'
import type { ReportSource } from './source.ts'

/** `version` and `server_state` first, then a member's `peer_state`, then the metrics. */
export type MonitorReport = Readonly<Record<string, string | number | Decimal>>

/** As ZooKeeper's QuorumPeer.getDetailedPeerState, for a peer that serves. */
const PEER_STATES: Readonly<Record<ServerMode, string>> = {
  standalone: '',
  leader: 'leading - broadcast',
  follower: 'following - broadcast',
  observer: 'observing - broadcast',
  looking: 'looking',
  'read-only': 'looking',
}

export function monitor(source: ReportSource): MonitorReport {
  const { network, options } = source
  const report: Record<string, string | number | Decimal> = {
    version: FULL_VERSION,
    server_state: network.mode,
  }
  if (options.ensemble !== null) report['peer_state'] = PEER_STATES[network.mode]
  const sample = sampleOf(source)
  for (const metric of METRICS) {
    if (metric.when?.(sample) ?? true) Object.assign(report, flat(metric, sample))
  }
  return report
}

function flat(metric: Metric, sample: Sample): Record<string, number | Decimal> {
  const { name, type } = metric
  if (type === 'summary') return flatSummary(metric, metric.value(sample))
  const value = metric.value(sample)
  return { [name]: metric.isDecimal === true ? new Decimal(value) : value }
}

const FLAT_QUANTILES: readonly (readonly [prefix: string, share: number])[] = [
  ['p50', 0.5],
  ['p95', 0.95],
  ['p99', 0.99],
  ['p999', 0.999],
]

function flatSummary(
  { name, level }: SummaryMetric,
  { count, sum, min, max, quantile }: Summary,
): Record<string, number | Decimal> {
  const quantiles = level === 'advanced' ? FLAT_QUANTILES : []
  return {
    [`avg_${name}`]: new Decimal(sum / count),
    ...(min === undefined ? {} : { [`min_${name}`]: Math.round(min) }),
    ...(max === undefined ? {} : { [`max_${name}`]: Math.round(max) }),
    [`cnt_${name}`]: count,
    [`sum_${name}`]: Math.round(sum),
    // Like ZooKeeper's, 0 when nothing was seen in the last minute.
    ...Object.fromEntries(
      quantiles.map(([prefix, share]) => [`${prefix}_${name}`, Math.round(quantile?.(share) || 0)]),
    ),
  }
}
