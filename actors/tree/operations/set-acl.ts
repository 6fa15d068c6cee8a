// setACL: replaces the access list, and raises its version. Answers with the node's Stat.
//
//   SetACLTxn  path, acl, int version

import { readAcls, writeAcls } from '../../../protocol/acl.ts'
import { ErrorCode } from '../../../protocol/error-code.ts'
import { Perm } from '../../../protocol/op-code.ts'
import { isValidPath } from '../../../protocol/path.ts'
import { writeNodeStat } from '../store/node-stat.ts'
import { fixAcls } from '../writes/acl-rules.ts'
import { checkSession, nextVersion } from '../writes/preparation.ts'
import type { WriteOperation } from './operation.ts'
import { juteAclText } from './txn-words.ts'

export const setACL: WriteOperation = {
  prepare(to, request, by, record) {
    const { bytes } = request
    request.span(to.path)
    const { start, end } = to.path
    const asked = readAcls(request)
    const version = request.int()
    const session = checkSession(by)
    if (session !== ErrorCode.ok) return session
    if (start < 0 || !isValidPath(bytes, start, end)) return ErrorCode.badArguments
    const acls = fixAcls(asked, by.identities, to.options)
    if (acls === null) return ErrorCode.invalidACL
    const node = to.outstanding.get(bytes, start, end)
    if (node === null) return ErrorCode.noNode
    if (!to.permits(node, Perm.admin, by)) return ErrorCode.noAuth
    if (version !== -1 && version !== node.aversion) return ErrorCode.badVersion
    to.outstanding.edit(node)
    node.aversion = nextVersion(node.aversion)
    node.acls = acls
    to.outstanding.add(node, by.zxid)
    record.bufferRange(bytes, start, end)
    writeAcls(record, acls)
    record.int(node.aversion)
    return ErrorCode.ok
  },

  apply(record, reply, { tree, write }) {
    record.span(write.path)
    write.acls = readAcls(record) ?? []
    write.version = record.int()
    const error = tree.setAcl(write)
    if (error === ErrorCode.ok) writeNodeStat(reply, tree, write.node)
    return error
  },

  text: (record) => `'${record.string()},v{${juteAclText(record)}},${record.int()}`,
}
