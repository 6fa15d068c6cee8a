// getAllChildrenNumber: how many nodes there are below a path, at any depth.
//
//   GetAllChildrenNumberRequest   ustring path
//   GetAllChildrenNumberResponse  int totalNumber

import type { JuteReader } from '../bytes/jute-reader.ts'
import type { JuteWriter } from '../bytes/jute-writer.ts'
import { OpCode } from '../op-code.ts'
import type { Call } from './call.ts'

export interface GetAllChildrenNumberRequest {
  readonly path: string
}

export interface GetAllChildrenNumberResponse {
  readonly totalNumber: number
}

export function writeGetAllChildrenNumberRequest(
  writer: JuteWriter,
  request: GetAllChildrenNumberRequest,
): void {
  writer.string(request.path)
}

export function writeGetAllChildrenNumberResponse(
  writer: JuteWriter,
  response: GetAllChildrenNumberResponse,
): void {
  writer.int(response.totalNumber)
}

export function readGetAllChildrenNumberResponse(reader: JuteReader): GetAllChildrenNumberResponse {
  return { totalNumber: reader.int() }
}

export const getAllChildrenNumber: Call<GetAllChildrenNumberRequest, GetAllChildrenNumberResponse> =
  {
    code: OpCode.getAllChildrenNumber,
    write: writeGetAllChildrenNumberRequest,
    read: readGetAllChildrenNumberResponse,
  }
