// What the network loop is told. Everything for a client comes through the watches actor alone, so
// one first-in-first-out edge orders replies and watch events.

import type { SessionId } from '../session-id.ts'
import type { Zxid } from '../zxid.ts'

/** A connection as every actor names it: a small integer the network loop gave out. It is given
 * out again only when `released` came back twice, once for each edge `closed` went along. */
export type ConnectionSlot = number
export const SLOT_NONE: ConnectionSlot = -1

export interface NetworkMessages {
  /** Recovery is over: clients are welcome. */
  serving(zxid: Zxid): void
  /** The handshake succeeded, or failed: then sessionId and timeoutMs are 0 and the socket is
   * closed after the answer. */
  connected(slot: ConnectionSlot, sessionId: SessionId, timeoutMs: number): void
  /** A whole client frame, length prefix included. `closeAfter`: it is the connection's last. */
  reply(
    slot: ConnectionSlot,
    xid: number,
    zxid: Zxid,
    closeAfter: boolean,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void
  /** One notification frame for many connections: int count, int slot * count, then the frame with
   * its length prefix. */
  event(bytes: Uint8Array, start: number, end: number): void
  /** Close the socket without a word. */
  close(slot: ConnectionSlot): void
  /** One of the two edges is past its last message for the slot. */
  released(slot: ConnectionSlot): void
  /** A query's answer, msgpack. */
  answer(queryId: number, bytes: Uint8Array, start: number, end: number): void
}
