// Keeps the digest of every node, and their sum, in step with the tree. Nodes below /zookeeper do
// not count.

import { CRC32_START, crc32Update } from '../../../protocol/bytes/crc32.ts'
import { utf8Bytes } from '../../../protocol/bytes/text.ts'
import { startsWith } from '../../../protocol/path.ts'
import * as layout from './node-layout.ts'
import type { NodeStore } from './node-store.ts'
import {
  type DigestedStat,
  nodeDigest,
  nodeDigestAfterChild,
  nodeDigestAfterWrite,
  type ParentStat,
  TreeDigest,
  type WrittenStat,
} from './tree-digest.ts'

const ZOOKEEPER_SUBTREE = utf8Bytes('/zookeeper/')

export class NodeDigests {
  readonly sum: TreeDigest = new TreeDigest()
  readonly #store: NodeStore
  readonly #enabled: boolean
  readonly #stat: DigestedStat = {
    czxid: 0,
    mzxid: 0,
    pzxid: 0,
    ctime: 0,
    mtime: 0,
    version: 0,
    cversion: 0,
    aversion: 0,
    ownerHigh: 0,
    ownerLow: 0,
  }

  constructor(store: NodeStore, enabled: boolean) {
    this.#store = store
    this.#enabled = enabled
  }

  /** A new node, with data and stat set. The range is its path. `contentCrc`: if it is known
   * already. */
  made(
    node: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    contentCrc: number = this.#contentCrc(node, bytes, start, end),
  ): void {
    if (!this.#enabled) return
    this.#store.setWord(node, layout.CONTENT_CRC, contentCrc)
    this.#replace(node, isCoveredPath(bytes, start, end) ? this.#digestOf(node) : 0)
  }

  /** The data was replaced. The stat will be set when this returns. */
  writing(
    node: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    written: WrittenStat,
    contentCrc: number = this.#contentCrc(node, bytes, start, end),
  ): void {
    if (!this.#enabled) return
    const words = this.#store.record(node)
    const at = layout.recordAt(node)
    const doubles = this.#store.recordDoubles(node)
    const contentBefore = words[at + layout.CONTENT_CRC]!
    words[at + layout.CONTENT_CRC] = contentCrc
    if (!isCoveredPath(bytes, start, end)) return
    const before = {
      mzxid: doubles[(at >> 1) + layout.MZXID]!,
      mtime: doubles[(at >> 1) + layout.MTIME]!,
      version: words[at + layout.VERSION]!,
    }
    const digest = words[at + layout.DIGEST]! >>> 0
    this.#replace(node, nodeDigestAfterWrite(digest, contentBefore, contentCrc, before, written))
  }

  /** A child comes or goes. The stat will be changed when this returns. */
  parentChanging(node: number, after: ParentStat): void {
    if (!this.#enabled) return
    const words = this.#store.record(node)
    const at = layout.recordAt(node)
    const digest = words[at + layout.DIGEST]! >>> 0
    if (digest === 0 && !this.isCovered(node)) return
    const before = {
      pzxid: this.#store.double(node, layout.PZXID),
      cversion: words[at + layout.CVERSION]!,
    }
    this.#replace(node, nodeDigestAfterChild(digest, before, after))
  }

  /** The stat was changed in another way. */
  statChanged(node: number): void {
    if (this.#enabled) this.#replace(node, this.isCovered(node) ? this.#digestOf(node) : 0)
  }

  /** The node goes. */
  removing(node: number): void {
    this.sum.replace(this.#store.word(node, layout.DIGEST) >>> 0, 0)
  }

  /** Whether the digest counts the node. */
  isCovered(node: number): boolean {
    let n = node
    let below = layout.NO_NODE
    while (n !== layout.ROOT) {
      below = n
      n = this.#store.word(n, layout.PARENT)
      if (n === layout.ROOT) return below === node || !this.#isZookeeperNode(below)
    }
    return true
  }

  #isZookeeperNode(topLevel: number): boolean {
    const store = this.#store
    const length = store.word(topLevel, layout.NAME_LENGTH)
    if (length !== ZOOKEEPER_SUBTREE.length - 2) return false
    const at = store.nameOffset(topLevel)
    const name = store.nameBytes(topLevel)
    for (let i = 0; i < length; i++) if (name[at + i] !== ZOOKEEPER_SUBTREE[i + 1]) return false
    return true
  }

  #replace(node: number, digest: number): void {
    const words = this.#store.record(node)
    const at = layout.recordAt(node) + layout.DIGEST
    this.sum.replace(words[at]! >>> 0, digest)
    words[at] = digest
  }

  /** The CRC state after path and data, which is kept so that a change of the stat costs only 60
   * bytes of CRC. */
  #contentCrc(node: number, bytes: Uint8Array, start: number, end: number): number {
    if (!this.#enabled) return 0
    const store = this.#store
    // To the digest the root is the empty path.
    const path = end - start === 1 ? end : start
    const crc = crc32Update(CRC32_START, bytes, path, end)
    const dataAt = store.dataOffset(node)
    const dataEnd = dataAt + Math.max(0, store.word(node, layout.DATA_LENGTH))
    return crc32Update(crc, store.dataBytes(node), dataAt, dataEnd)
  }

  #digestOf(node: number): number {
    const stat = this.#stat
    const words = this.#store.record(node)
    const doubles = this.#store.recordDoubles(node)
    const at = layout.recordAt(node)
    stat.czxid = doubles[(at >> 1) + layout.CZXID]!
    stat.mzxid = doubles[(at >> 1) + layout.MZXID]!
    stat.pzxid = doubles[(at >> 1) + layout.PZXID]!
    stat.ctime = doubles[(at >> 1) + layout.CTIME]!
    stat.mtime = doubles[(at >> 1) + layout.MTIME]!
    stat.version = words[at + layout.VERSION]!
    stat.cversion = words[at + layout.CVERSION]!
    stat.aversion = words[at + layout.AVERSION]!
    stat.ownerHigh = words[at + layout.OWNER_HIGH]!
    stat.ownerLow = words[at + layout.OWNER_LOW]!
    return nodeDigest(words[at + layout.CONTENT_CRC]!, stat)
  }
}

/** Whether the digest counts the node at a path. */
export function isCoveredPath(bytes: Uint8Array, start: number, end: number): boolean {
  return !startsWith(bytes, start, end, ZOOKEEPER_SUBTREE)
}
