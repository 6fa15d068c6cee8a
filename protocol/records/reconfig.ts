// reconfig. The answer is a GetDataResponse: the new configuration and its node's Stat.
//
//   ReconfigRequest  ustring joiningServers, leavingServers, newMembers, long curConfigId

import type { JuteReader } from '../bytes/jute-reader.ts'
import type { JuteWriter } from '../bytes/jute-writer.ts'
import { OpCode } from '../op-code.ts'
import type { Call } from './call.ts'
import { type GetDataResponse, readGetDataResponse } from './get-data.ts'

export interface ReconfigRequest {
  /** Server specifications, comma separated; null for none. */
  readonly joiningServers: string | null
  /** Server ids, comma separated; null for none. */
  readonly leavingServers: string | null
  /** A whole membership, instead of the two fields above. */
  readonly newMembers: string | null
  /** The version that the change is meant for; -1 is any. Rounded if a number cannot hold it
   * exactly; no version in use is that large. */
  readonly curConfigId: number
}

export function writeReconfigRequest(writer: JuteWriter, request: ReconfigRequest): void {
  writer.string(request.joiningServers)
  writer.string(request.leavingServers)
  writer.string(request.newMembers)
  writer.longNumber(request.curConfigId)
}

export function readReconfigRequest(reader: JuteReader): ReconfigRequest {
  return {
    joiningServers: reader.string(),
    leavingServers: reader.string(),
    newMembers: reader.string(),
    curConfigId: Number(reader.long()),
  }
}

export const reconfig: Call<ReconfigRequest, GetDataResponse> = {
  code: OpCode.reconfig,
  write: writeReconfigRequest,
  read: readGetDataResponse,
}
