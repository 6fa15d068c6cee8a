// sasl: no mechanism is configured. An empty token, as ZooKeeper answers then, however often it is
// asked (compared with 3.8, with and without its SASL provider). Without a token the connection ends.

import { ErrorCode } from '../../../protocol/error-code.ts'
import { writeSaslToken } from '../../../protocol/records/auth-packet.ts'
import type { ReadOperation } from './operation.ts'

export const sasl: ReadOperation = {
  read(request) {
    const { reader, reply } = request
    const length = reader.remaining < 4 ? -1 : reader.int()
    if (length < 0 || length > reader.remaining) return 'close'
    request.isTimeless = true
    writeSaslToken(reply, { token: null })
    return ErrorCode.ok
  },
}
