// getAllChildrenNumber: how many nodes there are below a node, at any depth.

import { ErrorCode } from '../../../protocol/error-code.ts'
import { STEP_NODES } from '../../../protocol/limits.ts'
import { writeGetAllChildrenNumberResponse } from '../../../protocol/records/get-all-children-number.ts'
import type { Steps } from '../clients/part-writer.ts'
import type { DataTree } from '../store/data-tree.ts'
import * as layout from '../store/node-layout.ts'
import type { ReadOperation } from './operation.ts'

export const getAllChildrenNumber: ReadOperation = {
  read(request) {
    const error = request.locatePath()
    if (error !== ErrorCode.ok) return error
    const { tree, node, reply } = request
    if (node === layout.ROOT) {
      // Under its other name, the empty path, the root counts itself.
      const isNamed = request.pathEnd > request.pathStart
      const totalNumber = tree.store.count - (isNamed ? 1 : 0)
      writeGetAllChildrenNumberResponse(reply, { totalNumber })
      return ErrorCode.ok
    }
    if (tree.store.word(node, layout.NUM_CHILDREN) > 0) return 'in-steps'
    writeGetAllChildrenNumberResponse(reply, { totalNumber: 0 })
    return ErrorCode.ok
  },

  *inSteps(request) {
    const error = request.locatePath()
    if (error !== ErrorCode.ok) return error
    const totalNumber = yield* descendants(request.tree, request.node)
    writeGetAllChildrenNumberResponse(request.reply, { totalNumber })
    return ErrorCode.ok
  },
}

function* descendants({ store }: DataTree, top: number): Steps<number> {
  let count = 0
  let node = store.word(top, layout.FIRST_CHILD)
  while (node !== layout.NO_NODE) {
    if (++count % STEP_NODES === 0) yield
    let next = store.word(node, layout.FIRST_CHILD)
    while (next === layout.NO_NODE && node !== top) {
      next = store.word(node, layout.NEXT_SIBLING)
      node = store.word(node, layout.PARENT)
    }
    node = next
  }
  return count
}
