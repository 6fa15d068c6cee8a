// Settings of metrics over HTTP, for Prometheus.

import type { MissingFeature } from '../names/missing-features.ts'
import { ANY_TEXT, checked, type Kind, mapped, PORT, SWITCH, TEXT } from './kinds.ts'
import type { Chapter } from './setting.ts'

export interface MetricsSettings {
  readonly metricsProviderClassName: 'prometheus' | 'none'
  readonly metricsProviderHttpHost: string
  /** 0 lets the system choose; null if it is not set. */
  readonly metricsProviderHttpPort: number | null
  readonly metricsProviderExportJvmInfo: boolean
}

/** ZooKeeper's default provider, whose metrics are those of `mntr`, and its null provider. */
const WITHOUT_HTTP = /\.(Default|Null)MetricsProvider$|^$/

const PROVIDER: Kind<'prometheus' | 'none'> = checked(ANY_TEXT, (name) => {
  if (name.endsWith('.PrometheusMetricsProvider')) return { value: 'prometheus', remark: null }
  const remark = 'has no effect: Java classes cannot be loaded'
  return { value: 'none', remark: WITHOUT_HTTP.test(name) ? null : remark }
})

export const METRICS: Chapter<MetricsSettings> = {
  title: 'Metrics',
  scope: 'server',
  options: {
    metricsProviderClassName: {
      key: 'metricsProvider.className',
      from: 'file',
      kind: PROVIDER,
      default: { value: 'none', said: 'none' },
      where: 'runtime/admin',
      meaning:
        '`org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider` serves metrics at ' +
        '`/metrics`.',
    },
    metricsProviderHttpHost: {
      key: 'metricsProvider.httpHost',
      from: 'file',
      kind: mapped(TEXT, (text) => text.replace(/^\[(.*)\]$/, '$1')),
      default: '0.0.0.0',
      where: 'runtime/admin',
      meaning: 'The address to listen on for metrics.',
    },
    metricsProviderHttpPort: {
      key: 'metricsProvider.httpPort',
      from: 'file',
      kind: PORT,
      default: { value: null, said: '' },
      where: 'runtime/admin',
      meaning: 'Usually 7000. If it is not set, there are no metrics over HTTP.',
    },
    metricsProviderExportJvmInfo: {
      key: 'metricsProvider.exportJvmInfo',
      from: 'file',
      kind: SWITCH,
      default: 'true',
      where: 'runtime/admin',
      meaning: 'Also metrics of heap, threads and process, under the names of Java’s exporters.',
    },
  },
  inputs: {},
}

export const MISSING_METRICS: MissingFeature = {
  names: `
    metricsProvider.httpsPort metricsProvider.ssl.
    metricsProvider.numWorkerThreads metricsProvider.maxQueueSize metricsProvider.httpVersion
    metricsProvider.workerShutdownTimeoutMs
    metricsProvider.prometheusMetricsSummaryRotateIntervalSeconds`,
  asked: (values) => values.has('metricsProvider.httpsPort'),
  problem: 'metrics are served over HTTP only',
}
