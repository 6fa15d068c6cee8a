// auth (100, xid -4) and sasl (102). The answer to the first is only a header.
//
//   AuthPacket       int type (0), ustring scheme, buffer auth
//   GetSASLRequest   buffer token
//   SetSASLResponse  buffer token

import { type JuteReader, MalformedError } from '../bytes/jute-reader.ts'
import type { JuteWriter } from '../bytes/jute-writer.ts'

export interface AuthPacket {
  readonly type: number
  readonly scheme: string
  readonly auth: Uint8Array | null
}

export interface SaslToken {
  readonly token: Uint8Array | null
}

export function writeAuthPacket(writer: JuteWriter, packet: AuthPacket): void {
  writer.int(packet.type)
  writer.string(packet.scheme)
  writer.buffer(packet.auth)
}

export function readAuthPacket(reader: JuteReader): AuthPacket {
  return { type: reader.int(), scheme: reader.string() ?? '', auth: reader.buffer() }
}

/** Throws MalformedError without a token, of which an empty one is one. */
export function readSaslToken(reader: JuteReader): Uint8Array {
  const token = reader.buffer()
  if (token === null) throw new MalformedError('no token')
  return token
}

export function writeSaslToken(writer: JuteWriter, token: SaslToken): void {
  writer.buffer(token.token)
}
