// What a collector of OpenTelemetry gets from us, through OpenTelemetry's own packages: all metrics with their
// values, and slow requests as spans with their parts. The collector here is an HTTP server that notes what
// comes, as OTLP's JSON.

import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import { METRICS } from '../../../runtime/reports/metrics/all-metrics.ts'
import { SystemClock } from '../../../runtime/shared/clock.ts'
import type { Packages } from '../../../runtime/telemetry/packages.ts'
import { startTelemetry, type Telemetry } from '../../../runtime/telemetry/telemetry.ts'
import type { Fact } from '../../../runtime/why/fact.ts'
import { type FakeSource, fakeSource } from '../reports/fake-source.ts'

const INTERVAL_MS = 3_600_000
const NOW_MS = 1_790_000_000_000

interface Point {
  readonly asDouble?: number
  readonly asInt?: number | string
  readonly attributes: readonly { readonly key: string; readonly value: object }[]
}
interface Metric {
  readonly name: string
  readonly sum?: { readonly isMonotonic: boolean; readonly dataPoints: readonly Point[] }
  readonly gauge?: { readonly dataPoints: readonly Point[] }
}
interface Span {
  readonly name: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
}

class Collector {
  readonly metrics: Map<string, Metric> = new Map()
  readonly spans: Span[] = []
  readonly resources: string[] = []
  status = 200
  readonly #server: Server

  constructor() {
    this.#server = createServer(async (request, response) => {
      const body = JSON.parse(await text(request))
      for (const { resource, scopeMetrics } of body.resourceMetrics ?? []) {
        this.resources.push(JSON.stringify(resource))
        for (const { metrics } of scopeMetrics) {
          for (const metric of metrics) this.metrics.set(metric.name, metric)
        }
      }
      for (const { scopeSpans } of body.resourceSpans ?? []) {
        for (const { spans } of scopeSpans) this.spans.push(...spans)
      }
      response.writeHead(this.status, { 'content-type': 'application/json' }).end('{}')
    })
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  /** Of the metric of this name, as `quantile value` where it has one. */
  valuesOf(name: string): unknown[] {
    const metric = this.metrics.get(name)
    const points = metric?.sum?.dataPoints ?? metric?.gauge?.dataPoints ?? []
    return points.map(({ asDouble, asInt, attributes }) => {
      const value = Number(asDouble ?? asInt)
      return attributes.length === 0 ? value : [JSON.stringify(attributes), value]
    })
  }
}

async function packages(): Promise<Packages> {
  const [api, resources, metrics, traces, metricExporter, traceExporter] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/sdk-metrics'),
    import('@opentelemetry/sdk-trace-base'),
    import('@opentelemetry/exporter-metrics-otlp-http'),
    import('@opentelemetry/exporter-trace-otlp-http'),
  ])
  return { api, resources, metrics, traces, metricExporter, traceExporter }
}

describe('telemetry', () => {
  const collector = new Collector()
  const said: string[] = []
  let source: FakeSource
  let telemetry: Telemetry
  let wallMs = NOW_MS
  let facts: Fact[] = []

  before(async () => {
    const since = (fromMs: number): Fact[] => facts.filter((fact) => fact.wallMs >= fromMs)
    source = Object.assign(fakeSource(), { facts: { since } })
    const options = {
      otlpEndpoint: await collector.listen(),
      otlpIntervalMs: INTERVAL_MS,
      serverId: 3,
      version: '1.2.3',
    }
    const log = {
      info: (_: object, message: string) => said.push(`info ${message}`),
      warn: (_: object, message: string) => said.push(`warn ${message}`),
    }
    telemetry = await startTelemetry(source, options, () => wallMs, log, await packages())
  })
  after(async () => {
    await telemetry?.close()
    collector.close()
  })

  test('sends every metric that this server has, with its value and kind', async () => {
    source.gauges.gauge('znodes').set(7)
    const fsync = source.meters.meter('fsynctime', new SystemClock())
    for (const ms of [1, 2]) fsync.observe(ms)
    await telemetry.flush()
    const alone = METRICS.filter(({ when }) => when === undefined)
    const missing = alone.filter(({ name, type }) => {
      return !collector.metrics.has(type === 'summary' ? `${name}_count` : name)
    })
    deepStrictEqual(missing, [])
    deepStrictEqual(collector.valuesOf('znode_count'), [7])
    deepStrictEqual(
      [collector.valuesOf('fsynctime_count'), collector.valuesOf('fsynctime_sum')],
      [[2], [3]],
    )
    const [[label, median] = []] = collector.valuesOf('fsynctime') as [string, number][]
    ok(label?.includes('"quantile"') && label.includes('"0.5"'), label)
    ok(median! >= 1 && median! < 2.2, `${median}`)
    strictEqual(collector.metrics.get('packets_received')?.gauge !== undefined, true)
    strictEqual(collector.metrics.get('connection_request_count')?.sum?.isMonotonic, true)
    // A quantile of nothing, and what only a leader has.
    deepStrictEqual(collector.valuesOf('snapshottime'), [])
    deepStrictEqual(collector.valuesOf('synced_followers'), [])
    ok(collector.resources[0]?.includes('"ringkeeper"') && collector.resources[0].includes('1.2.3'))
  })

  test('sends slow requests as spans, once', async () => {
    const fields = { what: 'write', ms: 1500, session: '0x7' }
    facts = [
      { wallMs: NOW_MS + 1900, actor: 'log', event: 'log-sync-slow', fields: { ms: 1300 } },
      { wallMs: NOW_MS + 2000, actor: 'server', event: 'request-slow', fields },
    ]
    wallMs = NOW_MS + 3000
    await telemetry.flush()
    await telemetry.flush()
    const [request, sync] = ['request', 'log sync'].map((name) => {
      return collector.spans.filter((span) => span.name === name)
    })
    deepStrictEqual([request?.length, sync?.length, collector.spans.length], [1, 1, 2])
    strictEqual(sync?.[0]?.parentSpanId, request?.[0]?.spanId)
    const nanos = (ms: number): string => String(BigInt(ms) * 1_000_000n)
    deepStrictEqual(
      [request?.[0]?.startTimeUnixNano, request?.[0]?.endTimeUnixNano],
      [nanos(NOW_MS + 500), nanos(NOW_MS + 2000)],
    )
  })

  test('says when the collector takes nothing, and when it does again', async () => {
    said.length = 0
    for (const status of [400, 400, 200, 200]) {
      collector.status = status
      await telemetry.flush().catch(() => undefined)
    }
    deepStrictEqual(said, [
      'warn OpenTelemetry: the collector does not take what it is sent',
      'info OpenTelemetry: the collector takes what it is sent',
    ])
  })
})
