// getData.
//
//   GetDataRequest   ustring path, boolean watch
//   GetDataResponse  buffer data, Stat stat

import type { JuteReader } from '../bytes/jute-reader.ts'
import type { JuteWriter } from '../bytes/jute-writer.ts'
import { OpCode } from '../op-code.ts'
import { readStat, type Stat, writeStat } from '../stat.ts'
import type { Call } from './call.ts'

export interface GetDataRequest {
  readonly path: string
  readonly watch: boolean
}

export interface GetDataResponse {
  /** When read, a view of the message: copy it to keep it. */
  readonly data: Uint8Array | null
  readonly stat: Stat
}

export function writeGetDataRequest(writer: JuteWriter, request: GetDataRequest): void {
  writer.string(request.path)
  writer.bool(request.watch)
}

export function readGetDataRequest(reader: JuteReader): GetDataRequest {
  return { path: reader.text(), watch: reader.bool() }
}

export function writeGetDataResponse(writer: JuteWriter, response: GetDataResponse): void {
  writer.buffer(response.data)
  writeStat(writer, response.stat)
}

export function readGetDataResponse(reader: JuteReader): GetDataResponse {
  return { data: reader.buffer(), stat: readStat(reader) }
}

export const getData: Call<GetDataRequest, GetDataResponse> = {
  code: OpCode.getData,
  write: writeGetDataRequest,
  read: readGetDataResponse,
}
