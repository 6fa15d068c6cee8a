// A load from the caller's side: one or more workers make it, this adds up what they measured.

import { Worker } from 'node:worker_threads'
import type { GeneratorReport, GeneratorTask } from './generator.ts'
import { type Histogram, unpacked } from './histogram.ts'
import type { LoadSpec, OperationName } from './spec.ts'

const GENERATOR = new URL('./generator.js', import.meta.url)

export interface LoadResult {
  readonly perSecond: number
  readonly replies: number
  readonly errors: number
  readonly seconds: number
  readonly latency: Histogram
  /** Of each operation, where several are mixed. */
  readonly latencies: ReadonlyMap<OperationName, Histogram>
  /** How much later than due the requests of an open loop left. */
  readonly lateness: Histogram
  readonly counts: readonly number[]
  readonly slowestUs: readonly number[]
  /** The busiest worker's share of the time with work to do: near 1 it is the bottleneck. */
  readonly generatorBusy: number
  readonly generatorCores: number
}

export interface LoadOptions {
  readonly workers?: number
  /** The warm-up is over. */
  readonly onMeasuring?: () => void
}

/** Fails when a reply is wrong or a connection ends. */
export async function runLoad(spec: LoadSpec, options: LoadOptions = {}): Promise<LoadResult> {
  const { workers = 1, onMeasuring = () => {} } = options
  const count = Math.min(workers, spec.connections)
  const started = Array.from({ length: count }, (_, i) => {
    return new Worker(GENERATOR, { workerData: taskOf(spec, i, count) })
  })
  started[0]?.once('message', onMeasuring)
  let reports: GeneratorReport[]
  try {
    reports = await Promise.all(started.map(reportOf))
  } finally {
    // When one has failed the others go on.
    for (const worker of started) void worker.terminate()
  }
  const sum = (of: (report: GeneratorReport) => number): number =>
    reports.reduce((total, report) => total + of(report), 0)
  return {
    perSecond: sum(({ replies, seconds }) => replies / seconds),
    replies: sum(({ replies }) => replies),
    errors: sum(({ errors }) => errors),
    seconds: Math.max(...reports.map(({ seconds }) => seconds)),
    latency: unpacked(reports.map(({ latency }) => latency)),
    latencies: byOperation(spec, reports),
    lateness: unpacked(reports.map(({ lateness }) => lateness)),
    counts: merged(
      reports.map(({ counts }) => counts),
      (a, b) => a + b,
    ),
    slowestUs: merged(
      reports.map(({ slowestUs }) => slowestUs),
      Math.max,
    ),
    generatorBusy: Math.max(...reports.map(({ busy }) => busy)),
    generatorCores: Math.max(...reports.map(({ cores }) => cores)),
  }
}

function byOperation(
  { mix }: LoadSpec,
  reports: readonly GeneratorReport[],
): ReadonlyMap<OperationName, Histogram> {
  if (mix.length === 1) return new Map()
  return new Map(
    mix.map(({ operation }, i) => {
      return [operation, unpacked(reports.map(({ latencies }) => latencies[i]!))] as const
    }),
  )
}

function taskOf(spec: LoadSpec, index: number, count: number): GeneratorTask {
  const start = Math.floor((spec.connections * index) / count)
  const end = Math.floor((spec.connections * (index + 1)) / count)
  const part = (end - start) / spec.connections
  const perSecond = spec.perSecond === undefined ? {} : { perSecond: spec.perSecond * part }
  const countMax = spec.countMax === undefined ? {} : { countMax: Math.ceil(spec.countMax * part) }
  return { start, spec: { ...spec, connections: end - start, ...perSecond, ...countMax } }
}

function reportOf(worker: Worker): Promise<GeneratorReport> {
  return new Promise((resolve, reject) => {
    worker.on('message', (message: GeneratorReport | null) => {
      if (message !== null) resolve(message)
    })
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`the load's worker ended with ${code}`)))
  })
}

function merged(
  rows: readonly (readonly number[])[],
  join: (a: number, b: number) => number,
): number[] {
  const length = Math.max(0, ...rows.map((row) => row.length))
  return Array.from({ length }, (_, i) => rows.map((row) => row[i] ?? 0).reduce(join))
}
