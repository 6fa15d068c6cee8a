// What clients ask for, by path: a sample of their requests, so that it costs next to nothing with each.
// So many requests are sampled as there are, up to a hundred a second; each then stands for all since
// the one before. Of a sampled request the reply's bytes are counted too.

import { intAt } from '../../protocol/bytes/int-at.ts'
import { utf8 } from '../../protocol/bytes/text.ts'
import { operationOf } from '../../protocol/op-code.ts'
import { SLASH } from '../../protocol/path.ts'
import { Sketch } from './sketch.ts'

const SAMPLES_A_BEAT = 10
const PATHS = 300
const PREFIXES = 100
const NAMESPACES = 100
const WINDOW_MS = 30_000
/** A path is longer only if somebody wants to fill our memory. */
const PATH_BYTES_MAX = 512
/** MultiHeader: int type, bool done, int err; the first operation's record follows. */
const MULTI_HEADER_BYTES = 9

export interface Usage {
  reads: number
  writes: number
  /** Of requests that write, and of replies to those that read. */
  bytes: number
}

/** Of one client's connection, a request that was sampled and is not answered. */
export interface Sampled {
  /** Replies that are due up to its own. */
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
  /** Requests until the next that is sampled. */
  left = 1
  #step = 1
  #sinceBeat = 0
  #current: Window
  #previous: Window | null = null
  readonly #namespaces: Map<string, NamespaceUsage> = new Map()
  readonly #random: (bound: number) => number

  constructor(nowMs: number, random: (bound: number) => number) {
    this.#current = emptyWindow(nowMs)
    this.#random = random
  }

  /** A request that is to be sampled: the body is from `start` to `end`. */
  sample(asking: Asking, opCode: number, bytes: Uint8Array, start: number, end: number): void {
    const weight = this.#step
    this.#sinceBeat += weight
    // The same on average, and in step with nobody's pattern.
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

  /** Every 100 ms or so. */
  heartbeat(nowMs: number): void {
    this.#step = Math.max(1, Math.ceil(this.#sinceBeat / SAMPLES_A_BEAT))
    if (this.left > 2 * this.#step) this.left = this.#step
    this.#sinceBeat = 0
    if (nowMs - this.#current.beganMs < WINDOW_MS) return
    this.#previous = this.#current
    this.#current = emptyWindow(nowMs)
  }

  /** The busiest of the last half minute to minute; rates are a second's. */
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

  /** By the first name of the path, since the start. */
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

/** The first two names. */
function prefixOf(path: string): string {
  return path.split('/', 3).join('/')
}

/** Null when it names none. A multi goes by its first operation: what its header is could be no path. */
function pathOf(bytes: Uint8Array, start: number, end: number): string | null {
  return textAt(bytes, start, end) ?? textAt(bytes, start + MULTI_HEADER_BYTES, end)
}

/** Null unless there is a string there that begins as paths do. */
function textAt(bytes: Uint8Array, at: number, end: number): string | null {
  if (at + 5 > end) return null
  const length = intAt(bytes, at)
  if (length < 1 || at + 4 + length > end || bytes[at + 4] !== SLASH) return null
  return utf8(bytes, at + 4, at + 4 + Math.min(length, PATH_BYTES_MAX))
}
