// setData: replaces the data, and raises its version. Answers with the node's new Stat.
//
//   SetDataTxn  path, data, int version

import type { JuteReader } from '../../../protocol/bytes/jute-reader.ts'
import { ErrorCode } from '../../../protocol/error-code.ts'
import { Perm } from '../../../protocol/op-code.ts'
import { isValidPath } from '../../../protocol/path.ts'
import { writeNodeStat } from '../store/node-stat.ts'
import { checkSession, nextVersion } from '../writes/preparation.ts'
import type { Transaction } from '../writes/transaction.ts'
import type { PartOperation } from './operation.ts'
import { dataText } from './txn-words.ts'

export const setData: PartOperation = {
  /** The record is the request with another version. */
  prepare(to, request, by, record) {
    const { bytes, offset } = request
    request.span(to.path)
    const { start, end } = to.path
    const length = Math.max(0, request.bufferLength())
    const dataStart = request.offset
    const dataEnd = dataStart + length
    request.skip(length)
    const version = request.int()
    const session = checkSession(by)
    if (session !== ErrorCode.ok) return session
    if (start < 0 || !isValidPath(bytes, start, end)) return ErrorCode.badArguments
    const node = to.outstanding.get(bytes, start, end)
    if (node === null) return ErrorCode.noNode
    if (!to.permits(node, Perm.write, by)) return ErrorCode.noAuth
    if (to.isOverQuota(bytes, start, end, length - node.dataLength, 0)) {
      return ErrorCode.quotaExceeded
    }
    if (version !== -1 && version !== node.version) return ErrorCode.badVersion
    const written = { mzxid: by.zxid, mtime: by.timeMs, version: nextVersion(node.version) }
    to.outstanding.write(node, bytes, dataStart, dataEnd, written)
    record.raw(bytes, offset, dataEnd)
    record.int(node.version)
    return ErrorCode.ok
  },

  apply(record, reply, to) {
    const error = applySetData(record, to)
    if (error === ErrorCode.ok) writeNodeStat(reply, to.tree, to.write.node)
    return error
  },

  skip(request) {
    request.string()
    request.buffer()
    request.int()
  },

  text: (record) => `${record.string()},${dataText(record)},${record.int()}`,
}

/** Applies a SetDataTxn, whose node then is `to.write.node`. */
export function applySetData(record: JuteReader, to: Transaction): ErrorCode {
  const { tree, header, write } = to
  record.span(write.path)
  record.span(write.data)
  write.version = record.int()
  write.zxid = header.zxid
  write.timeMs = header.timeMs
  return tree.setData(write)
}
