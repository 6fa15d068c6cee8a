// sync. The path is echoed and has no other meaning.
//
//   SyncRequest   ustring path
//   SyncResponse  ustring path

import type { JuteReader } from '../bytes/jute-reader.ts'
import type { JuteWriter } from '../bytes/jute-writer.ts'
import { OpCode } from '../op-code.ts'
import type { Call } from './call.ts'

export interface SyncRequest {
  /** A null path is echoed, too. */
  readonly path: string | null
}

export type SyncResponse = SyncRequest

export function writeSyncRequest(writer: JuteWriter, request: SyncRequest): void {
  writer.string(request.path)
}

export function readSyncRequest(reader: JuteReader): SyncRequest {
  return { path: reader.string() }
}

export function writeSyncResponse(writer: JuteWriter, response: SyncResponse): void {
  writer.string(response.path)
}

export const sync: Call<SyncRequest, void> = {
  code: OpCode.sync,
  write: writeSyncRequest,
  read: () => {},
}
