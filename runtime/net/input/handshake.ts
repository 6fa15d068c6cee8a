// The first frame of a connection: ConnectRequest, in its forms of 44 bytes and, with the readOnly
// byte, 45. And the answer, in the form that was asked for.

import { JuteReader } from '../../../protocol/bytes/jute-reader.ts'
import { SESSION_NONE, type SessionId, sessionIdOf } from '../../../protocol/session-id.ts'
import {
  COUNTER_MAX,
  EPOCH_MAX,
  isZxid,
  ZXID_ZERO,
  type Zxid,
  zxidOf,
} from '../../../protocol/zxid.ts'

import type { PasswordOf } from '../../process/session-passwords.ts'

const ZXID_MAX = zxidOf(EPOCH_MAX, COUNTER_MAX)

export interface ConnectRequest {
  lastZxidSeen: Zxid
  timeoutMs: number
  sessionId: SessionId
  password: Uint8Array
  hasReadOnly: boolean
  /** Whether a read-only server will do. */
  readOnly: boolean
}

/** int protocolVersion, long lastZxidSeen, int timeOut, long sessionId, buffer passwd,
 * [boolean readOnly]. Throws MalformedError. */
export function readConnectRequest(bytes: Uint8Array, start: number, end: number): ConnectRequest {
  const reader = new JuteReader(bytes, start, end)
  reader.int()
  const high = reader.int()
  const low = reader.int()
  const timeoutMs = reader.int()
  const sessionId = sessionIdOf(reader.long())
  const password = reader.buffer() ?? new Uint8Array(0)
  const hasReadOnly = reader.remaining >= 1
  const readOnly = hasReadOnly && reader.bool()
  // A negative zxid says that nothing was seen. One beyond all others is ahead of every server.
  const lastZxidSeen = high < 0 ? ZXID_ZERO : isZxid(high) ? zxidOf(high, low) : ZXID_MAX
  return { lastZxidSeen, timeoutMs, sessionId, password, hasReadOnly, readOnly }
}

const NO_PASSWORD = new Uint8Array(16)

/** int length, int protocolVersion, int timeOut, long sessionId, buffer passwd, [boolean readOnly].
 * A refusal has session id 0, timeout 0 and a password of zeros. */
export function connectResponse(
  sessionId: SessionId,
  passwordOf: PasswordOf,
  timeoutMs: number,
  withReadOnly: boolean,
  isReadOnly: boolean,
): Uint8Array {
  const length = withReadOnly ? 37 : 36
  const bytes = new Uint8Array(4 + length)
  const view = new DataView(bytes.buffer)
  view.setInt32(0, length)
  view.setInt32(8, timeoutMs)
  view.setBigInt64(12, sessionId)
  view.setInt32(20, NO_PASSWORD.length)
  bytes.set(sessionId === SESSION_NONE ? NO_PASSWORD : passwordOf(sessionId), 24)
  if (withReadOnly && isReadOnly) bytes[bytes.length - 1] = 1
  return bytes
}
