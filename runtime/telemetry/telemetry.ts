// Metrics and slow requests for a collector of OpenTelemetry, by OTLP over HTTP, through its own packages. They
// are loaded only where a collector is named.
//
// Nothing on the way of a request knows of this: metrics are read when they are due, as for a scrape, and spans
// are made now and then of the facts that `why` tells stories from.

import type { Context } from '@opentelemetry/api'
import { FULL_VERSION } from '../process/version.ts'
import type { ReportSource } from '../reports/source.ts'
import { wallMs } from '../shared/clock.ts'
import { observeMetrics } from './instruments.ts'
import { loadPackages, type Packages } from './packages.ts'
import { type SlowSpan, slowSpans } from './slow-spans.ts'

/** All facts of one request are noted within this time. */
const SETTLED_MS = 2000
/** As many spans may wait for the collector; more are dropped. */
const SPANS_MAX = 2048
const NAME = 'ringkeeper'

export interface TelemetryOptions {
  /** Of the collector. */
  readonly otlpEndpoint: string
  readonly otlpIntervalMs: number
  readonly serverId: number
  readonly version: string
}

export interface TelemetryLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
}

export interface Telemetry {
  /** Sends what there is. */
  flush(): Promise<void>
  close(): Promise<void>
}

/** Rejects if a package is missing, and says what to install. `nowWallMs`: milliseconds since 1970. */
export async function startTelemetry(
  source: ReportSource,
  options: TelemetryOptions,
  nowWallMs: () => number,
  log: TelemetryLog,
  packages?: Packages,
): Promise<Telemetry> {
  const { api, resources, metrics, traces, metricExporter, traceExporter } =
    packages ?? (await loadPackages())
  const { otlpEndpoint, otlpIntervalMs, serverId, version } = options
  const resource = resources.resourceFromAttributes({
    'service.name': NAME,
    'service.version': version,
    'service.instance.id': String(serverId),
  })
  const said = new Health(otlpEndpoint, log)
  const ofMetrics = new metricExporter.OTLPMetricExporter({ url: `${otlpEndpoint}/v1/metrics` })
  const ofSpans = new traceExporter.OTLPTraceExporter({ url: `${otlpEndpoint}/v1/traces` })
  const reader = new metrics.PeriodicExportingMetricReader({
    exporter: said.of(ofMetrics),
    exportIntervalMillis: otlpIntervalMs,
    exportTimeoutMillis: otlpIntervalMs,
  })
  const meters = new metrics.MeterProvider({ resource, readers: [reader] })
  const processor = new traces.BatchSpanProcessor(said.of(ofSpans), {
    maxQueueSize: SPANS_MAX,
    scheduledDelayMillis: otlpIntervalMs,
  })
  const tracers = new traces.BasicTracerProvider({ resource, spanProcessors: [processor] })
  observeMetrics(meters.getMeter(NAME), source)
  const tracer = tracers.getTracer(NAME)

  function record(span: SlowSpan, parent: Context): void {
    const { name, startMs: startTime, attributes } = span
    const one = tracer.startSpan(name, { startTime, attributes }, parent)
    const within = api.trace.setSpan(parent, one)
    for (const part of span.parts) record(part, within)
    one.end(span.endMs)
  }
  let fromMs = nowWallMs()
  const trace = (untilMs: number): void => {
    const facts = source.facts.since(fromMs).filter((fact) => fact.wallMs < untilMs)
    fromMs = Math.max(fromMs, untilMs)
    for (const span of slowSpans(facts)) record(span, api.ROOT_CONTEXT)
  }
  const timer = setInterval(() => trace(nowWallMs() - SETTLED_MS), SETTLED_MS)
  timer.unref()
  return {
    flush: async () => {
      trace(nowWallMs() + 1)
      await Promise.all([meters.forceFlush(), tracers.forceFlush()])
    },
    close: async () => {
      clearInterval(timer)
      await Promise.all([meters.shutdown(), tracers.shutdown()])
    },
  }
}

/** For a server's process. Never rejects: the server serves its clients without telemetry, too. */
export async function openTelemetry(
  source: ReportSource,
  otlpEndpoint: string,
  logger: TelemetryLog,
): Promise<void> {
  const { otlpIntervalMs, ensemble } = source.options
  const serverId = ensemble?.serverId ?? 0
  try {
    const options = { otlpEndpoint, otlpIntervalMs, serverId, version: FULL_VERSION }
    await startTelemetry(source, options, wallMs, logger)
    logger.info({ collector: otlpEndpoint }, 'OpenTelemetry: metrics and slow requests are sent')
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    logger.warn({ problem }, 'no OpenTelemetry')
  }
}

interface Exporter {
  export(batch: unknown, done: (result: { code: number; error?: Error }) => void): void
}

/** Says when the collector stops taking what it is sent, and when it takes it again. */
class Health {
  readonly #endpoint: string
  readonly #log: TelemetryLog
  #isWell: boolean | null = null

  constructor(endpoint: string, log: TelemetryLog) {
    this.#endpoint = endpoint
    this.#log = log
  }

  of<E extends Exporter>(exporter: E): E {
    const send = exporter.export.bind(exporter)
    exporter.export = (batch, done) =>
      send(batch, (result) => {
        this.#heard(result)
        done(result)
      })
    return exporter
  }

  #heard({ code, error }: { code: number; error?: Error }): void {
    const isWell = code === 0
    if (isWell === this.#isWell) return
    this.#isWell = isWell
    const collector = this.#endpoint
    if (isWell) this.#log.info({ collector }, 'OpenTelemetry: the collector takes what it is sent')
    else {
      const problem = error?.message ?? 'no answer'
      this.#log.warn(
        { collector, problem },
        'OpenTelemetry: the collector does not take what it is sent',
      )
    }
  }
}
