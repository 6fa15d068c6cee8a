// Types of the parts of OpenTelemetry's packages that are used here. The packages are optional.

declare module '@opentelemetry/api' {
  export type Attributes = Readonly<Record<string, string | number>>
  export interface Context {
    readonly telemetry?: never
  }
  export interface Span {
    /** Milliseconds since 1970. */
    end(ms: number): void
  }
  export interface Tracer {
    startSpan(
      name: string,
      options: { readonly startTime: number; readonly attributes: Attributes },
      parent: Context,
    ): Span
  }
  export interface Observable {
    readonly observable?: never
  }
  export interface ObservableResult {
    observe(metric: Observable, value: number, attributes?: Attributes): void
  }
  export interface Meter {
    createObservableCounter(name: string, options: { readonly description: string }): Observable
    createObservableGauge(name: string, options: { readonly description: string }): Observable
    addBatchObservableCallback(
      callback: (result: ObservableResult) => void,
      observables: readonly Observable[],
    ): void
  }
  export const ROOT_CONTEXT: Context
  export const trace: { setSpan(context: Context, span: Span): Context }
}

declare module '@opentelemetry/resources' {
  export interface Resource {
    readonly resource?: never
  }
  export function resourceFromAttributes(attributes: Readonly<Record<string, string>>): Resource
}

declare module '@opentelemetry/exporter-metrics-otlp-http' {
  export class OTLPMetricExporter {
    constructor(options: { readonly url: string })
    /** A code other than 0: it was not taken. */
    export(
      batch: unknown,
      done: (result: { readonly code: number; readonly error?: Error }) => void,
    ): void
  }
}

declare module '@opentelemetry/exporter-trace-otlp-http' {
  export class OTLPTraceExporter {
    constructor(options: { readonly url: string })
    export(
      batch: unknown,
      done: (result: { readonly code: number; readonly error?: Error }) => void,
    ): void
  }
}

declare module '@opentelemetry/sdk-metrics' {
  import type { Meter } from '@opentelemetry/api'
  import type { Resource } from '@opentelemetry/resources'

  export interface MetricReader {
    readonly reader?: never
  }
  export class PeriodicExportingMetricReader implements MetricReader {
    constructor(options: {
      readonly exporter: object
      readonly exportIntervalMillis: number
      readonly exportTimeoutMillis: number
    })
  }
  export class MeterProvider {
    constructor(options: { readonly resource: Resource; readonly readers: readonly MetricReader[] })
    getMeter(name: string): Meter
    forceFlush(): Promise<void>
    shutdown(): Promise<void>
  }
}

declare module '@opentelemetry/sdk-trace-base' {
  import type { Tracer } from '@opentelemetry/api'
  import type { Resource } from '@opentelemetry/resources'

  export interface SpanProcessor {
    readonly processor?: never
  }
  export class BatchSpanProcessor implements SpanProcessor {
    constructor(
      exporter: object,
      options: { readonly maxQueueSize: number; readonly scheduledDelayMillis: number },
    )
  }
  export class BasicTracerProvider {
    constructor(options: {
      readonly resource: Resource
      readonly spanProcessors: readonly SpanProcessor[]
    })
    getTracer(name: string): Tracer
    forceFlush(): Promise<void>
    shutdown(): Promise<void>
  }
}
