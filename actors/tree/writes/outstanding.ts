// The tree as it will be once every proposal under way is committed: the overlay against which
// writes are validated (ZooKeeperServer.outstandingChanges).
//
// A change is a node's whole future: stat, child count, access list, digest. There is at most one
// for a path. It hides the committed node, is changed in place by each further proposal, and is
// forgotten when the last transaction that touched it has been applied. A multi that fails half-way
// is rolled back, including the sequence counter (ZOOKEEPER-1624): while a multi is prepared, each
// step is noted.

import type { Acl } from '../../../protocol/acl.ts'
import { CRC32_START, crc32Update } from '../../../protocol/bytes/crc32.ts'
import { KeptBytes } from '../../../protocol/bytes/kept-bytes.ts'
import { pathHash } from '../../../protocol/bytes/path-hash.ts'
import { utf8, utf8Bytes } from '../../../protocol/bytes/text.ts'
import { kindOf, NodeKind } from '../../../protocol/ephemeral-owner.ts'
import { SLASH } from '../../../protocol/path.ts'
import { type SessionId, sessionFrom } from '../../../protocol/session-id.ts'
import { ZXID_NONE, type Zxid } from '../../../protocol/zxid.ts'
import type { DataTree, Foreseen, PreparedChanges } from '../store/data-tree.ts'
import { isCoveredPath } from '../store/node-digests.ts'
import * as layout from '../store/node-layout.ts'
import { isAt, type Pathed, PathTable } from '../store/path-table.ts'
import {
  type DigestedStat,
  nodeDigest,
  nodeDigestAfterChild,
  nodeDigestAfterWrite,
  TreeDigest,
  type WrittenStat,
} from '../store/tree-digest.ts'

export interface Change extends DigestedStat, Pathed {
  /** The transaction that touched it last. */
  zxid: Zxid
  /** False: the node will be gone. */
  exists: boolean
  childCount: number
  acls: readonly Acl[]
  /** 0 for null data. */
  dataLength: number
  /** The CRC states after the path, and after path and data. */
  readonly pathCrc: number
  contentCrc: number
  /** Whether the tree's digest counts the node. */
  readonly covered: boolean
  digest: number
  /** The node in the committed tree; NO_NODE until the transaction that makes it is applied. */
  node: number
}

/** A change as it was proposed. It is forgotten together with its transaction. */
interface Touch extends Foreseen {
  readonly zxid: Zxid
  readonly change: Change
}

/** What a proposal may change. */
type Mutable = Omit<
  Change,
  keyof Pathed | 'pathCrc' | 'covered' | 'czxid' | 'ctime' | 'node' | Owner
>
type Owner = 'ownerHigh' | 'ownerLow'

/** A step to take back: either how a change was, or that it took the place of another. */
type Undo =
  | { readonly change: Change; readonly was: Mutable }
  | { readonly change: Change; readonly was: null; readonly previous: Change | undefined }

export class Outstanding implements PreparedChanges {
  /** The digest after the last proposal. */
  readonly digest: TreeDigest = new TreeDigest()
  readonly #tree: DataTree
  readonly #byPath: PathTable<Change> = new PathTable()
  /** Changes to ephemerals, by owner: when a thousand sessions expire, none should have to look
   * through the changes of all the others. A change that another has replaced stays until it is
   * forgotten. */
  readonly #byOwner: Map<SessionId, Set<Change>> = new Map()
  readonly #kept = new KeptBytes()
  #queue: Touch[] = []
  #head = 0
  /** How far applying has come in the queue. */
  #next = 0
  /** The steps of the present multi, oldest first. */
  #undo: Undo[] | null = null
  readonly #digestBefore: TreeDigest = new TreeDigest()

  constructor(tree: DataTree) {
    this.#tree = tree
  }

