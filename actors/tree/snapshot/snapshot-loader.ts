// Builds a tree from the body of a snapshot file that arrives in pieces.
//
// What a piece cuts off is kept, and read again together with the next one. The end mark is
// followed by the seal and, depending on the writer's settings, a digest. The log has checked the
// seals; here only the digest is read, and the replay must arrive at it.

import { type Acl, OPEN_ACL, readAcls } from '../../../protocol/acl.ts'
import { JuteReader, MalformedError } from '../../../protocol/bytes/jute-reader.ts'
import { lastSlash } from '../../../protocol/path.ts'
import { sessionIdOf } from '../../../protocol/session-id.ts'
import {
  DIGEST_TRAILER_BYTES,
  SEAL_BYTES,
  ZXID_TRAILER_BYTES,
} from '../../../protocol/snapshot-file.ts'
import type { Zxid } from '../../../protocol/zxid.ts'
import { OPEN_ACL_ID } from '../store/acl-cache.ts'
import type { DataTree } from '../store/data-tree.ts'
import * as layout from '../store/node-layout.ts'

/** How many bytes follow the end mark if there is a digest, without and with the last zxid. */
const DIGEST_BYTES = SEAL_BYTES + DIGEST_TRAILER_BYTES + SEAL_BYTES
const TRAILER_WITH_DIGEST: ReadonlySet<number> = new Set([
  DIGEST_BYTES,
  DIGEST_BYTES + ZXID_TRAILER_BYTES + SEAL_BYTES,
])

export interface SnapshotDigest {
  zxid: Zxid
  high: number
  low: number
}

type Part = 'sessions' | 'acls' | 'nodes' | 'trailer'

export class SnapshotLoader {
  readonly #tree: DataTree
  readonly #reader = new JuteReader()
  #rest = new Uint8Array(0)
  #part: Part = 'sessions'
  #broken: string | null = null
  #parentPath: Uint8Array = new Uint8Array(0)
  #parent: number = layout.ROOT
  /** Items left in `sessions` or `acls`; null while the count is not read yet. Invariant: not negative. */
  #left: number | null = null
  /** By the writer's list ids. Each list is counted once here, and released at the end. */
  readonly #acls: Map<bigint, readonly Acl[]> = new Map()

  constructor(tree: DataTree) {
    this.#tree = tree
  }

