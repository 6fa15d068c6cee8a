// sync: answered with its path once everything that the leader had proposed is applied here
// (requests.ts sees to that).

import { ErrorCode } from '../../../protocol/error-code.ts'
import { readSyncRequest, writeSyncResponse } from '../../../protocol/records/sync.ts'
import type { ReadOperation } from './operation.ts'

export const sync: ReadOperation = {
  read({ reader, reply }) {
    writeSyncResponse(reply, readSyncRequest(reader))
    return ErrorCode.ok
  },
}
