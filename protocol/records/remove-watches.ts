// removeWatches and checkWatches have the same fields, and only a header in reply.
//
//   RemoveWatchesRequest  ustring path, int type
//   CheckWatchesRequest   ustring path, int type

import type { JuteWriter } from '../bytes/jute-writer.ts'
import { OpCode } from '../op-code.ts'
import type { Call } from './call.ts'

export interface RemoveWatchesRequest {
  readonly path: string
  /** One of WatcherType, unchecked. */
  readonly type: number
}

export function writeRemoveWatchesRequest(writer: JuteWriter, request: RemoveWatchesRequest): void {
  writer.string(request.path)
  writer.int(request.type)
}

export const removeWatches: Call<RemoveWatchesRequest, void> = {
  code: OpCode.removeWatches,
  write: writeRemoveWatchesRequest,
  read: () => {},
}