  /** The node as it will be; null if there will be none. Once nothing can fail any more the change
   * may be changed: by `write` and `count`, or by the caller between `edit` and `add`. */
  get(bytes: Uint8Array, start: number, end: number): Change | null {
    const to = pathEnd(bytes, start, end)
    const hash = pathHash(bytes, start, to)
    const change = this.#byPath.get(hash, bytes, start, to)
    if (change !== undefined) return change.exists ? change : null
    const node = this.#tree.store.find(bytes, start, to, hash)
    return node === layout.NO_NODE ? null : this.#committed(node, hash, bytes, start, to)
  }

  find(path: string): Change | null {
    const bytes = utf8Bytes(path)
    return this.get(bytes, 0, bytes.length)
  }

  /** A node that does not exist yet. */
  fresh(
    bytes: Uint8Array,
    start: number,
    end: number,
    acls: readonly Acl[],
    zxid: Zxid,
    timeMs: number,
  ): Change {
    const at = this.#kept.copy(bytes, start, end)
    const pathCrc = this.#crc(CRC32_START, bytes, start, end)
    return {
      hash: pathHash(bytes, start, end),
      bytes: this.#kept.chunk,
      start: at,
      end: at + end - start,
      exists: true,
      childCount: 0,
      acls,
      dataLength: 0,
      pathCrc,
      contentCrc: pathCrc,
      covered: isCoveredPath(bytes, start, end),
      digest: 0,
      node: layout.NO_NODE,
      zxid,
      czxid: zxid,
      mzxid: zxid,
      pzxid: zxid,
      ctime: timeMs,
      mtime: timeMs,
      version: 0,
      cversion: 0,
      aversion: 0,
      ownerHigh: 0,
      ownerLow: 0,
    }
  }

  /** Gives a new node its data, a range. Null data is an empty range. */
  fill(change: Change, bytes: Uint8Array, start: number, end: number): void {
    change.dataLength = end - start
    change.contentCrc = this.#crc(change.pathCrc, bytes, start, end)
  }

  /** Records that transaction `written.mzxid` replaces the data by a range. */
  write(change: Change, bytes: Uint8Array, start: number, end: number, written: WrittenStat): void {
    this.edit(change)
    const contentBefore = change.contentCrc
    this.fill(change, bytes, start, end)
    const digest = this.#isCounted(change)
      ? nodeDigestAfterWrite(change.digest, contentBefore, change.contentCrc, change, written)
      : 0
    change.mzxid = written.mzxid
    change.mtime = written.mtime
    change.version = written.version
    this.#record(change, written.mzxid as Zxid, digest)
  }

  /** Records that transaction `zxid` gives the node one more child, or takes one away. */
  count(change: Change, difference: 1 | -1, zxid: Zxid): void {
    this.edit(change)
    const cversion = difference === 1 ? (change.cversion + 1) | 0 : change.cversion
    const after = { pzxid: zxid, cversion }
    const digest = this.#isCounted(change) ? nodeDigestAfterChild(change.digest, change, after) : 0
    change.childCount += difference
    change.cversion = cversion
    change.pzxid = zxid
    this.#record(change, zxid, digest)
  }

  /** Call it before changing a change that `fresh` did not make. */
  edit(change: Change): void {
    this.#undo?.push({ change, was: mutableOf(change) })
  }

  /** Records a change by transaction `zxid`, and moves the predicted digest on. */
  add(change: Change, zxid: Zxid): void {
    const counted = change.exists && this.#isCounted(change)
    this.#record(change, zxid, counted ? nodeDigest(change.contentCrc, change) : 0)
  }

  #record(change: Change, zxid: Zxid, digest: number): void {
    change.zxid = zxid
    this.digest.replace(change.digest, digest)
    change.digest = digest
    const previous = this.#byPath.set(change)
    if (previous !== change) this.#undo?.push({ change, was: null, previous })
    this.#queue.push({ zxid, change, contentCrc: change.contentCrc })
    if (this.#isEphemeral(change)) this.#own(change)
  }

