// sasl: the network loop has the mechanism (runtime/net/input/proofs.ts), and puts its answer into the
// place of the client's token. Here it gets its place among the replies.

import { ErrorCode } from '../../../protocol/error-code.ts'
import { writeSaslToken } from '../../../protocol/records/auth-packet.ts'
import type { ReadOperation } from './operation.ts'

export const sasl: ReadOperation = {
  read(request) {
    request.isTimeless = true
    writeSaslToken(request.reply, { token: request.reader.buffer() })
    return ErrorCode.ok
  },
}
