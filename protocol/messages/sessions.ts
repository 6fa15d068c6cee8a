// What the session manager is told: about connections by the network loop, and about sessions that
// exist by the tree.

import type { SessionId } from '../session-id.ts'
import type { Zxid } from '../zxid.ts'
import type { ConnectionSlot } from './network.ts'
import type { Link } from './zab.ts'

export interface SessionsMessages {
  /** A ConnectRequest. `sessionId` 0 asks for a new session. `password` is the client's 16 bytes
   * (any length: it is compared). */
  connect(
    slot: ConnectionSlot,
    lastZxidSeen: Zxid,
    timeoutMs: number,
    sessionId: SessionId,
    password: Uint8Array,
    start: number,
    end: number,
  ): void
  /** The connection is gone; its session lives on until it expires. Passed on to the tree. */
  closed(slot: ConnectionSlot): void
  query(queryId: number, kind: number): void
  /** The tree holds this session from now on: it was recovered, or its createSession was applied. */
  sessionOpened(sessionId: SessionId, timeoutMs: number): void
  /** The tree no longer holds the session, or refused to open it. */
  sessionClosed(sessionId: SessionId): void
  /** Clients are served. `leads`: sessions expire here, each after a full timeout from now.
   * Otherwise the leader is told which are alive. */
  serving(zxid: Zxid, leads: boolean): void
  /** No leader: nothing expires. */
  idle(): void
  /** The tree was replaced: forget every session. `sessionOpened` follows for those that it
   * holds. */
  reset(): void
  /** The session continues at this learner: it has a full timeout from now. */
  touch(link: Link, sessionId: SessionId, timeoutMs: number): void
  /** From zab: a learner has heard these sessions: long sessionId, int timeoutMs, one after the
   * other. Session 0 says that the list is complete for everything up to `ageMs` ago, when the
   * PING left that this answers. */
  touched(link: Link, ageMs: number, bytes: Uint8Array, start: number, end: number): void
  /** From zab: the learner is gone. */
  learnerLost(link: Link): void
}