  /** Forgets the changes of transactions up to this one: they are in the tree now. */
  forgetUpTo(zxid: Zxid): void {
    while (this.#head < this.#queue.length && this.#queue[this.#head]!.zxid <= zxid) {
      const { change } = this.#queue[this.#head++]!
      if (change.zxid > zxid) continue
      this.#byPath.delete(change)
      this.#disown(change)
    }
    if (this.#head === this.#queue.length) {
      this.#queue.length = 0
      this.#head = 0
      this.#next = 0
    } else if (this.#head > 4096) {
      this.#queue = this.#queue.slice(this.#head)
      this.#next = Math.max(0, this.#next - this.#head)
      this.#head = 0
    }
  }

  next(zxid: Zxid, bytes: Uint8Array, start: number, end: number): Foreseen | null {
    while (this.#next < this.#queue.length && this.#queue[this.#next]!.zxid < zxid) this.#next++
    const touch = this.#queue[this.#next]
    if (touch?.zxid !== zxid) return null
    if (isAt(touch.change, bytes, start, pathEnd(bytes, start, end))) {
      this.#next++
      return touch
    }
    // Out of step: look up the rest of the transaction.
    while (this.#queue[this.#next]?.zxid === zxid) this.#next++
    return null
  }

  /** Begins a multi. Changes from here on can be taken back. */
  beginUndo(): void {
    this.#undo = []
    this.#digestBefore.copyFrom(this.digest)
  }

  dropUndo(): void {
    this.#undo = null
  }

  /** What stays in the queue is forgotten together with the transaction that reports the failure. */
  rollback(): void {
    for (const undo of (this.#undo ?? []).reverse()) {
      if (undo.was !== null) Object.assign(undo.change, undo.was)
      else if (undo.previous === undefined) this.#byPath.delete(undo.change)
      else this.#byPath.set(undo.previous)
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
    this.#next = 0
    this.#undo = null
    this.digest.copyFrom(this.#tree.digest)
  }

  /** The paths of the session's ephemerals that are under way. */
  ownedPaths(owner: SessionId): string[] {
    const paths: string[] = []
    for (const change of this.#byOwner.get(owner) ?? []) {
      const { hash, bytes, start, end } = change
      const isNewest = this.#byPath.get(hash, bytes, start, end) === change
      if (isNewest && change.exists) paths.push(utf8(bytes, start, end))
    }
    return paths
  }

  #crc(state: number, bytes: Uint8Array, start: number, end: number): number {
    return this.#tree.options.digestEnabled ? crc32Update(state, bytes, start, end) : state
  }

  #isCounted(change: Change): boolean {
    return change.covered && this.#tree.options.digestEnabled
  }

  /** Another session may have made the node again. */
  isOwned(change: Change, owner: SessionId): boolean {
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

  #committed(node: number, hash: number, bytes: Uint8Array, start: number, end: number): Change {
    const store = this.#tree.store
    const at = this.#kept.copy(bytes, start, end)
    return {
      hash,
      bytes: this.#kept.chunk,
      start: at,
      end: at + end - start,
      exists: true,
      childCount: store.word(node, layout.NUM_CHILDREN),
      acls: this.#tree.acls.list(store.word(node, layout.ACL_ID)),
      dataLength: Math.max(0, store.word(node, layout.DATA_LENGTH)),
      pathCrc: this.#crc(CRC32_START, bytes, start, end),
      contentCrc: store.word(node, layout.CONTENT_CRC),
      covered: isCoveredPath(bytes, start, end),
      digest: store.word(node, layout.DIGEST) >>> 0,
      node,
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

/** Here the root's path is empty. */
function pathEnd(bytes: Uint8Array, start: number, end: number): number {
  return end - start === 1 && bytes[start] === SLASH ? start : end
}

function ownerOf({ ownerHigh, ownerLow }: Change): SessionId {
  return sessionFrom(ownerHigh, ownerLow)
}

function mutableOf(change: Change): Mutable {
  return {
    zxid: change.zxid,
    exists: change.exists,
    childCount: change.childCount,
    acls: change.acls,
    dataLength: change.dataLength,
    contentCrc: change.contentCrc,
    digest: change.digest,
    mzxid: change.mzxid,
    pzxid: change.pzxid,
    mtime: change.mtime,
    version: change.version,
    cversion: change.cversion,
    aversion: change.aversion,
  }
}
