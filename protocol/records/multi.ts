// multi: several writes as one transaction.
//
//   MultiRequest   { MultiHeader{type, false, -1} record }* MultiHeader{-1, true, -1}
//   MultiResponse  { MultiHeader{type, false, err} result }* MultiHeader{-1, true, -1}
//
//   type            record               result
//   1  create       CreateRequest        ustring path
//   15 create2      CreateRequest        ustring path, Stat stat
//   19 container    CreateRequest        as create2, under type 15
//   21 createTTL    CreateTTLRequest     as create2, under type 15
//   2  delete       DeleteRequest        -
//   5  setData      SetDataRequest       Stat stat
//   13 check        CheckVersionRequest  -
//   -1 error                             int err
//
// If one part fails, all results are errors: 0 before it, its own code, -2 after it. The reply
// header still says 0.

import type { JuteReader } from '../bytes/jute-reader.ts'
import type { JuteWriter } from '../bytes/jute-writer.ts'
import { OpCode } from '../op-code.ts'
import { readStat, type Stat, writeStat } from '../stat.ts'
import type { Call } from './call.ts'
import {
  type CreateRequest,
  type CreateTtlRequest,
  readCreateRequest,
  readCreateTtlRequest,
  writeCreateRequest,
  writeCreateTtlRequest,
} from './create.ts'
import { type DeleteRequest, readDeleteRequest, writeDeleteRequest } from './delete.ts'
import { readMultiParts, unexpectedPart, writeMultiEnd, writeMultiHeader } from './multi-header.ts'
import { readSetDataRequest, type SetDataRequest, writeSetDataRequest } from './set-data.ts'

type CreateType = typeof OpCode.create | typeof OpCode.create2 | typeof OpCode.createContainer

export type MultiOp =
  | { readonly type: CreateType; readonly request: CreateRequest }
  | { readonly type: typeof OpCode.createTTL; readonly request: CreateTtlRequest }
  | {
      readonly type: typeof OpCode.delete | typeof OpCode.check
      readonly request: DeleteRequest
    }
  | { readonly type: typeof OpCode.setData; readonly request: SetDataRequest }

export type MultiResult =
  | { readonly type: typeof OpCode.create; readonly path: string }
  | { readonly type: typeof OpCode.create2; readonly path: string; readonly stat: Stat }
  | { readonly type: typeof OpCode.setData; readonly stat: Stat }
  | { readonly type: typeof OpCode.delete | typeof OpCode.check }
  | { readonly type: typeof OpCode.error; readonly err: number }

export function writeMultiRequest(writer: JuteWriter, ops: readonly MultiOp[]): void {
  for (const op of ops) {
    writeMultiHeader(writer, op.type, -1)
    writeMultiOp(writer, op)
  }
  writeMultiEnd(writer)
}

export function readMultiRequest(reader: JuteReader): MultiOp[] {
  return readMultiParts(reader, readOp)
}

export function writeMultiResponse(writer: JuteWriter, results: readonly MultiResult[]): void {
  for (const result of results) {
    writeMultiHeader(writer, result.type, result.type === OpCode.error ? result.err : 0)
    writeResult(writer, result)
  }
  writeMultiEnd(writer)
}

export function readMultiResponse(reader: JuteReader): MultiResult[] {
  return readMultiParts(reader, readResult)
}

/** A part's record, which is the same as that of a request for it alone. */
export function writeMultiOp(writer: JuteWriter, op: MultiOp): void {
  switch (op.type) {
    case OpCode.createTTL:
      writeCreateTtlRequest(writer, op.request)
      break
    case OpCode.delete:
    case OpCode.check:
      writeDeleteRequest(writer, op.request)
      break
    case OpCode.setData:
      writeSetDataRequest(writer, op.request)
      break
    default:
      writeCreateRequest(writer, op.request)
      break
  }
}

function readOp(type: number, reader: JuteReader): MultiOp {
  switch (type) {
    case OpCode.create:
    case OpCode.create2:
    case OpCode.createContainer:
      return { type, request: readCreateRequest(reader) }
    case OpCode.createTTL:
      return { type, request: readCreateTtlRequest(reader) }
    case OpCode.delete:
    case OpCode.check:
      return { type, request: readDeleteRequest(reader) }
    case OpCode.setData:
      return { type, request: readSetDataRequest(reader) }
    default:
      return unexpectedPart(type)
  }
}

function writeResult(writer: JuteWriter, result: MultiResult): void {
  switch (result.type) {
    case OpCode.create:
      writer.string(result.path)
      break
    case OpCode.create2:
      writer.string(result.path)
      writeStat(writer, result.stat)
      break
    case OpCode.setData:
      writeStat(writer, result.stat)
      break
    case OpCode.error:
      writer.int(result.err)
      break
    default:
      break
  }
}

function readResult(type: number, reader: JuteReader): MultiResult {
  switch (type) {
    case OpCode.create:
      return { type, path: reader.text() }
    case OpCode.create2:
      return { type, path: reader.text(), stat: readStat(reader) }
    case OpCode.setData:
      return { type, stat: readStat(reader) }
    case OpCode.delete:
    case OpCode.check:
      return { type }
    case OpCode.error:
      return { type, err: reader.int() }
    default:
      return unexpectedPart(type)
  }
}

export const multi: Call<readonly MultiOp[], MultiResult[]> = {
  code: OpCode.multi,
  write: writeMultiRequest,
  read: readMultiResponse,
}
