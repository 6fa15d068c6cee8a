// network -> sessions, tree -> sessions and zab -> sessions: SessionsMessages as frames.
//
//   connect        slot, xid = timeout, zxid = last seen, a b = session id, payload = password
//   sessionOpened  xid = timeout, a b = session id
//   touch          slot = link, xid = timeout, a b = session id
//   sessionClosed  a b = session id
//   query          a = query id, b = kind
//   serving        zxid, a = 1 if this server leads
//   touched        slot = link, payload = long sessionId, int timeout, repeated
//   learnerLost    slot = link

import { assertNever } from '../../protocol/assert.ts'
import type { ConnectionSlot } from '../../protocol/messages/network.ts'
import type { SessionsMessages } from '../../protocol/messages/sessions.ts'
import type { Link } from '../../protocol/messages/zab.ts'
import type { SessionId } from '../../protocol/session-id.ts'
import { sessionFrom, sessionHigh, sessionLow } from '../../protocol/session-id.ts'
import { ZXID_ZERO, type Zxid } from '../../protocol/zxid.ts'
import type { Outbox } from '../ring/mailbox.ts'
import type { FrameView } from '../ring/ring.ts'
import { FrameType } from './frame-type.ts'

export class SessionsSender implements SessionsMessages {
  readonly #out: Outbox

  constructor(out: Outbox) {
    this.#out = out
  }

  connect(
    slot: ConnectionSlot,
    lastZxidSeen: Zxid,
    timeoutMs: number,
    sessionId: SessionId,
    password: Uint8Array,
    start: number,
    end: number,
  ): void {
    const high = sessionHigh(sessionId)
    const low = sessionLow(sessionId)
    const type = FrameType.connect
    this.#out.send(type, slot, timeoutMs, lastZxidSeen, high, low, password, start, end)
  }

  closed(slot: ConnectionSlot): void {
    this.#out.send(FrameType.closed, slot, 0, ZXID_ZERO, 0, 0)
  }

  query(queryId: number, kind: number): void {
    this.#out.send(FrameType.query, 0, 0, ZXID_ZERO, queryId, kind)
  }

  sessionOpened(sessionId: SessionId, timeoutMs: number): void {
    const high = sessionHigh(sessionId)
    const low = sessionLow(sessionId)
    this.#out.send(FrameType.sessionOpened, 0, timeoutMs, ZXID_ZERO, high, low)
  }

  sessionClosed(sessionId: SessionId): void {
    const high = sessionHigh(sessionId)
    const low = sessionLow(sessionId)
    this.#out.send(FrameType.sessionClosed, 0, 0, ZXID_ZERO, high, low)
  }

  serving(zxid: Zxid, leads: boolean): void {
    this.#out.send(FrameType.serving, 0, 0, zxid, leads ? 1 : 0, 0)
  }

  idle(): void {
    this.#out.send(FrameType.idle, 0, 0, ZXID_ZERO, 0, 0)
  }

  reset(): void {
    this.#out.send(FrameType.reset, 0, 0, ZXID_ZERO, 0, 0)
  }

  touch(link: Link, sessionId: SessionId, timeoutMs: number): void {
    const high = sessionHigh(sessionId)
    const low = sessionLow(sessionId)
    this.#out.send(FrameType.touch, link, timeoutMs, ZXID_ZERO, high, low)
  }

  touched(link: Link, bytes: Uint8Array, start: number, end: number): void {
    this.#out.send(FrameType.touched, link, 0, ZXID_ZERO, 0, 0, bytes, start, end)
  }

  learnerLost(link: Link): void {
    this.#out.send(FrameType.learnerLost, link, 0, ZXID_ZERO, 0, 0)
  }
}

export function deliverToSessions(f: FrameView, sessions: SessionsMessages): void {
  switch (f.type) {
    case FrameType.connect:
      sessions.connect(f.slot, f.zxid, f.xid, sessionFrom(f.a, f.b), f.bytes, f.start, f.end)
      break
    case FrameType.closed:
      sessions.closed(f.slot)
      break
    case FrameType.sessionOpened:
      sessions.sessionOpened(sessionFrom(f.a, f.b), f.xid)
      break
    case FrameType.sessionClosed:
      sessions.sessionClosed(sessionFrom(f.a, f.b))
      break
    case FrameType.query:
      sessions.query(f.a, f.b)
      break
    case FrameType.serving:
      sessions.serving(f.zxid, f.a === 1)
      break
    case FrameType.idle:
      sessions.idle()
      break
    case FrameType.reset:
      sessions.reset()
      break
    case FrameType.touch:
      sessions.touch(f.slot, sessionFrom(f.a, f.b), f.xid)
      break
    case FrameType.touched:
      sessions.touched(f.slot, f.bytes, f.start, f.end)
      break
    case FrameType.learnerLost:
      sessions.learnerLost(f.slot)
      break
    default:
      assertNever(f.type as never)
  }
}
