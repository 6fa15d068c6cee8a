// The metrics in Prometheus's text format, under the names of ZooKeeper 3.6 to 3.9: without a
// prefix, and without _total.

import { METRICS } from '../reports/metrics/all-metrics.ts'
import {
  type Metric,
  type Sample,
  type SummaryMetric,
  sampleOf,
} from '../reports/metrics/metric.ts'
import type { ReportSource } from '../reports/source.ts'
import { NOT_FOUND, type Pages } from './http-listener.ts'

const TYPE = 'text/plain; version=0.0.4; charset=utf-8'

export function prometheusPages(source: ReportSource): Pages {
  return (path) => {
    return path === '/metrics'
      ? { status: 200, type: TYPE, body: prometheusText(source) }
      : NOT_FOUND
  }
}

export function prometheusText(source: ReportSource): string {
  const sample = sampleOf(source)
  return METRICS.filter(({ when }) => when?.(sample) ?? true)
    .map((metric) => metricText(metric, sample))
    .join('')
}

/** As ZooKeeper's provider has them. */
const QUANTILES: Readonly<Record<SummaryMetric['level'], readonly number[]>> = {
  plain: [],
  basic: [0.5],
  advanced: [0.5, 0.95, 0.99],
}

function metricText(metric: Metric, sample: Sample): string {
  const { name, help, type } = metric
  const head = `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`
  if (type !== 'summary') return `${head}${name} ${metric.value(sample)}\n`
  const { count, sum, quantile } = metric.value(sample)
  const quantiles = QUANTILES[metric.level].map((share) => {
    return `${name}{quantile="${share}"} ${quantile?.(share) ?? Number.NaN}\n`
  })
  return `${head}${quantiles.join('')}${name}_count ${count}\n${name}_sum ${sum}\n`
}
