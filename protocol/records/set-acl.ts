// setACL.
//
//   SetACLRequest   ustring path, vector<ACL> acl, int version     version is the aversion
//   SetACLResponse  Stat stat

import { type Acl, writeAcls } from '../acl.ts'
import type { JuteReader } from '../bytes/jute-reader.ts'
import type { JuteWriter } from '../bytes/jute-writer.ts'
import { OpCode } from '../op-code.ts'
import { readStat, type Stat } from '../stat.ts'
import type { Call } from './call.ts'

export interface SetAclRequest {
  readonly path: string
  readonly acl: readonly Acl[] | null
  readonly version: number
}

export interface SetAclResponse {
  readonly stat: Stat
}

export function writeSetAclRequest(writer: JuteWriter, request: SetAclRequest): void {
  writer.string(request.path)
  writeAcls(writer, request.acl)
  writer.int(request.version)
}

export function readSetAclResponse(reader: JuteReader): SetAclResponse {
  return { stat: readStat(reader) }
}

export const setACL: Call<SetAclRequest, SetAclResponse> = {
  code: OpCode.setACL,
  write: writeSetAclRequest,
  read: readSetAclResponse,
}
