// Quotas: limits and usage kept as text in nodes under /zookeeper/quota (Quotas, StatsTrack).
//
// The limit of /a is the node /zookeeper/quota/a/zookeeper_limits, its usage .../zookeeper_stats.
// Usage is written into the stats node as transactions are applied: no transaction of its own, no
// stat change, no digest.

import { utf8, utf8Bytes } from '../../../protocol/bytes/text.ts'
import { QUOTA_ROOT } from '../../../protocol/path.ts'
import * as layout from './node-layout.ts'
import type { NodeStore } from './node-store.ts'

const LIMIT_NODE = 'zookeeper_limits'
const STAT_NODE = 'zookeeper_stats'

export interface StatsTrack {
  count: number
  bytes: number
  countHardLimit: number
  byteHardLimit: number
}

/** Anything that is not a number counts as -1, no limit. */
export function parseStats(text: string): StatsTrack {
  const values = new Map<string, number>()
  for (const pair of text.split(/[,;]+/)) {
    const [key, value] = pair.split('=')
    const number = Number.parseInt(value ?? '', 10)
    if (key !== undefined) values.set(key, Number.isNaN(number) ? -1 : number)
  }
  return {
    count: values.get('count') ?? -1,
    bytes: values.get('bytes') ?? -1,
    countHardLimit: values.get('countHardLimit') ?? -1,
    byteHardLimit: values.get('byteHardLimit') ?? -1,
  }
}

export class Quotas {
  readonly #store: NodeStore
  /** The paths that have a limit node. */
  readonly #limited: Set<string> = new Set()

  constructor(store: NodeStore) {
    this.#store = store
  }

  get empty(): boolean {
    return this.#limited.size === 0
  }

  /** The longest limited path that is `path` or above it; null if there is none. */
  prefixOf(path: string): string | null {
    for (let p = path; p.length > 0; p = p.slice(0, p.lastIndexOf('/'))) {
      if (this.#limited.has(p)) return p
    }
    return null
  }

  /** Call it after every creation under /zookeeper/quota. */
  onCreate(path: string): void {
    const slash = path.lastIndexOf('/')
    const target = path.slice(QUOTA_ROOT.length, slash)
    const name = path.slice(slash + 1)
    if (name === LIMIT_NODE) this.#limited.add(target)
    if (name === STAT_NODE) this.#recount(target)
  }

  onDelete(path: string): void {
    const slash = path.lastIndexOf('/')
    if (path.slice(slash + 1) === LIMIT_NODE) {
      this.#limited.delete(path.slice(QUOTA_ROOT.length, slash))
    }
  }

  /** A node at or below `path`, or its data, came, went, or changed in size. */
  account(path: string, bytesDelta: number, countDelta: number): void {
    const prefix = this.prefixOf(path)
    if (prefix === null) return
    const node = this.#find(`${QUOTA_ROOT}${prefix}/${STAT_NODE}`)
    if (node === layout.NO_NODE) return
    const stats = parseStats(this.#text(node))
    this.#write(node, Math.max(stats.count, 0) + countDelta, Math.max(stats.bytes, 0) + bytesDelta)
  }

  /** Whether a hard limit forbids the change. Soft limits never do. */
  exceeded(path: string, bytesDelta: number, countDelta: number): boolean {
    const prefix = this.prefixOf(path)
    if (prefix === null) return false
    const limitNode = this.#find(`${QUOTA_ROOT}${prefix}/${LIMIT_NODE}`)
    const statNode = this.#find(`${QUOTA_ROOT}${prefix}/${STAT_NODE}`)
    if (limitNode === layout.NO_NODE || statNode === layout.NO_NODE) return false
    const limit = parseStats(this.#text(limitNode))
    const stats = parseStats(this.#text(statNode))
    const tooMany = limit.countHardLimit > -1 && stats.count + countDelta > limit.countHardLimit
    const tooLarge = limit.byteHardLimit > -1 && stats.bytes + bytesDelta > limit.byteHardLimit
    return (countDelta !== 0 && tooMany) || (bytesDelta !== 0 && tooLarge)
  }

  /** Finds every limit after a snapshot was loaded, and counts what is below it. */
  rebuild(): void {
    this.#limited.clear()
    const root = this.#find(QUOTA_ROOT)
    if (root === layout.NO_NODE) return
    const paths: string[] = []
    const open: [number, string][] = [[root, QUOTA_ROOT]]
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const [node, path] = next
      let child = this.#store.word(node, layout.FIRST_CHILD)
      for (; child !== layout.NO_NODE; child = this.#store.word(child, layout.NEXT_SIBLING)) {
        const name = this.#name(child)
        if (name === LIMIT_NODE) paths.push(path.slice(QUOTA_ROOT.length))
        else open.push([child, `${path}/${name}`])
      }
    }
    for (const path of paths) {
      this.#limited.add(path)
      this.#recount(path)
    }
  }

  #recount(path: string): void {
    const statNode = this.#find(`${QUOTA_ROOT}${path}/${STAT_NODE}`)
    const top = this.#find(path)
    if (statNode === layout.NO_NODE) return
    let count = 0
    let bytes = 0
    const open: number[] = top === layout.NO_NODE ? [] : [top]
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      count++
      bytes += Math.max(0, this.#store.word(node, layout.DATA_LENGTH))
      let child = this.#store.word(node, layout.FIRST_CHILD)
      for (; child !== layout.NO_NODE; child = this.#store.word(child, layout.NEXT_SIBLING)) {
        open.push(child)
      }
    }
    this.#write(statNode, count, bytes)
  }

  #write(node: number, count: number, bytes: number): void {
    const text = utf8Bytes(`count=${count},bytes=${bytes}`)
    this.#store.setData(node, text, 0, text.length)
  }

  #find(path: string): number {
    const bytes = utf8Bytes(path)
    return this.#store.find(bytes, 0, bytes.length)
  }

  #text(node: number): string {
    const at = this.#store.dataOffset(node)
    const length = Math.max(0, this.#store.word(node, layout.DATA_LENGTH))
    return utf8(this.#store.dataBytes(node), at, at + length)
  }

  #name(node: number): string {
    const at = this.#store.nameOffset(node)
    return utf8(this.#store.nameBytes(node), at, at + this.#store.word(node, layout.NAME_LENGTH))
  }
}
