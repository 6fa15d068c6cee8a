// A node's Stat as clients see it, straight from the record to the wire (DataNode.copyStat).

import type { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { NodeKind } from '../../../protocol/ephemeral-owner.ts'
import type { Zxid } from '../../../protocol/zxid.ts'
import type { DataTree } from './data-tree.ts'
import * as layout from './node-layout.ts'

/** 68 bytes. The cversion that is reported counts creations and deletions of children; the stored
 * one counts only creations. Containers and TTL nodes report no owner. */
export function writeNodeStat(writer: JuteWriter, tree: DataTree, node: number): void {
  const page = node >> layout.NODE_SHIFT
  const words = tree.store.nodes.i32[page]!
  const doubles = tree.store.nodes.f64[page]!
  const at = (node & layout.NODE_MASK) << layout.I32_SHIFT
  const childCount = words[at + layout.NUM_CHILDREN]!
  const owned = tree.kind(node) === NodeKind.ephemeral
  writer.zxid(doubles[(at >> 1) + layout.CZXID] as Zxid)
  writer.zxid(doubles[(at >> 1) + layout.MZXID] as Zxid)
  writer.longNumber(doubles[(at >> 1) + layout.CTIME]!)
  writer.longNumber(doubles[(at >> 1) + layout.MTIME]!)
  writer.int(words[at + layout.VERSION]!)
  writer.int(words[at + layout.CVERSION]! * 2 - childCount)
  writer.int(words[at + layout.AVERSION]!)
  writer.int(owned ? words[at + layout.OWNER_HIGH]! : 0)
  writer.int(owned ? words[at + layout.OWNER_LOW]! : 0)
  writer.int(Math.max(0, words[at + layout.DATA_LENGTH]!))
  writer.int(childCount)
  writer.zxid(doubles[(at >> 1) + layout.PZXID] as Zxid)
}
