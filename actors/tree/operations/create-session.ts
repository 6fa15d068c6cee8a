// createSession: the first transaction of a session. The session manager asks for it.
//
//   CreateSessionTxn  int timeOut

import { ErrorCode } from '../../../protocol/error-code.ts'
import type { TransactionType } from './operation.ts'

export const createSession: TransactionType = {
  apply(record, _reply, { tree, sessions, header }) {
    const timeoutMs = record.int()
    tree.sessions.open(header.sessionId, timeoutMs)
    sessions.sessionOpened(header.sessionId, timeoutMs)
    return ErrorCode.ok
  },

  text: (record) => `${record.int()}`,
}
