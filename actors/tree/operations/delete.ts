// delete; and deleteContainer, by which a leader removes containers and TTL nodes whose time has
// come.
//   DeleteTxn  path

import { NodeKind } from '../../../protocol/ephemeral-owner.ts'
import { ErrorCode } from '../../../protocol/error-code.ts'
import { Perm } from '../../../protocol/op-code.ts'
import { isProtected, lastSlash } from '../../../protocol/path.ts'
import { ZXID_NONE } from '../../../protocol/zxid.ts'
import { checkSession, type Preparation, parentOf, type Requester } from '../writes/preparation.ts'
import type { PartOperation, TransactionType } from './operation.ts'
import { mayHaveParent } from './paths.ts'

/** The operation `delete`, where that word cannot be a name. */
export const deleteNode: PartOperation = {
  prepare(to, request, by, record) {
    const { bytes } = request
    const { outstanding } = to
    request.span(to.path)
    const { start, end } = to.path
    const version = request.int()
    if (start < 0) return ErrorCode.marshallingError
    const session = checkSession(by)
    if (session !== ErrorCode.ok) return session
    if (!mayHaveParent(bytes, start, end) || isProtected(bytes, start, end)) {
      return ErrorCode.badArguments
    }
    const parent = outstanding.get(bytes, start, lastSlash(bytes, start, end))
    if (parent === null) return ErrorCode.noNode
    if (!to.permits(parent, Perm.delete, by)) return ErrorCode.noAuth
    const node = outstanding.get(bytes, start, end)
    if (node === null) return ErrorCode.noNode
    if (version !== -1 && version !== node.version) return ErrorCode.badVersion
    if (node.childCount > 0) return ErrorCode.notEmpty
    to.recordDelete(node, parent, by)
    record.bufferRange(bytes, start, end)
    return ErrorCode.ok
  },

  apply(record, _reply, { tree, header, write }) {
    record.span(write.path)
    return tree.deleteNode(write.path, header.zxid)
  },

  skip(request) {
    request.string()
    request.int()
  },

  text: (record) => `'${record.string()}`,
}

export const deleteContainer: TransactionType = {
  apply: deleteNode.apply,
  text: deleteNode.text,
}

/** The cleaner judged the committed node. A node with changes under way may be something else by
 * now, and waits for the next round. */
export function prepareDeleteContainer(to: Preparation, path: string, by: Requester): ErrorCode {
  const node = to.outstanding.find(path)
  const parent = to.outstanding.find(parentOf(path))
  if (node === null || parent === null) return ErrorCode.noNode
  if (node.childCount > 0) return ErrorCode.notEmpty
  const kind = to.kindOf(node)
  const removable = kind === NodeKind.container || kind === NodeKind.ttl
  if (!removable || node.zxid !== ZXID_NONE) return ErrorCode.badVersion
  to.recordDelete(node, parent, by)
  return ErrorCode.ok
}
