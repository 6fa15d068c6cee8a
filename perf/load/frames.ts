// Frames as loads send and read them: whole, with places that are known beforehand.

import { writeConnectFrame, writeRequestFrame } from '../../client/request-frame.ts'
import { JuteWriter } from '../../protocol/bytes/jute-writer.ts'
import { REPLY_HEADER_BYTES } from '../../protocol/records/header.ts'
import { sessionIdOf } from '../../protocol/session-id.ts'
import { ZXID_ZERO } from '../../protocol/zxid.ts'

/** In a request, from its length on. */
export const XID_AT = 4
/** In a reply, behind its length. */
export const ERROR_AT = 12
export const BODY_AT: number = REPLY_HEADER_BYTES

/** A request; its xid is 1 until another is patched in. `write` is null for a request without a
 * record. */
export function frameOf<R>(
  type: number,
  write: ((writer: JuteWriter, record: R) => void) | null,
  record: R,
  xid: number = 1,
): Buffer {
  const writer = new JuteWriter()
  writeRequestFrame(writer, xid, type, write, record)
  return Buffer.from(writer.finish())
}

/** Asks for a new session. */
export function connectFrame(timeoutMs: number): Uint8Array {
  const writer = new JuteWriter()
  writeConnectFrame(writer, {
    protocolVersion: 0,
    lastZxidSeen: ZXID_ZERO,
    timeoutMs,
    sessionId: sessionIdOf(0n),
    password: new Uint8Array(16),
    readOnly: false,
  })
  return writer.finish()
}
