// delete, and check (only inside a multi), which has the same fields.
//
//   DeleteRequest        ustring path, int version      -1 is any version
//   CheckVersionRequest  ustring path, int version

import type { JuteReader } from '../bytes/jute-reader.ts'
import type { JuteWriter } from '../bytes/jute-writer.ts'

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
