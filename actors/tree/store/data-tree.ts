// The committed tree: nodes, access lists, sessions, quotas, digest. Its methods are the effects of
// transactions, exactly as in ZooKeeper (DataTree.createNode, deleteNode, setData, setACL,
// killSession).
//
// Deterministic: the same calls give the same tree and digest on every member. No clock is read.
// Each method returns a ZooKeeper error code. During the replay of a fuzzy snapshot of Apache's,
// "exists already" and "no such node" are normal, and are repaired as Apache repairs them.

import type { Acl } from '../../../protocol/acl.ts'
import type { Span } from '../../../protocol/bytes/span.ts'
import { utf8, utf8Bytes } from '../../../protocol/bytes/text.ts'
import { kindOf, NodeKind } from '../../../protocol/ephemeral-owner.ts'
import { ErrorCode } from '../../../protocol/error-code.ts'
import { EventType } from '../../../protocol/op-code.ts'
import { lastSlash, QUOTA_ROOT, startsWith } from '../../../protocol/path.ts'
import { type SessionId, sessionIdOf } from '../../../protocol/session-id.ts'
import type { Zxid } from '../../../protocol/zxid.ts'
import { AclCache, OPEN_ACL_ID } from './acl-cache.ts'
import { NodeDigests } from './node-digests.ts'
import * as layout from './node-layout.ts'
import { NodeStore } from './node-store.ts'
import type { NodeWrite } from './node-write.ts'
import { Quotas } from './quota.ts'
import { SessionTable } from './session-table.ts'
import type { TreeDigest } from './tree-digest.ts'

const QUOTA_SUBTREE = utf8Bytes(`${QUOTA_ROOT}/`)

/** Told of every change as it is applied, for the watches. */
export interface ChangeListener {
  /** The range of `bytes` is the path. The lists are null if everyone may read. */
  changed(
    eventType: number,
    zxid: Zxid,
    bytes: Uint8Array,
    start: number,
    end: number,
    nodeAcls: readonly Acl[] | null,
    parentAcls: readonly Acl[] | null,
  ): void
}

/** What is known of a node since a transaction on it was prepared. */
export interface Foreseen {
  /** `node` is NO_NODE until it is made. */
  readonly change: { node: number }
  /** The CRC state after path and data, as they are with that transaction. */
  readonly contentCrc: number
}

/** A leader has prepared what it applies: it has found the nodes, and read their data. */
export interface PreparedChanges {
  /** Each change of a transaction in its order; null if the next one is not of this path. */
  next(zxid: Zxid, bytes: Uint8Array, start: number, end: number): Foreseen | null
}

export interface DataTreeOptions {
  digestEnabled: boolean
  extendedTypes: boolean
}

export class DataTree {
  readonly store: NodeStore = new NodeStore()
  readonly acls: AclCache = new AclCache()
  readonly sessions: SessionTable = new SessionTable()
  readonly quotas: Quotas
  readonly digests: NodeDigests
  /** The nodes that the cleaner looks at. */
  readonly containers: Set<number> = new Set()
  readonly ttls: Set<number> = new Set()
  readonly #orphans: Set<number> = new Set()
  /** The sum of path and data lengths, for the operator. */
  approximateBytes = 0
  ephemeralCount = 0
  /** On a server that may lead. */
  preparedChanges: PreparedChanges | null = null
  readonly options: DataTreeOptions
  readonly #listener: ChangeListener

  constructor(options: DataTreeOptions, listener: ChangeListener) {
    this.options = options
    this.#listener = listener
    this.digests = new NodeDigests(this.store, options.digestEnabled)
    this.quotas = new Quotas(this.store)
  }

  /** Makes the nodes that every new tree has. */
  plant(): void {
    const root = layout.ROOT
    this.store.setData(root, NO_BYTES, 0, 0)
    this.adopt(root, OPEN_ACL_ID, NO_BYTES, 0, 0)
    for (const path of ['/zookeeper', QUOTA_ROOT]) this.#plant(path, OPEN_ACL_ID)
    this.plantConfigNode()
  }

  /** Makes the configuration's node, which a tree older than ZooKeeper 3.5 lacks. */
  plantConfigNode(): void {
    const readable = this.acls.use([{ perms: 1, id: { scheme: 'world', id: 'anyone' } }])
    const node = this.#plant('/zookeeper/config', readable)
    this.store.setWord(node, layout.AVERSION, -1)
  }

