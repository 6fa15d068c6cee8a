// whoAmI: the identities of the asking connection. The request has no body.
//
//   ClientInfo      ustring authScheme, ustring user
//   WhoAmIResponse  vector<ClientInfo> clientInfo

import type { JuteReader } from '../bytes/jute-reader.ts'
import type { JuteWriter } from '../bytes/jute-writer.ts'
import { OpCode } from '../op-code.ts'
import type { Call } from './call.ts'

export interface ClientInfo {
  readonly authScheme: string
  readonly user: string
}

export interface WhoAmIResponse {
  readonly clientInfo: readonly ClientInfo[]
}

const CLIENT_INFO_BYTES_MIN = 8

export function writeWhoAmIResponse(writer: JuteWriter, response: WhoAmIResponse): void {
  writer.vector(response.clientInfo, writeClientInfo)
}

export function readWhoAmIResponse(reader: JuteReader): WhoAmIResponse {
  return { clientInfo: reader.vector(readClientInfo, CLIENT_INFO_BYTES_MIN) ?? [] }
}

function writeClientInfo(writer: JuteWriter, info: ClientInfo): void {
  writer.string(info.authScheme)
  writer.string(info.user)
}

function readClientInfo(reader: JuteReader): ClientInfo {
  return { authScheme: reader.string() ?? '', user: reader.string() ?? '' }
}

export const whoAmI: Call<null, WhoAmIResponse> = {
  code: OpCode.whoAmI,
  write: null,
  read: readWhoAmIResponse,
}
