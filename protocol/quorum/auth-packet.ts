// What servers prove who they are with, on both of their ports, when quorum SASL is on (QuorumAuth):
//
//   QuorumAuthPacket   long magic, int status, buffer token
//
// The server that dials sends first. The magic number is negative, so neither a learner's first
// packet nor a vote begins with it. So eight bytes tell the server that accepts whether the other
// one means to authenticate.

import { JuteReader, MalformedError } from '../bytes/jute-reader.ts'
import { JuteWriter } from '../bytes/jute-writer.ts'

const MAGIC = -0xa0dbcafecafe1234n
export const MAGIC_BYTES = 8
const HEADER_BYTES = 16
/** A ticket that carries somebody's groups is that large; no other token is. */
export const AUTH_TOKEN_BYTES_MAX = 65_536

const NULL = -1

export const AuthStatus = { inProgress: 0, success: 1, error: -1 } as const
export type AuthStatus = (typeof AuthStatus)[keyof typeof AuthStatus]

export interface AuthPacket {
  readonly status: AuthStatus
  /** Null: there is none, as in GSSAPI's last packet. */
  readonly token: Uint8Array | null
}

export function authPacketBytes(status: AuthStatus, token: Uint8Array | null): Uint8Array {
  const writer = new JuteWriter(HEADER_BYTES + (token?.length ?? 0))
  writer.long(BigInt.asIntN(64, MAGIC))
  writer.int(status)
  writer.buffer(token)
  return writer.finish()
}

/** Whether these bytes begin such a packet; null while that cannot be decided. */
export function beginsAuthPacket(bytes: Uint8Array, start: number, end: number): boolean | null {
  if (end - start < MAGIC_BYTES) return null
  return new JuteReader(bytes, start, end).long() === BigInt.asIntN(64, MAGIC)
}

/** The packet at `start`, and where it ends; null while it is incomplete. Throws MalformedError on bytes
 * that cannot become one. */
export function readAuthPacket(
  bytes: Uint8Array,
  start: number,
  end: number,
): { packet: AuthPacket; end: number } | null {
  const isOurs = beginsAuthPacket(bytes, start, end)
  if (isOurs === false) throw new MalformedError('no packet of quorum authentication')
  if (end - start < HEADER_BYTES) return null
  const reader = new JuteReader(bytes, start + MAGIC_BYTES, end)
  const status = reader.int()
  if (!isStatus(status)) throw new MalformedError(`quorum authentication of status ${status}`)
  const length = reader.int()
  if (length === NULL) return { packet: { status, token: null }, end: start + HEADER_BYTES }
  if (length < 0 || length > AUTH_TOKEN_BYTES_MAX) {
    throw new MalformedError(`quorum authentication with a token of ${length} bytes`)
  }
  const tokenEnd = start + HEADER_BYTES + length
  if (tokenEnd > end) return null
  const token = bytes.slice(start + HEADER_BYTES, tokenEnd)
  return { packet: { status, token }, end: tokenEnd }
}

function isStatus(status: number): status is AuthStatus {
  return Object.values<number>(AuthStatus).includes(status)
}
