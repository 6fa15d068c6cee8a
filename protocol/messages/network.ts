// What the network loop is told: replies by the tree, and events by the watches actor, each on an
// edge of its own. A client must see an event after the reply that set the watch, and before any
// reply that reflects the change. So the tree marks the place: with `barrier` to the watches actor,
// which passes it on as `passed`, and with `after` to the network loop. At an `after`, the network
// loop reads the watches actor's edge up to the same mark, and at no other time. Together the two
// edges are one stream, in the tree's order.

import type { NumberKind } from '../number-kind.ts'
import type { SessionId } from '../session-id.ts'
import type { Zxid } from '../zxid.ts'

/** A connection as every actor names it: a small integer that the network loop gave out. It is
 * given out again only after RELEASES times `released`: `closed` goes to the tree along two edges,
 * and each comes back along two. */
export type ConnectionSlot = NumberKind<'connection slot'>
export const SLOT_NONE: ConnectionSlot = -1
export const RELEASES = 4

/** What a server is while it serves. */
export const ServingMode = {
  standalone: 0,
  leader: 1,
  follower: 2,
  observer: 3,
  /** No leader: reads are served to clients that allow it. */
  readOnly: 4,
} as const
export type ServingMode = (typeof ServingMode)[keyof typeof ServingMode]

export interface NetworkMessages {
  /** Clients are welcome. */
  serving(zxid: Zxid, mode: ServingMode): void
  /** From the tree of a member: what /zookeeper/config holds from now on, in UTF-8. */
  configured(bytes: Uint8Array, start: number, end: number): void
  /** No leader: every client must look for another server, or come back later. */
  idle(): void
  /** The end of a handshake. If it failed, sessionId and timeoutMs are 0, and the socket is closed
   * after the answer. */
  connected(slot: ConnectionSlot, sessionId: SessionId, timeoutMs: number): void
  /** A whole frame for a client, with its length prefix. `closeAfter`: it is the connection's
   * last. */
  reply(
    slot: ConnectionSlot,
    xid: number,
    zxid: Zxid,
    closeAfter: boolean,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void
  /** A part of a long frame. The parts come in order, and `reply` brings the last. The connection
   * gets nothing else in between. */
  replyPart(slot: ConnectionSlot, bytes: Uint8Array, start: number, end: number): void
  /** One notification frame for many connections: int count, int slot * count, then the frame with
   * its length prefix. */
  event(bytes: Uint8Array, start: number, end: number): void
  /** Close the socket without a word. */
  close(slot: ConnectionSlot): void
  /** This edge has passed its last message for the slot. */
  released(slot: ConnectionSlot): void
  /** From the watches actor: the result of checkWatches or removeWatches, an ErrorCode. */
  watchResult(slot: ConnectionSlot, error: number): void
  /** From the tree, behind a barrier: reply with the connection's oldest watch result. */
  replyWatchResult(slot: ConnectionSlot, xid: number, zxid: Zxid): void
  /** From the tree: what the watches actor sends up to this mark belongs here. */
  after(mark: number): void
  /** From the watches actor: everything up to this mark was sent before. */
  passed(mark: number): void
  /** A part of a query's answer, in msgpack. With `isOver` there is no part, and none to come. */
  answer(queryId: number, isOver: boolean, bytes: Uint8Array, start: number, end: number): void
}
