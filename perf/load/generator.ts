// The load's worker: opens the connections, drives them, and hands back what it measured. When the
// warm-up is over it says null.
//
// An open loop sends what is due when a timer or a reply wakes it. A timer wakes a millisecond late;
// how late requests left is measured too, as `lateness`.

import { parentPort, workerData } from 'node:worker_threads'
import { LoadConnection, type Tally } from './connection.ts'
import { type Histogram, histogram, packed, recordMs } from './histogram.ts'
import type { LoadSpec } from './spec.ts'

const CONNECTING_MAX = 100
const SECOND_MS = 1000
const TICK_MS = 1

export interface GeneratorReport {
  readonly replies: number
  readonly errors: number
  readonly seconds: number
  /** Histograms of microseconds, packed. */
  readonly latency: string
  readonly lateness: string
  /** By place in the mix, where there is more than one operation in it. */
  readonly latencies: readonly string[]
  /** Replies, and the slowest of them in microseconds, by stretches of bucketMs. */
  readonly counts: readonly number[]
  readonly slowestUs: readonly number[]
  /** Of the measured time, for how much of it the worker had work. */
  readonly busy: number
  /** Cores used meanwhile by the process of the worker. */
  readonly cores: number
}

/** `start` is the first connection's index among those of all workers. */
export interface GeneratorTask {
  readonly spec: LoadSpec
  readonly start: number
}

class Measure implements Tally {
  readonly latency = histogram()
  readonly lateness = histogram()
  readonly latencies: readonly Histogram[]
  readonly counts: number[] = []
  readonly slowestUs: number[] = []
  readonly #bucketMs: number
  replies = 0
  errors = 0
  #startMs = Number.POSITIVE_INFINITY

  constructor({ bucketMs = 0, mix }: LoadSpec) {
    this.#bucketMs = bucketMs
    this.latencies = mix.length > 1 ? mix.map(() => histogram()) : []
  }

  start(): void {
    this.#startMs = performance.now()
  }

  onReply(nowMs: number, dueMs: number, isError: boolean, which: number): void {
    if (nowMs < this.#startMs) return
    this.replies++
    if (isError) this.errors++
    recordMs(this.latency, nowMs - dueMs)
    const own = this.latencies[which]
    if (own !== undefined) recordMs(own, nowMs - dueMs)
    if (this.#bucketMs === 0) return
    const bucket = Math.floor((nowMs - this.#startMs) / this.#bucketMs)
    while (this.counts.length <= bucket) {
      this.counts.push(0)
      this.slowestUs.push(0)
    }
    this.counts[bucket]!++
    const us = Math.round((nowMs - dueMs) * 1000)
    this.slowestUs[bucket] = Math.max(us, this.slowestUs[bucket]!)
  }
}

class Generator {
  readonly #spec: LoadSpec
  readonly #measure: Measure
  readonly #connections: LoadConnection[] = []
  readonly #failed: Promise<never>
  #fail: (error: Error) => void = () => {}
  #state: number

  constructor({ spec, start }: GeneratorTask) {
    this.#spec = spec
    this.#state = start + 1
    this.#measure = new Measure(spec)
    this.#failed = new Promise((_, reject) => {
      this.#fail = reject
    })
  }

  async run(start: number): Promise<GeneratorReport> {
    const { warmupSeconds, seconds, countMax = Number.POSITIVE_INFINITY } = this.#spec
    await this.#connect(start)
    this.#begin()
    await this.#pause(warmupSeconds)
    const cpu = process.cpuUsage()
    const loop = performance.eventLoopUtilization()
    const startMs = performance.now()
    this.#measure.start()
    parentPort?.postMessage(null)
    const endMs = startMs + seconds * SECOND_MS
    while (performance.now() < endMs && this.#measure.replies < countMax) {
      await this.#pause(Math.min(0.05, (endMs - performance.now()) / SECOND_MS))
    }
    const elapsed = (performance.now() - startMs) / SECOND_MS
    const { user, system } = process.cpuUsage(cpu)
    const { utilization } = performance.eventLoopUtilization(loop)
    for (const connection of this.#connections) connection.close()
    const { replies, errors, latency, lateness, latencies, counts, slowestUs } = this.#measure
    return {
      replies,
      errors,
      seconds: elapsed,
      latency: packed(latency),
      lateness: packed(lateness),
      latencies: latencies.map(packed),
      counts,
      slowestUs,
      busy: utilization,
      cores: (user + system) / 1e6 / elapsed,
    }
  }

  async #connect(start: number): Promise<void> {
    for (let first = 0; first < this.#spec.connections; first += CONNECTING_MAX) {
      const count = Math.min(CONNECTING_MAX, this.#spec.connections - first)
      const some = Array.from({ length: count }, (_, i) => this.#open(start + first + i))
      this.#connections.push(...some)
      await Promise.race([this.#failed, Promise.all(some.map(({ ready }) => ready))])
    }
  }

  #open(index: number): LoadConnection {
    const draw = (): number => this.#draw()
    const fail = (error: Error): void => this.#fail(error)
    const connection = new LoadConnection(this.#spec, index, draw, this.#measure, fail)
    if (this.#spec.perSecond !== undefined) connection.onAnswered = () => this.#sendDue()
    return connection
  }

  #nextDueMs = 0
  #turn = 0
  #paced = false

  #begin(): void {
    const nowMs = performance.now()
    if (this.#spec.perSecond === undefined) {
      for (const connection of this.#connections) connection.send(this.#spec.outstanding, nowMs)
      return
    }
    this.#nextDueMs = nowMs
    this.#paced = true
    setInterval(() => this.#sendDue(), TICK_MS).unref()
  }

  /** Each in its turn; one whose connection is full waits with all behind it. */
  #sendDue(): void {
    if (!this.#paced) return
    const everyMs = SECOND_MS / this.#spec.perSecond!
    const nowMs = performance.now()
    while (this.#nextDueMs <= nowMs) {
      const connection = this.#connections[this.#turn % this.#connections.length]!
      if (connection.room === 0) return
      this.#turn++
      connection.send(1, this.#nextDueMs)
      recordMs(this.#measure.lateness, nowMs - this.#nextDueMs)
      this.#nextDueMs += everyMs
    }
  }

  #pause(seconds: number): Promise<void> {
    const over = new Promise<void>((resolve) =>
      setTimeout(resolve, Math.max(0, seconds * SECOND_MS)),
    )
    return Promise.race([over, this.#failed])
  }

  /** xorshift: the same requests in every run. */
  #draw(): number {
    this.#state ^= this.#state << 13
    this.#state ^= this.#state >>> 17
    this.#state ^= this.#state << 5
    return (this.#state >>> 0) / 0x1_0000_0000
  }
}

const task = workerData as GeneratorTask
parentPort?.postMessage(await new Generator(task).run(task.start))
