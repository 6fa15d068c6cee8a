// The metrics in Prometheus's text format, under the names of ZooKeeper 3.6 to 3.9: without a
// prefix, and without _total.

import { METRICS } from '../reports/metrics/all-metrics.ts'
import { type Metric, type Sample, sampleOf } from '../reports/metrics/metric.ts'
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

function metricText(metric: Metric, sample: Sample): string {
  const { name, help, type } = metric
  const head = `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`
  if (type !== 'summary') return `${head}${name} ${metric.value(sample)}\n`
  const { count, sum } = metric.value(sample)
  return `${head}${name}_count ${count}\n${name}_sum ${sum}\n`
}
