// whoAmI: the identities of the asking connection, without what would prove them.

import type { Id } from '../../../protocol/acl.ts'
import { ErrorCode } from '../../../protocol/error-code.ts'
import { type ClientInfo, writeWhoAmIResponse } from '../../../protocol/records/who-am-i.ts'
import type { ReadOperation } from './operation.ts'

export const whoAmI: ReadOperation = {
  read({ identities, reply }) {
    writeWhoAmIResponse(reply, { clientInfo: identities.map(clientInfo) })
    return ErrorCode.ok
  },
}

function clientInfo({ scheme, id }: Id): ClientInfo {
  if (scheme === 'digest') return { authScheme: scheme, user: id.split(':')[0] ?? '' }
  return { authScheme: scheme, user: scheme === 'super' ? '' : id }
}
