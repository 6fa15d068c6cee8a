// What the tree will be once every proposal under way is committed: the overlay that writes are
// validated against (ZooKeeperServer.outstandingChanges).
//
// A change is a node's whole future: stat, child count, access list, digest. There is one a path;
// it hides the committed node, is changed in place by each further proposal, and is forgotten when
// the last transaction that touched it has been applied. A multi that fails half-way is rolled
// back, the sequence counter included (ZOOKEEPER-1624): while one is under way, changes are copies.

import type { Acl } from '../../protocol/acl.ts'
import { CRC32_START, crc32Update } from '../../protocol/crc32.ts'
import { kindOf, NodeKind } from '../../protocol/ephemeral-owner.ts'
import { type SessionId, sessionFrom } from '../../protocol/session-id.ts'
import { utf8Bytes } from '../../protocol/text.ts'
import { ZXID_NONE, type Zxid } from '../../protocol/zxid.ts'
import type { DataTree } from './data-tree.ts'
import * as layout from './node-layout.ts'
import { type DigestedStat, nodeDigest, TreeDigest } from './tree-digest.ts'

export interface Change extends DigestedStat {
  /** The transaction that touched it last. */
  zxid: Zxid
  /** The root's is "". */
  readonly path: string
  /** False: the node will be gone. */
  exists: boolean
  childCount: number
  acls: readonly Acl[]
  /** 0 for null data. */
  dataLength: number
  /** CRC states after the path, and after path and data. */
  readonly pathCrc: number
  contentCrc: number
  /** Whether the tree's digest counts the node. */
  readonly covered: boolean
  digest: number
}

/** A change as it was proposed: settled together with its transaction. */
interface Touch {
  readonly zxid: Zxid
  readonly change: Change
}

interface Undo {
  readonly path: string
  readonly previous: Change | undefined
}

export class Outstanding {
  /** The digest after the last proposal. */
  readonly digest: TreeDigest = new TreeDigest()
  readonly #tree: DataTree
  readonly #byPath: Map<string, Change> = new Map()
  /** Of ephemerals. When a thousand sessions expire, each is not to look through the changes of all
   * the others. A change that another has replaced stays until it is settled. */
  readonly #byOwner: Map<SessionId, Set<Change>> = new Map()
  #queue: Touch[] = []
  #head = 0
  #undo: Undo[] | null = null
  readonly #digestBefore: TreeDigest = new TreeDigest()

  constructor(tree: DataTree) {
    this.#tree = tree
  }

  /** Changes held. */
  get count(): number {
    return this.#queue.length - this.#head
  }

  /** The node as it will be, null when there will be none. The caller may change it once nothing
   * can fail any more, and then hands it to `add`. `path` and the byte range say the same. */
  get(path: string, bytes: Uint8Array, start: number, end: number): Change | null {
    const key = path === '/' ? '' : path
    const change = this.#byPath.get(key)
    if (change !== undefined) {
      if (!change.exists) return null
      return this.#undo === null ? change : { ...change }
    }
    const node = this.#tree.find(bytes, start, end)
    if (node === layout.NO_NODE) return null
    return this.#committed(key, node, this.#pathCrc(bytes, start, key === '' ? start : end))
  }

  find(path: string): Change | null {
    const bytes = utf8Bytes(path)
    return this.get(path, bytes, 0, bytes.length)
  }

  /** A node that does not exist yet. */
  fresh(path: string, acls: readonly Acl[], data: Uint8Array | null, zxid: Zxid): Change {
    const bytes = utf8Bytes(path)
    const pathCrc = this.#pathCrc(bytes, 0, bytes.length)
    return {
      path,
      exists: true,
      childCount: 0,
      acls,
      dataLength: data === null ? 0 : data.length,
      pathCrc,
      contentCrc: this.contentCrc(pathCrc, data),
      covered: !path.startsWith('/zookeeper/'),
      digest: 0,
      zxid,
      czxid: zxid,
      mzxid: zxid,
      pzxid: zxid,
      ctime: 0,
      mtime: 0,
      version: 0,
      cversion: 0,
      aversion: 0,
      ownerHigh: 0,
      ownerLow: 0,
    }
  }

