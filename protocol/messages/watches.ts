// What the watch dispatcher is told: all of it by the tree, in the order of the transactions.

import type { SessionId } from '../session-id.ts'
import type { Zxid } from '../zxid.ts'
import type { ConnectionSlot } from './network.ts'

/** How a watch is registered. `data` and `child` fire once. */
export const WatchMode = {
  data: 0,
  child: 1,
  persistent: 2,
  persistentRecursive: 3,
} as const
export type WatchMode = (typeof WatchMode)[keyof typeof WatchMode]

export interface WatchesMessages {
  /** The connection has this session now. */
  attached(slot: ConnectionSlot, sessionId: SessionId): void
  /** Registers a watch on the path `bytes`, in UTF-8. It sees every change that is told after it. */
  watch(slot: ConnectionSlot, mode: WatchMode, bytes: Uint8Array, start: number, end: number): void
  /** All of the connection's identities, as a Jute vector<Id>. They are needed where not everyone
   * may read a node. */
  identities(slot: ConnectionSlot, bytes: Uint8Array, start: number, end: number): void
  /** A node was created or deleted, or its data changed (EventType). Events for children follow
   * from this. `bytes` is Jute: buffer path, vector<ACL> node, vector<ACL> parent. A null vector
   * means that everyone may read. */
  changed(eventType: number, zxid: Zxid, bytes: Uint8Array, start: number, end: number): void
  /** An event for one connection, whatever it watches: setWatches found that it missed something.
   * The header's zxid is -1. `bytes` is the path. */
  notify(
    slot: ConnectionSlot,
    eventType: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void
  /** Opcodes 17 (`remove` false) and 18. The network loop is told the result. `type` is the
   * client's WatcherType, not yet validated. `bytes` is the path. */
  removeWatches(
    slot: ConnectionSlot,
    type: number,
    remove: boolean,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void
  /** The connection is gone: forget its watches. This comes twice, once for each edge, and each is
   * passed on as `released`. */
  closed(slot: ConnectionSlot): void
  /** A mark in the stream of changes, to be passed on to the network loop. */
  barrier(mark: number): void
  /** A query for this actor. `kind` is a Query. */
  query(queryId: number, kind: number): void
}
