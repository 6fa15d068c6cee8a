// getChildrenPage: some of a node's children, those that follow a given one. What it costs is bounded
// by its limit and by STEP_BYTES, so it is never a long read, and no commit waits for it.

import { ErrorCode } from '../../../protocol/error-code.ts'
import { STEP_BYTES } from '../../../protocol/limits.ts'
import { Perm } from '../../../protocol/op-code.ts'
import { PAGE_CHILDREN_MAX } from '../../../protocol/records/get-children-page.ts'
import type { ReadRequest } from '../clients/read-request.ts'
import * as layout from '../store/node-layout.ts'
import { writeNodeStat } from '../store/node-stat.ts'
import type { ReadOperation } from './operation.ts'

export const getChildrenPage: ReadOperation = {
  read(request) {
    request.readPath()
    if (request.find() === layout.NO_NODE) return ErrorCode.noNode
    if (!request.permits(Perm.read)) return ErrorCode.noAuth
    const first = firstOf(request)
    const limit = request.reader.int()
    if (first === null || limit < 1 || limit > PAGE_CHILDREN_MAX) return ErrorCode.badArguments
    const { tree, node, reply } = request
    const isLast = writePage(request, first, limit)
    writeNodeStat(reply, tree, node)
    reply.bool(isLast)
    return ErrorCode.ok
  },
}

/** The child that follows the one that the request names. Null if that is no child of the node. */
function firstOf({ tree: { store }, node, reader }: ReadRequest): number | null {
  const length = reader.bufferLength()
  if (length < 0) return store.word(node, layout.FIRST_CHILD)
  const from = reader.offset
  reader.skip(length)
  const hash = store.childHash(node, reader.bytes, from, from + length)
  const after = store.findChild(node, reader.bytes, from, from + length, hash)
  return after === layout.NO_NODE ? null : store.word(after, layout.NEXT_SIBLING)
}

/** True if there are no children behind them. */
function writePage({ tree: { store }, reply }: ReadRequest, first: number, limit: number): boolean {
  const countAt = reply.length
  reply.int(0)
  let child = first
  let count = 0
  for (; child !== layout.NO_NODE && count < limit; count++) {
    const at = store.nameOffset(child)
    reply.bufferRange(store.nameBytes(child), at, at + store.word(child, layout.NAME_LENGTH))
    child = store.word(child, layout.NEXT_SIBLING)
    if (reply.length <= countAt + STEP_BYTES) continue
    count++
    break
  }
  reply.patchInt(countAt, count)
  return child === layout.NO_NODE
}