  #plant(path: string, aclId: number): number {
    const bytes = utf8Bytes(path)
    const slash = path.lastIndexOf('/')
    const parent = this.store.find(bytes, 0, slash)
    const node = this.store.insert(parent, bytes, slash + 1, bytes.length)
    this.store.setData(node, NO_BYTES, 0, 0)
    this.adopt(node, aclId, bytes, 0, bytes.length)
    return node
  }

  /** Counts a node whose record and data are set: its access list, digest, owner and size. The
   * caller has counted the list's user. The range is the node's path. */
  adopt(
    node: number,
    aclId: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    contentCrc?: number,
  ): void {
    this.store.setWord(node, layout.ACL_ID, aclId)
    this.digests.made(node, bytes, start, end, contentCrc)
    this.#register(node)
    this.approximateBytes += end - start + Math.max(0, this.store.word(node, layout.DATA_LENGTH))
  }

  get digest(): TreeDigest {
    return this.digests.sum
  }

  find(bytes: Uint8Array, start: number, end: number): number {
    return this.store.find(bytes, start, end)
  }

  createNode(write: NodeWrite): ErrorCode {
    const { path, data, acls, zxid, timeMs } = write
    const { bytes, start, end } = path
    const store = this.store
    const slash = lastSlash(bytes, start, end)
    // Preparing changed the parent first.
    this.preparedChanges?.next(zxid, bytes, start, slash)
    const parent = store.findParent(bytes, start, slash)
    if (parent === layout.NO_NODE) return ErrorCode.noNode
    const foreseen = this.preparedChanges?.next(zxid, bytes, start, end)
    const hash = store.childHash(parent, bytes, slash + 1, end)
    const existing = store.findChild(parent, bytes, slash + 1, end, hash)
    this.#raiseParent(parent, write.parentCversion, zxid)
    if (existing !== layout.NO_NODE) {
      const previous = store.word(existing, layout.ACL_ID)
      store.setWord(existing, layout.ACL_ID, this.acls.use(acls))
      this.acls.release(previous)
      return ErrorCode.nodeExists
    }
    const node = store.insert(parent, bytes, slash + 1, end, hash)
    const words = store.record(node)
    const wordsAt = layout.recordAt(node)
    words[wordsAt + layout.OWNER_HIGH] = write.ownerHigh
    words[wordsAt + layout.OWNER_LOW] = write.ownerLow
    const doubles = store.recordDoubles(node)
    const at = wordsAt >> 1
    doubles[at + layout.CZXID] = zxid
    doubles[at + layout.MZXID] = zxid
    doubles[at + layout.PZXID] = zxid
    doubles[at + layout.CTIME] = timeMs
    doubles[at + layout.MTIME] = timeMs
    store.setData(node, data.isNull ? null : data.bytes, data.start, data.end)
    const aclId = this.acls.use(acls)
    this.adopt(node, aclId, bytes, start, end, foreseen?.contentCrc)
    if (foreseen) foreseen.change.node = node
    write.node = node
    this.#account(bytes, start, end, data.length, 1)
    this.#tell(EventType.nodeCreated, zxid, bytes, start, end, aclId, parent)
    return ErrorCode.ok
  }

  deleteNode({ bytes, start, end }: Span, zxid: Zxid): ErrorCode {
    const store = this.store
    const slash = lastSlash(bytes, start, end)
    // Preparing changed the parent first.
    this.preparedChanges?.next(zxid, bytes, start, slash)
    const parent = store.findParent(bytes, start, slash)
    if (parent === layout.NO_NODE) return ErrorCode.noNode
    const foreseen = this.preparedChanges?.next(zxid, bytes, start, end)
    const node = this.#nodeAt(foreseen, bytes, start, end)
    if (zxid > store.double(parent, layout.PZXID)) {
      const cversion = store.word(parent, layout.CVERSION)
      this.digests.parentChanging(parent, { pzxid: zxid, cversion })
      store.setDouble(parent, layout.PZXID, zxid)
    }
    if (node === layout.NO_NODE) return ErrorCode.noNode
    const dataLength = Math.max(0, store.word(node, layout.DATA_LENGTH))
    this.approximateBytes -= end - start + dataLength
    this.digests.removing(node)
    this.#unregister(node)
    const aclId = store.word(node, layout.ACL_ID)
    store.remove(node)
    this.#account(bytes, start, end, -dataLength, -1)
    this.#tell(EventType.nodeDeleted, zxid, bytes, start, end, aclId, parent)
    this.acls.release(aclId)
    return ErrorCode.ok
  }

  setData(write: NodeWrite): ErrorCode {
    const { path, data, version, zxid, timeMs } = write
    const { bytes, start, end } = path
    const store = this.store
    const foreseen = this.preparedChanges?.next(zxid, bytes, start, end)
    const node = this.#nodeAt(foreseen, bytes, start, end)
    if (node === layout.NO_NODE) return ErrorCode.noNode
    const words = store.record(node)
    const at = layout.recordAt(node)
    const lengthBefore = Math.max(0, words[at + layout.DATA_LENGTH]!)
    store.setData(node, data.isNull ? null : data.bytes, data.start, data.end)
    const written = { mzxid: zxid, mtime: timeMs, version }
    this.digests.writing(node, bytes, start, end, written, foreseen?.contentCrc)
    const doubles = store.recordDoubles(node)
    doubles[(at >> 1) + layout.MTIME] = timeMs
    doubles[(at >> 1) + layout.MZXID] = zxid
    words[at + layout.VERSION] = version
    this.approximateBytes += data.length - lengthBefore
    write.node = node
    this.#account(bytes, start, end, data.length - lengthBefore, 0)
    const aclId = words[at + layout.ACL_ID]!
    this.#tell(EventType.nodeDataChanged, zxid, bytes, start, end, aclId, layout.NO_NODE)
    return ErrorCode.ok
  }

  setAcl(write: NodeWrite): ErrorCode {
    const { bytes, start, end } = write.path
    const store = this.store
    const node = store.find(bytes, start, end)
    if (node === layout.NO_NODE) return ErrorCode.noNode
    const previous = store.word(node, layout.ACL_ID)
    store.setWord(node, layout.ACL_ID, this.acls.use(write.acls))
    this.acls.release(previous)
    store.setWord(node, layout.AVERSION, write.version)
    this.digests.statChanged(node)
    write.node = node
    return ErrorCode.ok
  }

  /** The node at the path, which preparing may have found already. */
  #nodeAt(known: Foreseen | null | undefined, bytes: Uint8Array, from: number, to: number): number {
    return this.store.confirm(known?.change.node ?? layout.NO_NODE, bytes, from, to)
  }

  /** Gives every ephemeral whose owner is unknown a session again, so that a transaction deletes it
   * when that session ends. Only a damaged or a foreign fuzzy snapshot leaves such nodes. */
  adoptOrphans(timeoutMs: number): void {
    for (const node of this.#orphans) {
      this.sessions.open(this.owner(node), timeoutMs).ephemerals.add(node)
    }
    this.#orphans.clear()
  }

  /** The paths of the session's ephemerals as they are now. */
  ephemeralPaths(id: SessionId): string[] {
    const session = this.sessions.get(id)
    return session === undefined ? [] : [...session.ephemerals].map((node) => this.path(node))
  }

  /** The path as text. The root is "/". */
  path(node: number): string {
    if (node === layout.ROOT) return '/'
    const bytes = new Uint8Array(this.store.pathLength(node) + 1)
    const at = this.store.pathInto(node, bytes)
    return utf8(bytes, at, bytes.length)
  }

  kind(node: number): NodeKind {
    const store = this.store
    return kindOf(
      store.word(node, layout.OWNER_HIGH),
      store.word(node, layout.OWNER_LOW),
      this.options.extendedTypes,
    )
  }

  owner(node: number): SessionId {
    const high = BigInt(this.store.word(node, layout.OWNER_HIGH))
    const low = BigInt(this.store.word(node, layout.OWNER_LOW) >>> 0)
    return sessionIdOf((high << 32n) | low)
  }

  /** Only ever raises it: replay must not turn a parent back (ZOOKEEPER-3125, 3249). Beyond 2^31
   * - 1 the counter wraps around, where Apache's stays and gives out the same name again and
   * again. */
  #raiseParent(parent: number, parentCversion: number, zxid: Zxid): void {
    const store = this.store
    const current = store.word(parent, layout.CVERSION)
    const wanted = parentCversion === -1 ? (current + 1) | 0 : parentCversion
    if (((wanted - current) | 0) <= 0) return
    this.digests.parentChanging(parent, { pzxid: zxid, cversion: wanted })
    store.setWord(parent, layout.CVERSION, wanted)
    store.setDouble(parent, layout.PZXID, zxid)
  }

  #register(node: number): void {
    switch (this.kind(node)) {
      case NodeKind.container:
        this.containers.add(node)
        break
      case NodeKind.ttl:
        this.ttls.add(node)
        break
      case NodeKind.ephemeral:
        this.#own(node)
        break
      case NodeKind.persistent:
        break
    }
  }

  #own(node: number): void {
    const session = this.sessions.get(this.owner(node))
    if (session === undefined) this.#orphans.add(node)
    else session.ephemerals.add(node)
    this.ephemeralCount++
  }

  #unregister(node: number): void {
    switch (this.kind(node)) {
      case NodeKind.container:
        this.containers.delete(node)
        break
      case NodeKind.ttl:
        this.ttls.delete(node)
        break
      case NodeKind.ephemeral:
        this.sessions.get(this.owner(node))?.ephemerals.delete(node)
        this.#orphans.delete(node)
        this.ephemeralCount--
        break
      case NodeKind.persistent:
        break
    }
  }

  #account(
    bytes: Uint8Array,
    start: number,
    end: number,
    bytesDelta: number,
    countDelta: number,
  ): void {
    if (startsWith(bytes, start, end, QUOTA_SUBTREE)) {
      const path = utf8(bytes, start, end)
      if (countDelta > 0) this.quotas.onCreate(path)
      if (countDelta < 0) this.quotas.onDelete(path)
    }
    if (!this.quotas.empty) this.quotas.account(utf8(bytes, start, end), bytesDelta, countDelta)
  }

  #tell(
    eventType: number,
    zxid: Zxid,
    bytes: Uint8Array,
    start: number,
    end: number,
    aclId: number,
    parent: number,
  ): void {
    const parentAcls =
      parent === layout.NO_NODE
        ? null
        : this.acls.restricting(this.store.word(parent, layout.ACL_ID))
    const acls = this.acls.restricting(aclId)
    this.#listener.changed(eventType, zxid, bytes, start, end, acls, parentAcls)
  }
}

const NO_BYTES = new Uint8Array(0)
