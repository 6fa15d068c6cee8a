// getData: a node's data and Stat.

import type { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { ErrorCode } from '../../../protocol/error-code.ts'
import { WatchMode } from '../../../protocol/messages/watches.ts'
import type { DataTree } from '../store/data-tree.ts'
import * as layout from '../store/node-layout.ts'
import { writeNodeStat } from '../store/node-stat.ts'
import type { ReadOperation } from './operation.ts'

export const getData: ReadOperation = {
  read(request) {
    const error = request.locate()
    if (error !== ErrorCode.ok) return error
    request.watch(WatchMode.data)
    writeData(request.tree, request.node, request.reply)
    return ErrorCode.ok
  },
}

/** GetDataResponse, written straight from the store. */
export function writeData(tree: DataTree, node: number, reply: JuteWriter): void {
  const { store } = tree
  const length = store.word(node, layout.DATA_LENGTH)
  reply.int(length)
  const at = store.dataOffset(node)
  if (length > 0) reply.raw(store.dataBytes(node), at, at + length)
  writeNodeStat(reply, tree, node)
}
