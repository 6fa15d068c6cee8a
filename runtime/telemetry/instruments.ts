// The server's metrics as instruments of OpenTelemetry, under the names that Prometheus gets. A summary is two
// counters and, for its quantiles, a gauge with the attribute `quantile`.

import type { Meter, Observable, ObservableResult } from '@opentelemetry/api'
import { METRICS } from '../reports/metrics/all-metrics.ts'
import { type Metric, QUANTILES, type Sample, sampleOf } from '../reports/metrics/metric.ts'
import type { ReportSource } from '../reports/source.ts'

interface Instrument {
  readonly metric: Metric
  readonly observables: readonly Observable[]
  observe(result: ObservableResult, sample: Sample): void
}

/** All metrics of one collection are of the same moment. One that does not exist at that moment, and a quantile
 * of nothing, are left out. */
export function observeMetrics(meter: Meter, source: ReportSource): void {
  const instruments = METRICS.map((metric) => instrumentOf(meter, metric))
  const collect = (result: ObservableResult): void => {
    const sample = sampleOf(source)
    for (const { metric, observe } of instruments) {
      if (metric.when?.(sample) ?? true) observe(result, sample)
    }
  }
  meter.addBatchObservableCallback(
    collect,
    instruments.flatMap(({ observables }) => observables),
  )
}

function instrumentOf(meter: Meter, metric: Metric): Instrument {
  const { name, help: description, type } = metric
  if (type !== 'summary') {
    const create = type === 'counter' ? 'createObservableCounter' : 'createObservableGauge'
    const one = meter[create](name, { description })
    const observe: Instrument['observe'] = (result, sample) =>
      result.observe(one, metric.value(sample))
    return { metric, observables: [one], observe }
  }
  const count = meter.createObservableCounter(`${name}_count`, { description })
  const sum = meter.createObservableCounter(`${name}_sum`, { description })
  const quantiles = meter.createObservableGauge(name, { description })
  return {
    metric,
    observables: [count, sum, quantiles],
    observe: (result, sample) => {
      const summary = metric.value(sample)
      result.observe(count, summary.count)
      result.observe(sum, summary.sum)
      for (const share of QUANTILES[metric.level]) {
        const value = summary.quantile?.(share) ?? Number.NaN
        if (!Number.isNaN(value)) result.observe(quantiles, value, { quantile: String(share) })
      }
    },
  }
}
