// What /zookeeper/config holds. Without `reconfigEnabled` that is this server's own view of the
// ensemble, whatever was loaded or received; with it, the latest of that and what reconfigurations
// have made of it (ZKDatabase.initConfigInZKDatabase).

import { utf8Bytes } from '../../../protocol/bytes/text.ts'
import type { Zxid } from '../../../protocol/zxid.ts'
import type { DataTree } from '../store/data-tree.ts'
import * as layout from '../store/node-layout.ts'
import { NodeWrite } from '../store/node-write.ts'

export const CONFIG_PATH = '/zookeeper/config'

/** What it holds, in UTF-8; null if there is no such node. Valid until the tree changes. */
export function configOf(tree: DataTree): Uint8Array | null {
  const { store } = tree
  const path = utf8Bytes(CONFIG_PATH)
  const node = tree.find(path, 0, path.length)
  if (node === layout.NO_NODE) return null
  const length = Math.max(0, store.word(node, layout.DATA_LENGTH))
  const at = store.dataOffset(node)
  return store.dataBytes(node).subarray(at, at + length)
}

/** This is no transaction, and the node is not part of the tree's digest. */
export function setConfigNode(
  tree: DataTree,
  config: Uint8Array,
  version: Zxid,
  timeMs: number,
): void {
  const path = utf8Bytes(CONFIG_PATH)
  if (tree.find(path, 0, path.length) === layout.NO_NODE) tree.plantConfigNode()
  const write = new NodeWrite()
  write.path.set(path, 0, path.length)
  write.data.set(config, 0, config.length)
  write.version = -1
  write.zxid = version
  write.timeMs = timeMs
  tree.setData(write)
}
