// getChildren and getChildren2.
//
//   GetChildrenRequest    ustring path, boolean watch
//   GetChildrenResponse   vector<ustring> children                  (8)
//   GetChildren2Response  vector<ustring> children, Stat stat       (12)

import type { JuteReader } from '../bytes/jute-reader.ts'
import type { JuteWriter } from '../bytes/jute-writer.ts'
import { OpCode } from '../op-code.ts'
import { readStat, type Stat, writeStat } from '../stat.ts'
import type { Call } from './call.ts'
import { readStrings, writeStrings } from './strings.ts'

export interface GetChildrenRequest {
  readonly path: string
  readonly watch: boolean
}

export interface GetChildrenResponse {
  /** In no particular order. */
  readonly children: readonly string[]
}

export interface GetChildren2Response {
  readonly children: readonly string[]
  readonly stat: Stat
}

export function writeGetChildrenRequest(writer: JuteWriter, request: GetChildrenRequest): void {
  writer.string(request.path)
  writer.bool(request.watch)
}

export function readGetChildrenRequest(reader: JuteReader): GetChildrenRequest {
  return { path: reader.text(), watch: reader.bool() }
}

export function writeGetChildrenResponse(writer: JuteWriter, response: GetChildrenResponse): void {
  writeStrings(writer, response.children)
}

export function writeGetChildren2Response(
  writer: JuteWriter,
  response: GetChildren2Response,
): void {
  writeStrings(writer, response.children)
  writeStat(writer, response.stat)
}

export function readGetChildren2Response(reader: JuteReader): GetChildren2Response {
  return { children: readStrings(reader), stat: readStat(reader) }
}

export const getChildren2: Call<GetChildrenRequest, GetChildren2Response> = {
  code: OpCode.getChildren2,
  write: writeGetChildrenRequest,
  read: readGetChildren2Response,
}
