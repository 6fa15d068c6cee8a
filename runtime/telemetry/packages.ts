// OpenTelemetry's packages, which are optional: the only place that loads them.

const NAMES =
  '@opentelemetry/api @opentelemetry/resources @opentelemetry/sdk-metrics ' +
  '@opentelemetry/sdk-trace-base @opentelemetry/exporter-metrics-otlp-http ' +
  '@opentelemetry/exporter-trace-otlp-http'

export interface Packages {
  readonly api: typeof import('@opentelemetry/api')
  readonly resources: typeof import('@opentelemetry/resources')
  readonly metrics: typeof import('@opentelemetry/sdk-metrics')
  readonly traces: typeof import('@opentelemetry/sdk-trace-base')
  readonly metricExporter: typeof import('@opentelemetry/exporter-metrics-otlp-http')
  readonly traceExporter: typeof import('@opentelemetry/exporter-trace-otlp-http')
}

/** Rejects if one is missing, and says what to install. */
export async function loadPackages(): Promise<Packages> {
  try {
    const [api, resources, metrics, traces, metricExporter, traceExporter] = await Promise.all([
      import('@opentelemetry/api'),
      import('@opentelemetry/resources'),
      import('@opentelemetry/sdk-metrics'),
      import('@opentelemetry/sdk-trace-base'),
      import('@opentelemetry/exporter-metrics-otlp-http'),
      import('@opentelemetry/exporter-trace-otlp-http'),
    ])
    return { api, resources, metrics, traces, metricExporter, traceExporter }
  } catch (error) {
    const [problem = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
    throw new Error(`OpenTelemetry needs packages: npm install ${NAMES} (${problem})`)
  }
}
