// The first frame in each direction: it opens a session or takes one over.
//
//   ConnectRequest   int protocolVersion, long lastZxidSeen, int timeOut, long sessionId,
//                    buffer passwd, [boolean readOnly]                      44 or 45 bytes
//   ConnectResponse  int protocolVersion, int timeOut, long sessionId,
//                    buffer passwd, [boolean readOnly]                      36 or 37 bytes
//
// Clients older than 3.4 do not send the trailing boolean, and the server answers with it only to
// those that did. Here absent is null, which is not false.

import type { JuteReader } from '../bytes/jute-reader.ts'
import type { JuteWriter } from '../bytes/jute-writer.ts'
import { type SessionId, sessionIdOf } from '../session-id.ts'
import type { Zxid } from '../zxid.ts'

export interface ConnectRequest {
  readonly protocolVersion: number
  readonly lastZxidSeen: Zxid
  readonly timeoutMs: number
  /** Zero asks for a new session. */
  readonly sessionId: SessionId
  readonly password: Uint8Array | null
  readonly readOnly: boolean | null
}

export interface ConnectResponse {
  readonly protocolVersion: number
  /** The negotiated timeout; zero if the session is refused (expired). */
  readonly timeoutMs: number
  readonly sessionId: SessionId
  readonly password: Uint8Array | null
  readonly readOnly: boolean | null
}

export function writeConnectRequest(writer: JuteWriter, request: ConnectRequest): void {
  writer.int(request.protocolVersion)
  writer.zxid(request.lastZxidSeen)
  writer.int(request.timeoutMs)
  writer.long(request.sessionId)
  writer.buffer(request.password)
  if (request.readOnly !== null) writer.bool(request.readOnly)
}

export function readConnectRequest(reader: JuteReader): ConnectRequest {
  return {
    protocolVersion: reader.int(),
    lastZxidSeen: reader.zxid(),
    timeoutMs: reader.int(),
    sessionId: sessionIdOf(reader.long()),
    password: reader.buffer(),
    readOnly: reader.remaining > 0 ? reader.bool() : null,
  }
}

export function writeConnectResponse(writer: JuteWriter, response: ConnectResponse): void {
  writer.int(response.protocolVersion)
  writer.int(response.timeoutMs)
  writer.long(response.sessionId)
  writer.buffer(response.password)
  if (response.readOnly !== null) writer.bool(response.readOnly)
}

export function readConnectResponse(reader: JuteReader): ConnectResponse {
  return {
    protocolVersion: reader.int(),
    timeoutMs: reader.int(),
    sessionId: sessionIdOf(reader.long()),
    password: reader.buffer(),
    readOnly: reader.remaining > 0 ? reader.bool() : null,
  }
}
