// getEphemerals: the ephemerals of the asking session.
//
//   GetEphemeralsRequest   ustring prefixPath      "/" or empty is all
//   GetEphemeralsResponse  vector<ustring> ephemerals

import type { JuteReader } from '../bytes/jute-reader.ts'
import type { JuteWriter } from '../bytes/jute-writer.ts'
import { OpCode } from '../op-code.ts'
import type { Call } from './call.ts'
import { readStrings, writeStrings } from './strings.ts'

export interface GetEphemeralsRequest {
  readonly prefixPath: string
}

export interface GetEphemeralsResponse {
  readonly ephemerals: readonly string[]
}

export function writeGetEphemeralsRequest(writer: JuteWriter, request: GetEphemeralsRequest): void {
  writer.string(request.prefixPath)
}

/** A null prefix counts as an empty one. */
export function readGetEphemeralsRequest(reader: JuteReader): GetEphemeralsRequest {
  return { prefixPath: reader.string() ?? '' }
}

export function writeGetEphemeralsResponse(
  writer: JuteWriter,
  response: GetEphemeralsResponse,
): void {
  writeStrings(writer, response.ephemerals)
}

export function readGetEphemeralsResponse(reader: JuteReader): GetEphemeralsResponse {
  return { ephemerals: readStrings(reader) }
}

export const getEphemerals: Call<GetEphemeralsRequest, GetEphemeralsResponse> = {
  code: OpCode.getEphemerals,
  write: writeGetEphemeralsRequest,
  read: readGetEphemeralsResponse,
}
