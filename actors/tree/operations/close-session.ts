// closeSession: the last transaction of a session. It removes the session's ephemeral nodes; if
// there are many, earlier transactions have removed most of them (closings.ts).
//
//   CloseSessionTxn  vector<ustring> paths2Delete      absent in old logs

import { utf8Bytes } from '../../../protocol/bytes/text.ts'
import { ErrorCode } from '../../../protocol/error-code.ts'
import type { TransactionType } from './operation.ts'

export const closeSession: TransactionType = {
  /** Removes whatever the session still owns, listed or not. */
  apply(record, _reply, txn) {
    const { tree, sessions, header, write } = txn
    const listed = record.remaining >= 4 ? (record.vector((r) => r.text()) ?? []) : []
    const paths = new Set([...listed, ...tree.ephemeralPaths(header.sessionId)])
    for (const path of paths) {
      const bytes = utf8Bytes(path)
      tree.deleteNode(write.path.set(bytes, 0, bytes.length), header.zxid)
    }
    txn.owned = paths
    tree.sessions.remove(header.sessionId)
    sessions.sessionClosed(header.sessionId)
    return ErrorCode.ok
  },

  text(record) {
    if (record.remaining < 4) return ''
    const paths = record.vector((item) => `'${item.string()}`) ?? []
    return `v{${paths.join(',')}}`
  },
}
