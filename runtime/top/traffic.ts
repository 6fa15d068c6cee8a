// Counts what clients ask for, by path, from a sample of their requests: so the cost of each
// request is next to nothing. Up to about a hundred requests a second are all sampled. If there are
// more, each sampled request stands for all since the one before it. The bytes of its reply are
// counted too.

import { intAt } from '../../protocol/bytes/int-at.ts'
import { utf8 } from '../../protocol/bytes/text.ts'
import { operationOf } from '../../protocol/op-code.ts'
import { SLASH } from '../../protocol/path.ts'
import { Sketch } from './sketch.ts'

/** A beat is the main thread's, every 100 ms. */
const SAMPLES_A_BEAT = 10
const PATHS = 300
const PREFIXES = 100
const NAMESPACES = 100
const WINDOW_MS = 30_000
/** Longer paths are cut: only somebody who wants to fill our memory has them. */
const PATH_BYTES_MAX = 512
/** MultiHeader: int type, bool done, int err; the first operation's record follows. */
const MULTI_HEADER_BYTES = 9

export interface Usage {
  reads: number
  writes: number
  /** Bytes of requests that write, and of replies to requests that read. */
  bytes: number
}

/** A sampled request of one connection that has not been answered yet. */
export interface Sampled {
  /** Replies that are due, up to and with its own. */
  left: number
  readonly paths: readonly Usage[]
  readonly namespace: NamespaceUsage
  readonly weight: number
}

export interface NamespaceUsage {
  readonly name: string
  readBytes: number
  readCount: number
  writeBytes: number
  writeCount: number
}

/** A client's connection. */
export interface Asking {
  readonly outstanding: number
  sampled: Sampled | null
}

interface Window {
  readonly beganMs: number
  readonly paths: Sketch<Usage>
  readonly prefixes: Sketch<Usage>
}

export class Traffic {
  /** How many requests from here the next sampled one is. The caller counts down. */
  left = 1
  #step = 1
  #sinceBeat = 0
  #current: Window
  #previous: Window | null = null
  readonly #namespaces: Map<string, NamespaceUsage> = new Map()
  readonly #random: (bound: number) => number

  /** `random`: an integer from 0 to below its bound. */
  constructor(nowMs: number, random: (bound: number) => number) {
    this.#current = emptyWindow(nowMs)
    this.#random = random
  }

  /** Call this when `left` requests have come. The request's body is from `start` to `end`. */
  sample(asking: Asking, opCode: number, bytes: Uint8Array, start: number, end: number): void {
    const weight = this.#step
    this.#sinceBeat += weight
    // A random step with the right average, so that it cannot keep step with a client's pattern.
    this.left = this.#step === 1 ? 1 : 1 + this.#random(2 * this.#step - 1)
    const path = pathOf(bytes, start, end)
    if (path === null) return
    const isWrite = operationOf(opCode)?.kind === 'write'
    const usages = [
      this.#current.paths.add(path, weight).tally,
      this.#current.prefixes.add(prefixOf(path), weight).tally,
    ]
    const namespace = this.#namespaceOf(path)
    for (const usage of usages) usage[isWrite ? 'writes' : 'reads'] += weight
    if (!isWrite) {
      asking.sampled ??= { left: asking.outstanding, paths: usages, namespace, weight }
      return
    }
    const size = (end - start) * weight
    for (const usage of usages) usage.bytes += size
    namespace.writeBytes += size
    namespace.writeCount += weight
  }

  /** The reply to a request that was sampled. */
  replied({ paths, namespace, weight }: Sampled, bytes: number): void {
    for (const usage of paths) usage.bytes += bytes * weight
    namespace.readBytes += bytes * weight
    namespace.readCount += weight
  }

  /** Call this about every 100 ms. */
  heartbeat(nowMs: number): void {
    this.#step = Math.max(1, Math.ceil(this.#sinceBeat / SAMPLES_A_BEAT))
    if (this.left > 2 * this.#step) this.left = this.#step
    this.#sinceBeat = 0
    if (nowMs - this.#current.beganMs < WINDOW_MS) return
    this.#previous = this.#current
    this.#current = emptyWindow(nowMs)
  }

  /** The busiest of the last 30 to 60 seconds, the busiest first. All numbers are per second. */
  busiest(what: 'paths' | 'prefixes', count: number, nowMs: number): BusyPath[] {
    const windows = [this.#previous, this.#current].filter((one) => one !== null)
    const seconds = Math.max(1, nowMs - (windows[0]?.beganMs ?? nowMs)) / 1000
    const sums = new Map<string, Usage>()
    for (const window of windows) {
      for (const { key, tally } of window[what].top(PATHS)) add(sums, key, tally)
    }
    return [...sums]
      .sort(([, a], [, b]) => b.reads + b.writes - a.reads - a.writes)
      .slice(0, count)
      .map(([path, usage]) => ({
        path,
        reads: usage.reads / seconds,
        writes: usage.writes / seconds,
        bytes: usage.bytes / seconds,
      }))
  }

  /** Bytes and requests since the start, by the first name of the path. Names beyond NAMESPACES are
   * counted together, under an empty name. */
  namespaces(): Iterable<NamespaceUsage> {
    return this.#namespaces.values()
  }

  #namespaceOf(path: string): NamespaceUsage {
    const wanted = path.split('/', 2)[1] ?? ''
    const name = this.#namespaces.size < NAMESPACES || this.#namespaces.has(wanted) ? wanted : ''
    const known = this.#namespaces.get(name)
    if (known !== undefined) return known
    const usage = { name, readBytes: 0, readCount: 0, writeBytes: 0, writeCount: 0 }
    this.#namespaces.set(name, usage)
    return usage
  }
}

export interface BusyPath extends Usage {
  readonly path: string
}

function emptyWindow(beganMs: number): Window {
  const empty = (): Usage => ({ reads: 0, writes: 0, bytes: 0 })
  return { beganMs, paths: new Sketch(PATHS, empty), prefixes: new Sketch(PREFIXES, empty) }
}

function add(sums: Map<string, Usage>, key: string, { reads, writes, bytes }: Usage): void {
  const sum = sums.get(key) ?? { reads: 0, writes: 0, bytes: 0 }
  sums.set(key, {
    reads: sum.reads + reads,
    writes: sum.writes + writes,
    bytes: sum.bytes + bytes,
  })
}

/** The first two names of a path. */
function prefixOf(path: string): string {
  return path.split('/', 3).join('/')
}

/** The path that a request names; null if it names none. A multi counts under the path of its first
 * operation: its header cannot be mistaken for a path. */
function pathOf(bytes: Uint8Array, start: number, end: number): string | null {
  return textAt(bytes, start, end) ?? textAt(bytes, start + MULTI_HEADER_BYTES, end)
}

/** The string at this place, cut to PATH_BYTES_MAX; null unless it begins with a slash. */
function textAt(bytes: Uint8Array, at: number, end: number): string | null {
  if (at + 5 > end) return null
  const length = intAt(bytes, at)
  if (length < 1 || at + 4 + length > end || bytes[at + 4] !== SLASH) return null
  return utf8(bytes, at + 4, at + 4 + Math.min(length, PATH_BYTES_MAX))
}