  piece(bytes: Uint8Array, start: number, end: number): void {
    if (this.#broken !== null) return
    const joined = new Uint8Array(this.#rest.length + end - start)
    joined.set(this.#rest)
    joined.set(bytes.subarray(start, end), this.#rest.length)
    this.#reader.reset(joined, 0, joined.length)
    let mark = 0
    try {
      while (this.#part !== 'trailer') {
        this.#item()
        mark = this.#reader.offset
      }
    } catch (error) {
      // Perhaps only the piece ends here. If the file is damaged, the log says so and begins again.
      if (!(error instanceof MalformedError)) throw error
    }
    this.#rest = joined.slice(mark)
  }

  /** Throws MalformedError if the body was not complete. Returns the digest that came with it. */
  end(): SnapshotDigest | null {
    if (this.#broken !== null) throw new MalformedError(`snapshot: ${this.#broken}`)
    if (this.#part !== 'trailer') {
      throw new MalformedError(`snapshot ends within its ${this.#part}`)
    }
    this.#tree.quotas.rebuild()
    if (!TRAILER_WITH_DIGEST.has(this.#rest.length)) return null
    const reader = new JuteReader(this.#rest, SEAL_BYTES)
    const zxid = reader.zxid()
    // ZooKeeper writes zxid 0 for "no digest yet", before its first transaction.
    if (zxid <= 0) return null
    reader.int()
    return { zxid, high: reader.int(), low: reader.int() }
  }

  /** The body contradicts itself. Nothing more of it is read. */
  #fail(problem: string): never {
    this.#broken = problem
    throw new MalformedError(problem)
  }

  #item(): void {
    if (this.#part === 'nodes') {
      this.#node()
      return
    }
    if (this.#left === null) {
      const count = this.#reader.int()
      if (count < 0) this.#fail(`it has ${count} ${this.#part}`)
      this.#left = count
    } else if (this.#left > 0) {
      if (this.#part === 'sessions') this.#session()
      else this.#aclList()
      this.#left--
    }
    if (this.#left !== 0) return
    this.#left = null
    this.#part = this.#part === 'sessions' ? 'acls' : 'nodes'
  }

  #session(): void {
    const id = this.#reader.long()
    const timeoutMs = this.#reader.int()
    this.#tree.sessions.open(sessionIdOf(id), timeoutMs)
  }

  #aclList(): void {
    const id = this.#reader.long()
    this.#acls.set(id, readAcls(this.#reader) ?? [])
  }

  #node(): void {
    const reader = this.#reader
    const pathLength = Math.max(0, reader.bufferLength())
    const pathStart = reader.offset
    const pathEnd = pathStart + pathLength
    reader.skip(pathLength)
    if (pathLength === 1) {
      this.#part = 'trailer'
      return
    }
    const dataLength = reader.bufferLength()
    const dataStart = reader.offset
    reader.skip(Math.max(0, dataLength))
    const acl = reader.long()
    const statAt = reader.offset
    reader.skip(60)
    const acls = this.#listOf(acl)
    const node = this.#claim(pathStart, pathEnd)
    const store = this.#tree.store
    store.setData(node, dataLength < 0 ? null : reader.bytes, dataStart, dataStart + dataLength)
    reader.offset = statAt
    this.#readStat(node)
    this.#tree.adopt(node, this.#tree.acls.use(acls), reader.bytes, pathStart, pathEnd)
  }

  #claim(pathStart: number, pathEnd: number): number {
    if (pathEnd === pathStart) return layout.ROOT
    const bytes = this.#reader.bytes
    const slash = lastSlash(bytes, pathStart, pathEnd)
    const parent = this.#findParent(bytes, pathStart, slash)
    if (parent === layout.NO_NODE) return this.#fail('a node comes before its parent')
    return this.#tree.store.insert(parent, bytes, slash + 1, pathEnd)
  }

  /** Siblings follow one another, so the last parent is usually the right one. */
  #findParent(bytes: Uint8Array, start: number, end: number): number {
    const known = this.#parentPath
    let same = known.length === end - start
    for (let i = 0; same && i < known.length; i++) same = known[i] === bytes[start + i]
    if (same) return this.#parent
    this.#parentPath = bytes.slice(start, end)
    this.#parent = this.#tree.find(bytes, start, end)
    return this.#parent
  }

  #listOf(id: bigint): readonly Acl[] {
    if (id === BigInt(OPEN_ACL_ID)) return OPEN_ACL
    const acls = this.#acls.get(id)
    if (acls === undefined) return this.#fail(`a node has the unknown access list ${id}`)
    return acls
  }

  /** StatPersisted: czxid, mzxid, ctime, mtime, versions, owner, pzxid */
  #readStat(node: number): void {
    const reader = this.#reader
    const store = this.#tree.store
    const words = store.record(node)
    const doubles = store.recordDoubles(node)
    const at = layout.recordAt(node)
    doubles[(at >> 1) + layout.CZXID] = reader.zxid()
    doubles[(at >> 1) + layout.MZXID] = reader.zxid()
    doubles[(at >> 1) + layout.CTIME] = reader.longNumber()
    doubles[(at >> 1) + layout.MTIME] = reader.longNumber()
    words[at + layout.VERSION] = reader.int()
    words[at + layout.CVERSION] = reader.int()
    words[at + layout.AVERSION] = reader.int()
    words[at + layout.OWNER_HIGH] = reader.int()
    words[at + layout.OWNER_LOW] = reader.int()
    doubles[(at >> 1) + layout.PZXID] = reader.zxid()
  }
}
