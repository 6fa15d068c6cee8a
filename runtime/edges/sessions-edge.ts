// What the network loop, the tree and zab tell the session manager, as frames.

import type { SessionsMessages } from '../../protocol/messages/sessions.ts'
import { Edge, type SenderClass } from './edge.ts'
import { bytes, flag, int, link, session, slot, zxid } from './field.ts'

export const SESSIONS: Edge<SessionsMessages> = new Edge<SessionsMessages>('sessions', {
  connect: [slot, zxid, int, session, bytes],
  closed: [slot],
  query: [int, int],
  sessionOpened: [session, int],
  sessionClosed: [session],
  serving: [zxid, flag],
  idle: [],
  reset: [],
  touch: [link, session, int],
  touched: [link, int, bytes],
  learnerLost: [link],
})

export const SessionsSender: SenderClass<SessionsMessages> = SESSIONS.sender()