  /** Records a change by transaction `zxid` and moves the predicted digest on. */
  add(change: Change, zxid: Zxid): void {
    if (this.#undo !== null) {
      this.#undo.push({ path: change.path, previous: this.#byPath.get(change.path) })
    }
    change.zxid = zxid
    const before = change.digest
    if (this.#tree.options.digestEnabled) {
      const counted = change.exists && change.covered
      change.digest = counted ? nodeDigest(change.contentCrc, change) : 0
      this.digest.replace(before, change.digest)
    }
    this.#byPath.set(change.path, change)
    this.#queue.push({ zxid, change })
    if (this.#isEphemeral(change)) this.#own(change)
  }

  /** Forgets the changes of transactions up to this one: they are in the tree now. */
  settle(zxid: Zxid): void {
    while (this.#head < this.#queue.length && this.#queue[this.#head]!.zxid <= zxid) {
      const { change } = this.#queue[this.#head++]!
      const newest = change.zxid <= zxid && this.#byPath.get(change.path) === change
      if (newest) this.#byPath.delete(change.path)
      if (change.zxid <= zxid) this.#disown(change)
    }
    if (this.#head === this.#queue.length) {
      this.#queue.length = 0
      this.#head = 0
    } else if (this.#head > 4096) {
      this.#queue = this.#queue.slice(this.#head)
      this.#head = 0
    }
  }

  /** Begins a multi: changes from here on can be taken back. */
  begin(): void {
    this.#undo = []
    this.#digestBefore.copyFrom(this.digest)
  }

  keep(): void {
    this.#undo = null
  }

  rollback(): void {
    for (const { path, previous } of (this.#undo ?? []).reverse()) {
      const touch = this.#queue.pop()
      if (touch !== undefined) this.#disown(touch.change)
      if (previous === undefined) this.#byPath.delete(path)
      else this.#byPath.set(path, previous)
    }
    this.#undo = null
    this.digest.copyFrom(this.#digestBefore)
  }

  /** Forgets everything: this server no longer proposes, or begins to. */
  reset(): void {
    this.#byPath.clear()
    this.#byOwner.clear()
    this.#queue = []
    this.#head = 0
    this.#undo = null
    this.digest.copyFrom(this.#tree.digest)
  }

  /** The session's ephemerals as they will be. A change hides the committed node: one that was
   * deleted and made again by somebody else is no longer the session's. */
  ephemeralPaths(owner: SessionId, committed: readonly string[]): string[] {
    const paths = new Set<string>()
    for (const path of committed) {
      const change = this.#byPath.get(path)
      if (change === undefined || this.#isOwned(change, owner)) paths.add(path)
    }
    for (const change of this.#byOwner.get(owner) ?? []) {
      if (this.#byPath.get(change.path) === change && change.exists) paths.add(change.path)
    }
    return [...paths]
  }

  /** The CRC state after path and data. */
  contentCrc(pathCrc: number, data: Uint8Array | null): number {
    if (!this.#tree.options.digestEnabled || data === null) return pathCrc
    return crc32Update(pathCrc, data, 0, data.length)
  }

  #pathCrc(bytes: Uint8Array, start: number, end: number): number {
    if (!this.#tree.options.digestEnabled) return CRC32_START
    return crc32Update(CRC32_START, bytes, start, end)
  }

  #isOwned(change: Change, owner: SessionId): boolean {
    return change.exists && this.#isEphemeral(change) && ownerOf(change) === owner
  }

  #isEphemeral({ ownerHigh, ownerLow }: Change): boolean {
    return kindOf(ownerHigh, ownerLow, this.#tree.options.extendedTypes) === NodeKind.ephemeral
  }

  #own(change: Change): void {
    const owner = ownerOf(change)
    const owned = this.#byOwner.get(owner)
    if (owned === undefined) this.#byOwner.set(owner, new Set([change]))
    else owned.add(change)
  }

  #disown(change: Change): void {
    if (!this.#isEphemeral(change)) return
    const owner = ownerOf(change)
    const owned = this.#byOwner.get(owner)
    if (owned?.delete(change) && owned.size === 0) this.#byOwner.delete(owner)
  }

  #committed(path: string, node: number, pathCrc: number): Change {
    const store = this.#tree.store
    return {
      path,
      exists: true,
      childCount: store.word(node, layout.NUM_CHILDREN),
      acls: this.#tree.acls.list(store.word(node, layout.ACL_ID)),
      dataLength: Math.max(0, store.word(node, layout.DATA_LENGTH)),
      pathCrc,
      contentCrc: store.word(node, layout.CONTENT_CRC),
      covered: this.#tree.isCovered(node),
      digest: store.word(node, layout.DIGEST) >>> 0,
      zxid: ZXID_NONE,
      czxid: store.double(node, layout.CZXID),
      mzxid: store.double(node, layout.MZXID),
      pzxid: store.double(node, layout.PZXID),
      ctime: store.double(node, layout.CTIME),
      mtime: store.double(node, layout.MTIME),
      version: store.word(node, layout.VERSION),
      cversion: store.word(node, layout.CVERSION),
      aversion: store.word(node, layout.AVERSION),
      ownerHigh: store.word(node, layout.OWNER_HIGH),
      ownerLow: store.word(node, layout.OWNER_LOW),
    }
  }
}

function ownerOf({ ownerHigh, ownerLow }: Change): SessionId {
  return sessionFrom(ownerHigh, ownerLow)
}
