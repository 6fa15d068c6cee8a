// The body of a snapshot file, read from a frozen tree: sessions, access lists, nodes, end mark
// (FileSnap, DataTree.serialize). Runs on any thread while the tree goes on.

import { type Acl, writeAcls } from '../../../protocol/acl.ts'
import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import type { SessionId } from '../../../protocol/session-id.ts'
import { ZXID_ZERO, type Zxid } from '../../../protocol/zxid.ts'
import type { DataTree } from '../store/data-tree.ts'
import * as layout from '../store/node-layout.ts'
import { NodeReader } from '../store/node-reader.ts'
import { type FrozenPages, Pages } from '../store/pages.ts'

/** ZooKeeper writes "none yet" as the zxid 0. */
export interface ZxidDigest {
  readonly zxid: Zxid
  readonly value: bigint
}

/** One instant of a tree. Plain data, which can be posted to another thread. */
export interface FrozenTree {
  readonly zxid: Zxid
  /** Null if digests are off. */
  readonly digest: ZxidDigest | null
  readonly nodePages: FrozenPages
  readonly valuePages: FrozenPages
  readonly sessions: { id: SessionId; timeoutMs: number }[]
  readonly acls: { id: number; acls: readonly Acl[] }[]
}

/** Freezes the tree's pages; the owner thaws them when the reader is done. `isFuzzy`: the digest is
 * not that of any state that others were in (digest-audit.ts). */
export function freeze(tree: DataTree, zxid: Zxid, isFuzzy = false): FrozenTree {
  const digest = isFuzzy ? { zxid: ZXID_ZERO, value: 0n } : { zxid, value: tree.digest.toBigInt() }
  return {
    zxid,
    digest: tree.options.digestEnabled ? digest : null,
    nodePages: tree.store.nodes.freeze(),
    valuePages: tree.store.valuePages.freeze(),
    sessions: [...tree.sessions.all()].map(({ id, timeoutMs }) => ({ id, timeoutMs })),
    acls: tree.acls.entries(),
  }
}

const CHUNK_BYTES = 1 << 18

/** The body in chunks. Each is valid until the next one is asked for. */
export function* snapshotBody(frozen: FrozenTree): Generator<Uint8Array> {
  const writer = new JuteWriter()
  writer.int(frozen.sessions.length)
  for (const session of frozen.sessions) {
    writer.long(session.id)
    writer.int(session.timeoutMs)
  }
  writer.int(frozen.acls.length)
  for (const entry of frozen.acls) {
    writer.longNumber(entry.id)
    writeAcls(writer, entry.acls)
  }
  const nodes = new NodeReader(Pages.over(frozen.nodePages), Pages.over(frozen.valuePages))
  for (let node: number = layout.ROOT; node !== layout.NO_NODE; node = following(nodes, node)) {
    writeNode(writer, nodes, node)
    if (writer.length < CHUNK_BYTES) continue
    yield writer.bytes.subarray(0, writer.length)
    writer.reset()
  }
  writer.string('/')
  yield writer.bytes.subarray(0, writer.length)
}

/** The next node in pre-order. */
function following(nodes: NodeReader, node: number): number {
  const child = nodes.word(node, layout.FIRST_CHILD)
  if (child !== layout.NO_NODE) return child
  for (let n = node; n !== layout.ROOT; n = nodes.word(n, layout.PARENT)) {
    const sibling = nodes.word(n, layout.NEXT_SIBLING)
    if (sibling !== layout.NO_NODE) return sibling
  }
  return layout.NO_NODE
}

/** ustring path, buffer data, long acl, StatPersisted */
function writeNode(writer: JuteWriter, nodes: NodeReader, node: number): void {
  const pathLength = nodes.pathLength(node)
  const path = new Uint8Array(pathLength + 1)
  nodes.pathInto(node, path)
  writer.bufferRange(path, 1, path.length)
  const dataLength = nodes.word(node, layout.DATA_LENGTH)
  writer.int(dataLength)
  const at = nodes.dataOffset(node)
  if (dataLength > 0) writer.raw(nodes.dataBytes(node), at, at + dataLength)
  writer.longNumber(nodes.word(node, layout.ACL_ID))
  writer.zxid(nodes.double(node, layout.CZXID) as Zxid)
  writer.zxid(nodes.double(node, layout.MZXID) as Zxid)
  writer.longNumber(nodes.double(node, layout.CTIME))
  writer.longNumber(nodes.double(node, layout.MTIME))
  writer.int(nodes.word(node, layout.VERSION))
  writer.int(nodes.word(node, layout.CVERSION))
  writer.int(nodes.word(node, layout.AVERSION))
  writer.int(nodes.word(node, layout.OWNER_HIGH))
  writer.int(nodes.word(node, layout.OWNER_LOW))
  writer.zxid(nodes.double(node, layout.PZXID) as Zxid)
}
