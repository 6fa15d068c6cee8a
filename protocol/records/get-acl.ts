// getACL.
//
//   GetACLRequest   ustring path
//   GetACLResponse  vector<ACL> acl, Stat stat

import { type Acl, readAcls, writeAcls } from '../acl.ts'
import type { JuteReader } from '../bytes/jute-reader.ts'
import type { JuteWriter } from '../bytes/jute-writer.ts'
import { readStat, type Stat, writeStat } from '../stat.ts'

export interface GetAclRequest {
  readonly path: string
}

export interface GetAclResponse {
  readonly acl: readonly Acl[] | null
  readonly stat: Stat
}

export function writeGetAclRequest(writer: JuteWriter, request: GetAclRequest): void {
  writer.string(request.path)
}

export function readGetAclRequest(reader: JuteReader): GetAclRequest {
  return { path: reader.text() }
}

export function writeGetAclResponse(writer: JuteWriter, response: GetAclResponse): void {
  writeAcls(writer, response.acl)
  writeStat(writer, response.stat)
}

export function readGetAclResponse(reader: JuteReader): GetAclResponse {
  return { acl: readAcls(reader), stat: readStat(reader) }
}
