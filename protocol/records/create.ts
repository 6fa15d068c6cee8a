// create, create2, createContainer, createTTL.
//
//   CreateRequest     ustring path, buffer data, vector<ACL> acl, int flags     (1, 15, 19)
//   CreateTTLRequest  the same, long ttl                                        (21)
//   CreateResponse    ustring path                                              (1)
//   Create2Response   ustring path, Stat stat                                   (15, 19, 21)

import { type Acl, readAcls, writeAcls } from '../acl.ts'
import type { JuteReader } from '../bytes/jute-reader.ts'
import type { JuteWriter } from '../bytes/jute-writer.ts'
import { OpCode } from '../op-code.ts'
import { readStat, type Stat } from '../stat.ts'
import type { Call } from './call.ts'

export interface CreateRequest {
  readonly path: string
  readonly data: Uint8Array | null
  readonly acl: readonly Acl[] | null
  /** One of CreateMode, unchecked. */
  readonly flags: number
}

export interface CreateTtlRequest extends CreateRequest {
  /** Rounded if a number cannot hold it exactly, which is far beyond the permitted range. */
  readonly ttlMs: number
}

export interface CreateResponse {
  readonly path: string
}

export interface Create2Response {
  readonly path: string
  readonly stat: Stat
}

export function writeCreateRequest(writer: JuteWriter, request: CreateRequest): void {
  writer.string(request.path)
  writer.buffer(request.data)
  writeAcls(writer, request.acl)
  writer.int(request.flags)
}

export function readCreateRequest(reader: JuteReader): CreateRequest {
  return {
    path: reader.text(),
    data: reader.buffer(),
    acl: readAcls(reader),
    flags: reader.int(),
  }
}

export function writeCreateTtlRequest(writer: JuteWriter, request: CreateTtlRequest): void {
  writeCreateRequest(writer, request)
  writer.longNumber(request.ttlMs)
}

export function readCreateTtlRequest(reader: JuteReader): CreateTtlRequest {
  return {
    path: reader.text(),
    data: reader.buffer(),
    acl: readAcls(reader),
    flags: reader.int(),
    ttlMs: Number(reader.long()),
  }
}

export function writeCreateResponse(writer: JuteWriter, response: CreateResponse): void {
  writer.string(response.path)
}

export function readCreateResponse(reader: JuteReader): CreateResponse {
  return { path: reader.text() }
}

export function readCreate2Response(reader: JuteReader): Create2Response {
  return { path: reader.text(), stat: readStat(reader) }
}

export const create: Call<CreateRequest, CreateResponse> = {
  code: OpCode.create,
  write: writeCreateRequest,
  read: readCreateResponse,
}

export const create2: Call<CreateRequest, Create2Response> = {
  code: OpCode.create2,
  write: writeCreateRequest,
  read: readCreate2Response,
}

export const createContainer: Call<CreateRequest, Create2Response> = {
  ...create2,
  code: OpCode.createContainer,
}

export const createTTL: Call<CreateTtlRequest, Create2Response> = {
  code: OpCode.createTTL,
  write: writeCreateTtlRequest,
  read: readCreate2Response,
}
