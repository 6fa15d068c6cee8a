// Metrics of the process under the names that Java's exporters use (exportJvmInfo), where Node has
// a true equivalent. They are for dashboards and alerts that know those names. As with ZooKeeper,
// only Prometheus gets them.

import { readdirSync, readFileSync } from 'node:fs'
import { PerformanceObserver } from 'node:perf_hooks'
import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8'
import type { Family, FamilySample } from './family.ts'
import type { Sample } from './metric.ts'

const PAGE_BYTES = 4096
const MS_A_SECOND = 1000
/** The states of the threads are as old as this at most. */
const THREADS_MS = 10_000
/** Kinds of collection by the bits NODE_PERFORMANCE_GC_* of an entry's kind. */
const COLLECTORS: ReadonlyMap<number, string> = new Map([
  [1, 'scavenge'],
  [2, 'minor mark sweep'],
  [4, 'mark sweep compact'],
  [8, 'incremental marking'],
  [16, 'weak callbacks'],
])
/** Java's thread states for the letters in /proc. */
const THREAD_STATES: Readonly<Record<string, string>> = {
  R: 'RUNNABLE',
  S: 'WAITING',
  D: 'BLOCKED',
  T: 'STOPPED',
}

interface Collections {
  count: number
  seconds: number
}

/** Counts the main thread's garbage collections, from when it is made. */
export class ProcessMetrics {
  readonly #collections: Map<string, Collections> = new Map()
  readonly #startedSeconds: number
  #threads: readonly Family[] = []
  #threadsMs = Number.NEGATIVE_INFINITY

  /** `startedWallMs`: when the process began, in ms since 1970. */
  constructor(startedWallMs: number) {
    this.#startedSeconds = startedWallMs / MS_A_SECOND
    for (const name of ['scavenge', 'mark sweep compact']) {
      this.#collections.set(name, { count: 0, seconds: 0 })
    }
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const { detail } = entry as { detail?: { kind?: number } }
        this.#collected(detail?.kind ?? 0, entry.duration)
      }
    }).observe({ entryTypes: ['gc'] })
  }

  families({ turns, nowMs }: Sample): Family[] {
    const heap = getHeapStatistics()
    const { arrayBuffers } = process.memoryUsage()
    const actors = [...turns].filter(([name]) => name !== 'network')
    const used = actors.reduce((sum, [, { heapUsed }]) => sum + heapUsed, heap.used_heap_size)
    const committed = actors.reduce(
      (sum, [, { heapTotal }]) => sum + heapTotal,
      heap.total_heap_size,
    )
    const max = actors.reduce((sum, [, { heapLimit }]) => sum + heapLimit, heap.heap_size_limit)
    const area = (value: number): FamilySample => ({ labels: { area: 'heap' }, value })
    const outside = { labels: { area: 'nonheap' }, value: arrayBuffers }
    const spaces = getHeapSpaceStatistics()
    const pool = (of: (space: (typeof spaces)[number]) => number): FamilySample[] => {
      return spaces.map((space) => ({ labels: { pool: space.space_name }, value: of(space) }))
    }
    return [
      gauge('jvm_info', 'What runs the server', [
        { labels: { runtime: 'Node.js', vendor: 'V8', version: process.version }, value: 1 },
      ]),
      gauge('jvm_memory_bytes_used', 'Bytes used: of all threads’ heaps; of buffers beside them', [
        area(used),
        outside,
      ]),
      gauge('jvm_memory_bytes_committed', 'Bytes taken from the system for it', [
        area(committed),
        outside,
      ]),
      gauge('jvm_memory_bytes_max', 'Bytes it may have', [area(max)]),
      gauge(
        'jvm_memory_pool_bytes_used',
        'Bytes used, by space of the main thread’s heap',
        pool(({ space_used_size }) => space_used_size),
      ),
      gauge(
        'jvm_memory_pool_bytes_committed',
        'Bytes taken from the system for it',
        pool(({ space_size }) => space_size),
      ),
      gauge('jvm_buffer_pool_used_bytes', 'Bytes of buffers', [
        { labels: { pool: 'direct' }, value: arrayBuffers },
      ]),
      {
        name: 'jvm_gc_collection_seconds',
        type: 'summary',
        help: 'Collections of the main thread’s heap',
        samples: [...this.#collections].flatMap(([gc, { count, seconds }]) => [
          { suffix: '_count', labels: { gc }, value: count },
          { suffix: '_sum', labels: { gc }, value: seconds },
        ]),
      },
      ...this.#threadsAt(nowMs),
      ...this.#process(),
    ]
  }

  /** The system has a file for each thread. */
  #threadsAt(nowMs: number): readonly Family[] {
    if (nowMs - this.#threadsMs >= THREADS_MS) {
      this.#threads = threads()
      this.#threadsMs = nowMs
    }
    return this.#threads
  }

  #collected(kind: number, durationMs: number): void {
    const name = COLLECTORS.get(kind) ?? 'other'
    const sums = this.#collections.get(name) ?? { count: 0, seconds: 0 }
    sums.count++
    sums.seconds += durationMs / MS_A_SECOND
    this.#collections.set(name, sums)
  }

  #process(): Family[] {
    const { user, system } = process.cpuUsage()
    const one = (value: number): FamilySample[] => [{ labels: {}, value }]
    const families = [
      counter('process_cpu_seconds_total', 'Seconds of CPU time', one((user + system) / 1e6)),
      gauge(
        'process_start_time_seconds',
        'Seconds from 1970 to its start',
        one(this.#startedSeconds),
      ),
      gauge('process_resident_memory_bytes', 'Bytes in memory', one(process.memoryUsage.rss())),
    ]
    const [pages] = readText('/proc/self/statm').split(' ').map(Number)
    if (pages !== undefined && pages > 0) {
      families.push(
        gauge('process_virtual_memory_bytes', 'Bytes of addresses', one(pages * PAGE_BYTES)),
      )
    }
    return families
  }
}

/** Empty where the system does not tell. */
function threads(): Family[] {
  let ids: string[]
  try {
    ids = readdirSync('/proc/self/task')
  } catch {
    return []
  }
  const counts = new Map<string, number>(Object.values(THREAD_STATES).map((state) => [state, 0]))
  for (const id of ids) {
    // The state comes after the thread's name, which may hold any character.
    const letter = /\) (\w)/.exec(
      readText(`/proc/self/task/${id}/stat`).replace(/^.*\) /s, ') '),
    )?.[1]
    const state = THREAD_STATES[letter ?? ''] ?? 'UNKNOWN'
    counts.set(state, (counts.get(state) ?? 0) + 1)
  }
  return [
    gauge('jvm_threads_current', 'Threads of the process', [{ labels: {}, value: ids.length }]),
    gauge(
      'jvm_threads_state',
      'Threads by state',
      [...counts].map(([state, value]) => ({ labels: { state }, value })),
    ),
  ]
}

function gauge(name: string, help: string, samples: readonly FamilySample[]): Family {
  return { name, help, type: 'gauge', samples }
}

function counter(name: string, help: string, samples: readonly FamilySample[]): Family {
  return { name, help, type: 'counter', samples }
}

/** Empty when there is none. */
function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
