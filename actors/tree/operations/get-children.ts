// getChildren; and getChildren2, which also gives the node's Stat. A long list leaves in parts.

import type { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { ErrorCode } from '../../../protocol/error-code.ts'
import { STEP_BYTES } from '../../../protocol/limits.ts'
import { WatchMode } from '../../../protocol/messages/watches.ts'
import type { PartWriter, Steps } from '../clients/part-writer.ts'
import type { ReadRequest } from '../clients/read-request.ts'
import type { DataTree } from '../store/data-tree.ts'
import * as layout from '../store/node-layout.ts'
import { writeNodeStat } from '../store/node-stat.ts'
import type { ReadOperation } from './operation.ts'

export const getChildren: ReadOperation = childrenRead(false)
export const getChildren2: ReadOperation = childrenRead(true)

function childrenRead(withStat: boolean): ReadOperation {
  return {
    read(request) {
      const error = request.locate()
      if (error !== ErrorCode.ok) return error
      const { tree, node, reply } = request
      if (!writeChildren(request, reply)) return 'in-steps'
      request.watch(WatchMode.child)
      if (withStat) writeNodeStat(reply, tree, node)
      return ErrorCode.ok
    },

    *inParts(request, writer) {
      const error = request.locate()
      if (error !== ErrorCode.ok) return error
      const { tree, node } = request
      if (writer.isMeasured) request.watch(WatchMode.child)
      yield* childrenInParts(tree, node, writer)
      if (withStat) writeNodeStat(writer, tree, node)
      return ErrorCode.ok
    },
  }
}

/** False if the list is long. Then what was written does not count. */
export function writeChildren(
  { tree: { store }, node, longReadNodes }: ReadRequest,
  reply: JuteWriter,
): boolean {
  const count = store.word(node, layout.NUM_CHILDREN)
  if (count > longReadNodes) return false
  reply.int(count)
  let child = store.word(node, layout.FIRST_CHILD)
  for (; child !== layout.NO_NODE; child = store.word(child, layout.NEXT_SIBLING)) {
    const at = store.nameOffset(child)
    reply.bufferRange(store.nameBytes(child), at, at + store.word(child, layout.NAME_LENGTH))
    if (reply.length > STEP_BYTES) return false
  }
  return true
}

/** The same list, however long. */
export function* childrenInParts(
  { store }: DataTree,
  node: number,
  writer: PartWriter,
): Steps<void> {
  writer.int(store.word(node, layout.NUM_CHILDREN))
  let child = store.word(node, layout.FIRST_CHILD)
  for (let visited = 1; child !== layout.NO_NODE; visited++) {
    const at = store.nameOffset(child)
    writer.bufferRange(store.nameBytes(child), at, at + store.word(child, layout.NAME_LENGTH))
    child = store.word(child, layout.NEXT_SIBLING)
    if (writer.endsStep(visited)) yield
  }
}
