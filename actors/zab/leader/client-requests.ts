// What learners ask a leader for their clients: on its way to the tree, and, for a session's
// validity, the answer on its way back (LearnerHandler).

import { JuteReader } from '../../../protocol/bytes/jute-reader.ts'
import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { type Packet, PacketType } from '../../../protocol/quorum/packet.ts'
import { type SessionId, sessionIdOf } from '../../../protocol/session-id.ts'
import { ZXID_NONE } from '../../../protocol/zxid.ts'
import type { ZabContext } from '../context.ts'
import type { Link } from '../neighbours.ts'
import type { Learner } from './learner.ts'

/** long sessionId, int cxid, int type */
const REQUEST_BYTES_MIN = 16
/** An empty vector. */
const NO_IDENTITIES = new Uint8Array(4)

/** False if the packet makes no sense. Throws MalformedError. */
export function takeClientRequest(context: ZabContext, learner: Learner, packet: Packet): boolean {
  const { current, link } = learner
  if (!current) return false
  learner.askedMs = context.clock.nowMs
  if (packet.type === PacketType.request) return takeRequest(context, link, packet)
  return takeRevalidation(context, link, packet)
}

function takeRequest({ tree }: ZabContext, link: Link, { data, authinfo }: Packet): boolean {
  if (data === null || data.length < REQUEST_BYTES_MIN) return false
  const identities = authinfo ?? NO_IDENTITIES
  if (isBehind(data, identities)) {
    const { buffer, byteOffset, length } = data
    const bytes = new Uint8Array(buffer, byteOffset, length + identities.length)
    tree.forwarded(link, length, bytes, 0, bytes.length)
    return true
  }
  const bytes = new Uint8Array(data.length + identities.length)
  bytes.set(data)
  bytes.set(identities, data.length)
  tree.forwarded(link, data.length, bytes, 0, bytes.length)
  return true
}

/** Whether the identities lie directly behind the data, as they do in a packet: then nothing is
 * copied. */
function isBehind(data: Uint8Array, identities: Uint8Array): boolean {
  const end = data.byteOffset + data.length
  return identities.buffer === data.buffer && identities.byteOffset === end
}

function takeRevalidation({ tree }: ZabContext, link: Link, { data }: Packet): boolean {
  if (data === null) return false
  const reader = new JuteReader(data)
  const sessionId = sessionIdOf(reader.long())
  tree.revalidation(link, sessionId, reader.int())
  return true
}

export function sendValidity(
  { links }: ZabContext,
  link: Link,
  sessionId: SessionId,
  valid: boolean,
): void {
  const data = new JuteWriter(9)
  data.long(sessionId)
  data.bool(valid)
  links.send(link, PacketType.revalidate, ZXID_NONE, data.finish())
}
