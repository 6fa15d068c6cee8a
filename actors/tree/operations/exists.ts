// exists: a node's Stat. A watch is set even if there is no node.

import { ErrorCode } from '../../../protocol/error-code.ts'
import { WatchMode } from '../../../protocol/messages/watches.ts'
import { Perm } from '../../../protocol/op-code.ts'
import * as layout from '../store/node-layout.ts'
import { writeNodeStat } from '../store/node-stat.ts'
import type { ReadOperation } from './operation.ts'

export const exists: ReadOperation = {
  read(request) {
    request.readPathAndWatch()
    const { bytes } = request.reader
    for (let i = request.pathStart; i < request.pathEnd; i++) {
      if (bytes[i] === 0) return ErrorCode.badArguments
    }
    const node = request.find()
    if (node !== layout.NO_NODE && !request.permits(Perm.read)) return ErrorCode.noAuth
    request.watch(WatchMode.data)
    if (node === layout.NO_NODE) return ErrorCode.noNode
    writeNodeStat(request.reply, request.tree, node)
    return ErrorCode.ok
  },
}
