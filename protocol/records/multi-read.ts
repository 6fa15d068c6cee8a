// multiRead: several reads in one message, each with its own result or error.
//
//   type            record                result
//   4  getData      GetDataRequest        buffer data, Stat stat
//   8  getChildren  GetChildrenRequest    vector<ustring> children
//   -1 error                              int err
//
// Framed like a multi (multi-header.ts). The watch flag is carried and ignored.

import type { JuteReader } from '../bytes/jute-reader.ts'
import type { JuteWriter } from '../bytes/jute-writer.ts'
import { OpCode } from '../op-code.ts'
import { readStat, type Stat, writeStat } from '../stat.ts'
import type { Call } from './call.ts'
import { type GetDataRequest, writeGetDataRequest } from './get-data.ts'
import { readMultiParts, unexpectedPart, writeMultiEnd, writeMultiHeader } from './multi-header.ts'
import { readStrings, writeStrings } from './strings.ts'

export interface MultiReadOp {
  readonly type: typeof OpCode.getData | typeof OpCode.getChildren
  /** getChildren's request has the same fields. */
  readonly request: GetDataRequest
}

export type MultiReadResult =
  | {
      readonly type: typeof OpCode.getData
      readonly data: Uint8Array | null
      readonly stat: Stat
    }
  | { readonly type: typeof OpCode.getChildren; readonly children: readonly string[] }
  | { readonly type: typeof OpCode.error; readonly err: number }

export function writeMultiReadRequest(writer: JuteWriter, ops: readonly MultiReadOp[]): void {
  for (const op of ops) {
    writeMultiHeader(writer, op.type, -1)
    writeGetDataRequest(writer, op.request)
  }
  writeMultiEnd(writer)
}

export function writeMultiReadResponse(
  writer: JuteWriter,
  results: readonly MultiReadResult[],
): void {
  for (const result of results) {
    writeMultiHeader(writer, result.type, result.type === OpCode.error ? result.err : 0)
    writeResult(writer, result)
  }
  writeMultiEnd(writer)
}

export function readMultiReadResponse(reader: JuteReader): MultiReadResult[] {
  return readMultiParts(reader, readResult)
}

function writeResult(writer: JuteWriter, result: MultiReadResult): void {
  switch (result.type) {
    case OpCode.getData:
      writer.buffer(result.data)
      writeStat(writer, result.stat)
      break
    case OpCode.getChildren:
      writeStrings(writer, result.children)
      break
    default:
      writer.int(result.err)
      break
  }
}

function readResult(type: number, reader: JuteReader): MultiReadResult {
  switch (type) {
    case OpCode.getData:
      return { type, data: reader.buffer(), stat: readStat(reader) }
    case OpCode.getChildren:
      return { type, children: readStrings(reader) }
    case OpCode.error:
      return { type, err: reader.int() }
    default:
      return unexpectedPart(type)
  }
}

export const multiRead: Call<readonly MultiReadOp[], MultiReadResult[]> = {
  code: OpCode.multiRead,
  write: writeMultiReadRequest,
  read: readMultiReadResponse,
}
