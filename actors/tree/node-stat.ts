// A node's Stat as clients see it, straight from the record to the wire (DataNode.copyStat).

import { NodeKind } from '../../protocol/ephemeral-owner.ts'
import type { JuteWriter } from '../../protocol/jute-writer.ts'
import type { Zxid } from '../../protocol/zxid.ts'
import type { DataTree } from './data-tree.ts'
import * as layout from './node-layout.ts'

/** 68 bytes. The reported cversion counts creates and deletes of children; the stored one creates
 * only. Containers and TTL nodes report no owner. */
export function writeNodeStat(writer: JuteWriter, tree: DataTree, node: number): void {
  const store = tree.store
  const childCount = store.word(node, layout.NUM_CHILDREN)
  const owned = tree.kind(node) === NodeKind.ephemeral
  writer.zxid(store.double(node, layout.CZXID) as Zxid)
  writer.zxid(store.double(node, layout.MZXID) as Zxid)
  writer.longNumber(store.double(node, layout.CTIME))
  writer.longNumber(store.double(node, layout.MTIME))
  writer.int(store.word(node, layout.VERSION))
  writer.int(store.word(node, layout.CVERSION) * 2 - childCount)
  writer.int(store.word(node, layout.AVERSION))
  writer.int(owned ? store.word(node, layout.OWNER_HIGH) : 0)
  writer.int(owned ? store.word(node, layout.OWNER_LOW) : 0)
  writer.int(Math.max(0, store.word(node, layout.DATA_LENGTH)))
  writer.int(childCount)
  writer.zxid(store.double(node, layout.PZXID) as Zxid)
}
