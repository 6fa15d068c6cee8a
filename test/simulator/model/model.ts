// The tree as anybody would write it down: a Map from path to node, with every version kept, so
// that a reply can be checked against the state at its zxid, however late it arrives.
//
// Nodes are values: a change makes a new one. Nothing here is shared with the server but the codec.

import { crc32 } from 'node:zlib'
import type { Acl } from '../../../protocol/acl.ts'
import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { EventType } from '../../../protocol/op-code.ts'
import type { SessionId } from '../../../protocol/session-id.ts'
import { type Stat, writeStat } from '../../../protocol/stat.ts'
import type { Zxid } from '../../../protocol/zxid.ts'

export interface ModelNode {
  readonly path: string
  readonly data: Uint8Array | null
  readonly acls: readonly Acl[]
  readonly czxid: Zxid
  readonly mzxid: Zxid
  readonly pzxid: Zxid
  readonly ctime: number
  readonly mtime: number
  readonly version: number
  /** Children ever created. */
  readonly creates: number
  readonly aversion: number
  /** As stored: a session, or the mark of a container or a TTL. */
  readonly owner: bigint
  readonly children: ReadonlySet<string>
}

export interface ModelSession {
  readonly timeoutMs: number
  readonly opened: Zxid
  /** Infinity while it lives. */
  closed: number
}

/** A change as watches see it. */
export interface Change {
  readonly zxid: Zxid
  readonly eventType: number
  readonly path: string
  readonly nodeAcls: readonly Acl[]
  readonly parentAcls: readonly Acl[]
}

interface Version {
  readonly zxid: Zxid
  readonly node: ModelNode | null
}

export const OPEN: readonly Acl[] = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }]
const READ_ONLY: readonly Acl[] = [{ perms: 1, id: { scheme: 'world', id: 'anyone' } }]
export const CONTAINER: bigint = -(2n ** 63n)

export class Model {
  /** The newest transaction evaluated. */
  last: Zxid = 0 as Zxid
  readonly sessions: Map<SessionId, ModelSession> = new Map()
  readonly changes: Change[] = []
  /** Every transaction's bytes, by zxid. */
  readonly txns: Map<Zxid, Uint8Array> = new Map()
  readonly #versions: Map<string, Version[]> = new Map()
  readonly #digests: Map<Zxid, bigint> = new Map()
  /** Paths that each owner has ever had a node at. */
  readonly #owned: Map<bigint, Set<string>> = new Map()

  /** `config`: what /zookeeper/config holds. */
  constructor(config: Uint8Array = new Uint8Array(0)) {
    const zero = 0 as Zxid
    const plant = (path: string, children: string[], acls: readonly Acl[], aversion: number) =>
      this.put({ ...freshNode(path, zero, 0), children: new Set(children), acls, aversion }, zero)
    plant('/', ['zookeeper'], OPEN, 0)
    plant('/zookeeper', ['quota', 'config'], OPEN, 0)
    plant('/zookeeper/quota', [], OPEN, 0)
    plant('/zookeeper/config', [], READ_ONLY, -1)
    this.put({ ...this.now('/zookeeper/config')!, data: config }, zero)
  }

  /** A reconfiguration, or what a leader has written there by itself. */
  reconfigure(
    config: Uint8Array | null,
    by: { readonly zxid: Zxid; readonly timeMs: number },
  ): void {
    const node = this.now('/zookeeper/config')!
    const { zxid, timeMs: mtime } = by
    const next = { ...node, data: config?.slice() ?? null, mzxid: zxid, mtime, version: -1 }
    this.put(next, zxid)
    const changed = { zxid, eventType: EventType.nodeDataChanged, path: node.path }
    this.changes.push({ ...changed, nodeAcls: node.acls, parentAcls: [] })
  }

  /** The node as it was when everything up to `zxid` was applied. */
  at(path: string, zxid: Zxid): ModelNode | null {
    const versions = this.#versions.get(path)
    if (versions === undefined) return null
    for (let i = versions.length - 1; i >= 0; i--) {
      if (versions[i]!.zxid <= zxid) return versions[i]!.node
    }
    return null
  }

  now(path: string): ModelNode | null {
    return this.#versions.get(path)?.at(-1)?.node ?? null
  }

  put(node: ModelNode, zxid: Zxid): void {
    this.#record(node.path, node, zxid)
  }

  remove(path: string, zxid: Zxid): void {
    this.#record(path, null, zxid)
  }

