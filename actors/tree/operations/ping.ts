// ping: keeps a session alive. It has a special xid.

import { ErrorCode } from '../../../protocol/error-code.ts'
import { Xid } from '../../../protocol/op-code.ts'
import type { ReadOperation } from './operation.ts'

export const ping: ReadOperation = {
  read(request) {
    request.xid = Xid.ping
    return ErrorCode.ok
  },
}
