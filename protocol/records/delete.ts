// delete, and check (only inside a multi), which has the same fields.
//
//   DeleteRequest        ustring path, int version      -1 is any version
//   CheckVersionRequest  ustring path, int version

import type { JuteReader } from '../bytes/jute-reader.ts'
import type { JuteWriter } from '../bytes/jute-writer.ts'
import { OpCode } from '../op-code.ts'
import type { Call } from './call.ts'

export interface DeleteRequest {
  readonly path: string
  readonly version: number
}

export function writeDeleteRequest(writer: JuteWriter, request: DeleteRequest): void {
  writer.string(request.path)
  writer.int(request.version)
}

export function readDeleteRequest(reader: JuteReader): DeleteRequest {
  return { path: reader.text(), version: reader.int() }
}

export const deleteNode: Call<DeleteRequest, void> = {
  code: OpCode.delete,
  write: writeDeleteRequest,
  read: () => {},
}
