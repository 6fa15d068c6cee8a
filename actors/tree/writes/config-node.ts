// What /zookeeper/config holds: this server's own view of the ensemble, whatever was loaded or
// received (ZKDatabase.initConfigInZKDatabase).

import { utf8Bytes } from '../../../protocol/bytes/text.ts'
import type { Zxid } from '../../../protocol/zxid.ts'
import type { DataTree } from '../store/data-tree.ts'
import * as layout from '../store/node-layout.ts'
import { NodeWrite } from '../store/node-write.ts'

const PATH = '/zookeeper/config'

/** This is no transaction, and the node is not part of the tree's digest. */
export function setConfigNode(
  tree: DataTree,
  config: Uint8Array,
  version: Zxid,
  timeMs: number,
): void {
  const path = utf8Bytes(PATH)
  if (tree.find(path, 0, path.length) === layout.NO_NODE) tree.plantConfigNode()
  const write = new NodeWrite()
  write.path.set(path, 0, path.length)
  write.data.set(config, 0, config.length)
  write.version = -1
  write.zxid = version
  write.timeMs = timeMs
  tree.setData(write)
}
