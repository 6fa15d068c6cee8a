// check: fails the multi that it is in unless a node has the version.
//
//   CheckVersionTxn  path, int version

import { ErrorCode } from '../../../protocol/error-code.ts'
import { Perm } from '../../../protocol/op-code.ts'
import { isValidPath } from '../../../protocol/path.ts'
import { checkSession, nextVersion } from '../writes/preparation.ts'
import type { PartOperation } from './operation.ts'

export const check: PartOperation = {
  prepare(to, request, by, record) {
    const { bytes } = request
    request.span(to.path)
    const { start, end } = to.path
    const version = request.int()
    const session = checkSession(by)
    if (session !== ErrorCode.ok) return session
    if (start < 0 || !isValidPath(bytes, start, end)) return ErrorCode.badArguments
    const node = to.outstanding.get(bytes, start, end)
    if (node === null) return ErrorCode.noNode
    if (!to.permits(node, Perm.read, by)) return ErrorCode.noAuth
    if (version !== -1 && version !== node.version) return ErrorCode.badVersion
    record.bufferRange(bytes, start, end)
    record.int(nextVersion(node.version))
    return ErrorCode.ok
  },

  apply: () => ErrorCode.ok,

  skip(request) {
    request.string()
    request.int()
  },

  text: (record) => `${record.string()},${record.int()}`,
}
