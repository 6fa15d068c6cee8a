// getACL.
//
//   GetACLRequest   ustring path
//   GetACLResponse  vector<ACL> acl, Stat stat

import { type Acl, readAcls } from '../acl.ts'
import type { JuteReader } from '../bytes/jute-reader.ts'
import type { JuteWriter } from '../bytes/jute-writer.ts'
import { OpCode } from '../op-code.ts'
import { readStat, type Stat } from '../stat.ts'
import type { Call } from './call.ts'

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

export function readGetAclResponse(reader: JuteReader): GetAclResponse {
  return { acl: readAcls(reader), stat: readStat(reader) }
}

export const getACL: Call<GetAclRequest, GetAclResponse> = {
  code: OpCode.getACL,
  write: writeGetAclRequest,
  read: readGetAclResponse,
}
