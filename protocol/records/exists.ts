// exists.
//
//   ExistsRequest   ustring path, boolean watch
//   ExistsResponse  Stat stat

import type { JuteReader } from '../bytes/jute-reader.ts'
import type { JuteWriter } from '../bytes/jute-writer.ts'
import { OpCode } from '../op-code.ts'
import { readStat, type Stat, writeStat } from '../stat.ts'
import type { Call } from './call.ts'

export interface ExistsRequest {
  readonly path: string
  readonly watch: boolean
}

export interface ExistsResponse {
  readonly stat: Stat
}

export function writeExistsRequest(writer: JuteWriter, request: ExistsRequest): void {
  writer.string(request.path)
  writer.bool(request.watch)
}

export function writeExistsResponse(writer: JuteWriter, response: ExistsResponse): void {
  writeStat(writer, response.stat)
}

export function readExistsResponse(reader: JuteReader): ExistsResponse {
  return { stat: readStat(reader) }
}

export const exists: Call<ExistsRequest, ExistsResponse> = {
  code: OpCode.exists,
  write: writeExistsRequest,
  read: readExistsResponse,
}
