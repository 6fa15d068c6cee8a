// The metrics in Prometheus's text format, under the names of ZooKeeper 3.6 to 3.9: without a
// prefix, and without _total.

import { METRICS } from '../reports/metrics/all-metrics.ts'
import { familyText } from '../reports/metrics/family.ts'
import { type Metric, QUANTILES, type Sample, sampleOf } from '../reports/metrics/metric.ts'
import { namespaceFamilies } from '../reports/metrics/namespace-metrics.ts'
import type { ProcessMetrics } from '../reports/metrics/process-metrics.ts'
import type { ReportSource } from '../reports/source.ts'
import { NOT_FOUND, type Pages, READ_ONLY } from './http-listener.ts'

const TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** The page /metrics. `jvm`: metrics of the process under the names of Java's exporters; null
 * leaves them out. */
export function prometheusPages(source: ReportSource, jvm: ProcessMetrics | null): Pages {
  return (path, _query, { method }) => {
    if (method === 'POST') return READ_ONLY
    return path === '/metrics'
      ? { status: 200, type: TYPE, body: prometheusText(source, jvm) }
      : NOT_FOUND
  }
}

export function prometheusText(source: ReportSource, jvm: ProcessMetrics | null): string {
  const sample = sampleOf(source)
  const families = [...namespaceFamilies(sample), ...(jvm?.families(sample) ?? [])]
  return ownText(sample) + families.map(familyText).join('')
}

function ownText(sample: Sample): string {
  return METRICS.filter(({ when }) => when?.(sample) ?? true)
    .map((metric) => metricText(metric, sample))
    .join('')
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
