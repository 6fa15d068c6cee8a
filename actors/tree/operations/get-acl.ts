// getACL: a node's access list and Stat. A client without ADMIN permission does not see password
// hashes.

import { writeAcls } from '../../../protocol/acl.ts'
import { ErrorCode } from '../../../protocol/error-code.ts'
import { Perm } from '../../../protocol/op-code.ts'
import * as layout from '../store/node-layout.ts'
import { writeNodeStat } from '../store/node-stat.ts'
import { maskAcls } from '../writes/acl-rules.ts'
import type { ReadOperation } from './operation.ts'

export const getACL: ReadOperation = {
  read(request) {
    request.readPath()
    const node = request.find()
    if (node === layout.NO_NODE) return ErrorCode.noNode
    if (!request.permits(Perm.read | Perm.admin)) return ErrorCode.noAuth
    const { tree, reply } = request
    const acls = tree.acls.list(tree.store.word(node, layout.ACL_ID))
    writeAcls(reply, request.permits(Perm.admin) ? acls : maskAcls(acls))
    writeNodeStat(reply, tree, node)
    return ErrorCode.ok
  },
}
