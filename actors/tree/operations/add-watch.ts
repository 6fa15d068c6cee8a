// addWatch: watches a path, or everything below it too, until the watch is removed.

import { ErrorCode } from '../../../protocol/error-code.ts'
import { WatchMode } from '../../../protocol/messages/watches.ts'
import { AddWatchMode } from '../../../protocol/op-code.ts'
import { writeErrorResponse } from '../../../protocol/records/add-watch.ts'
import type { ReadOperation } from './operation.ts'

export const addWatch: ReadOperation = {
  read(request) {
    request.readAnyPath()
    const mode = request.reader.int()
    request.isWatching = true
    if (mode === AddWatchMode.persistent) request.watch(WatchMode.persistent)
    else if (mode === AddWatchMode.persistentRecursive) {
      request.watch(WatchMode.persistentRecursive)
    } else {
      return ErrorCode.marshallingError
    }
    writeErrorResponse(request.reply, { err: ErrorCode.ok })
    return ErrorCode.ok
  },
}
