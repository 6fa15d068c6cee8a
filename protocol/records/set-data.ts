// setData.
//
//   SetDataRequest   ustring path, buffer data, int version
//   SetDataResponse  Stat stat

import type { JuteReader } from '../bytes/jute-reader.ts'
import type { JuteWriter } from '../bytes/jute-writer.ts'
import { OpCode } from '../op-code.ts'
import { readStat, type Stat, writeStat } from '../stat.ts'
import type { Call } from './call.ts'

export interface SetDataRequest {
  readonly path: string
  readonly data: Uint8Array | null
  readonly version: number
}

export interface SetDataResponse {
  readonly stat: Stat
}

export function writeSetDataRequest(writer: JuteWriter, request: SetDataRequest): void {
  writer.string(request.path)
  writer.buffer(request.data)
  writer.int(request.version)
}

export function readSetDataRequest(reader: JuteReader): SetDataRequest {
  return { path: reader.text(), data: reader.buffer(), version: reader.int() }
}

export function writeSetDataResponse(writer: JuteWriter, response: SetDataResponse): void {
  writeStat(writer, response.stat)
}

export function readSetDataResponse(reader: JuteReader): SetDataResponse {
  return { stat: readStat(reader) }
}

export const setData: Call<SetDataRequest, SetDataResponse> = {
  code: OpCode.setData,
  write: writeSetDataRequest,
  read: readSetDataResponse,
}