  /** Ends the evaluation of a transaction. */
  finish(zxid: Zxid, bytes: Uint8Array): void {
    this.last = zxid
    this.txns.set(zxid, bytes)
    if (!this.#digests.has(zxid)) this.#digests.set(zxid, this.digestNow())
  }

  digestNow(): bigint {
    return this.#digest
  }

  digestAt(zxid: Zxid): bigint {
    return this.#digests.get(zxid) ?? 0n
  }

  /** Forgets transactions that were never acknowledged and did not survive. */
  rollback(zxid: Zxid): void {
    for (const [path, versions] of this.#versions) {
      while ((versions.at(-1)?.zxid ?? 0) > zxid) {
        const gone = versions.pop()!
        const before = versions.at(-1)?.node ?? null
        this.#digest += digestOf(before) - digestOf(gone.node)
      }
      if (versions.length === 0) this.#versions.delete(path)
    }
    for (const [id, session] of this.sessions) {
      if (session.opened > zxid) this.sessions.delete(id)
      else if (session.closed > zxid) session.closed = Number.POSITIVE_INFINITY
    }
    while ((this.changes.at(-1)?.zxid ?? 0) > zxid) this.changes.pop()
    for (let z = this.last; z > zxid; z--) {
      this.txns.delete(z)
      this.#digests.delete(z)
    }
    this.last = zxid
  }

  isOpen(id: SessionId, zxid: Zxid): boolean {
    const session = this.sessions.get(id)
    return session !== undefined && session.opened <= zxid && session.closed > zxid
  }

  /** Everything there was at `zxid`, in no order. */
  *nodesAt(zxid: Zxid): Generator<ModelNode> {
    for (const path of this.#versions.keys()) {
      const node = this.at(path, zxid)
      if (node !== null) yield node
    }
  }

  /** In order. */
  ephemeralsAt(id: SessionId, zxid: Zxid): string[] {
    const paths = [...(this.#owned.get(id) ?? [])]
    return paths.filter((path) => this.at(path, zxid)?.owner === id).sort()
  }

  #digest = 0n

  #record(path: string, node: ModelNode | null, zxid: Zxid): void {
    let versions = this.#versions.get(path)
    if (versions === undefined) {
      versions = []
      this.#versions.set(path, versions)
    }
    this.#digest += digestOf(node) - digestOf(versions.at(-1)?.node ?? null)
    if (versions.at(-1)?.zxid === zxid) versions.pop()
    versions.push({ zxid, node })
    if (node !== null && node.owner !== 0n) this.#own(node)
  }

  #own({ owner, path }: ModelNode): void {
    const paths = this.#owned.get(owner)
    if (paths === undefined) this.#owned.set(owner, new Set([path]))
    else paths.add(path)
  }
}

const NO_CHILDREN: ReadonlySet<string> = new Set()

export function freshNode(path: string, zxid: Zxid, timeMs: number): ModelNode {
  return {
    path,
    data: new Uint8Array(0),
    acls: OPEN,
    czxid: zxid,
    mzxid: zxid,
    pzxid: zxid,
    ctime: timeMs,
    mtime: timeMs,
    version: 0,
    creates: 0,
    aversion: 0,
    owner: 0n,
    children: NO_CHILDREN,
  }
}

export function isEphemeral(node: ModelNode): boolean {
  return node.owner !== 0n && node.owner !== CONTAINER && !isTtl(node)
}

/** Sessions of a simulation have the server id 1 on top, so nothing else begins with ff. */
export function isTtl(node: ModelNode): boolean {
  return node.owner !== CONTAINER && BigInt.asUintN(64, node.owner) >> 56n === 0xffn
}

export function statOf(node: ModelNode): Stat {
  return {
    czxid: node.czxid,
    mzxid: node.mzxid,
    ctime: node.ctime,
    mtime: node.mtime,
    version: node.version,
    cversion: node.creates * 2 - node.children.size,
    aversion: node.aversion,
    ephemeralOwner: isEphemeral(node) ? node.owner : 0n,
    dataLength: node.data?.length ?? 0,
    numChildren: node.children.size,
    pzxid: node.pzxid,
  }
}

export function writeStatOf(writer: JuteWriter, node: ModelNode): void {
  writeStat(writer, statOf(node))
}

const digests: WeakMap<ModelNode, bigint> = new WeakMap()

/** CRC-32 over path, data and the stat as it is stored; nothing below /zookeeper counts. */
function digestOf(node: ModelNode | null): bigint {
  if (node === null || node.path.startsWith('/zookeeper/')) return 0n
  const known = digests.get(node)
  if (known !== undefined) return known
  const writer = new JuteWriter()
  const path = new TextEncoder().encode(node.path === '/' ? '' : node.path)
  writer.raw(path, 0, path.length)
  if (node.data !== null) writer.raw(node.data, 0, node.data.length)
  writer.zxid(node.czxid)
  writer.zxid(node.mzxid)
  writer.zxid(node.pzxid)
  writer.longNumber(node.ctime)
  writer.longNumber(node.mtime)
  writer.int(node.version)
  writer.int(node.creates)
  writer.int(node.aversion)
  writer.long(node.owner)
  const digest = BigInt(crc32(writer.finish()))
  digests.set(node, digest)
  return digest
}
