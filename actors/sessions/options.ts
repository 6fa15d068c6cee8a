// What a session manager is made with: settings, neighbours, the shared table, gauges.

import type { ConnectionSlot } from '../../protocol/messages/network.ts'
import type { TreeSessionMessages } from '../../protocol/messages/tree.ts'
import type { ZabEnsembleMessages } from '../../protocol/messages/zab.ts'
import type { ServerId } from '../../protocol/quorum/server-id.ts'
import type { SessionId } from '../../protocol/session-id.ts'
import type { Gauge } from '../actor.ts'

export interface SessionsOptions {
  /** 0 to 255; its low byte is the top byte of every id given out here. */
  readonly serverId: ServerId
  /** The width of an expiry bucket. */
  readonly tickTimeMs: number
  readonly minSessionTimeoutMs: number
  readonly maxSessionTimeoutMs: number
  /** Milliseconds since 1970 at the start: the middle of every id. */
  readonly startWallMs: number
  /** What the client of a session has to know. */
  passwordOf(id: SessionId): Uint8Array
  /** Sessions proposed and not yet opened; one more is refused. */
  readonly pendingMax: number
  /** How often a learner says which sessions it has heard. */
  readonly reportMs: number
  /** A tick this late, or a network loop silent for this long, is a stall. At least twice the
   * longest the network loop leaves between two signs of life. */
  readonly stallMs: number
}

/** The table the network loop stamps, in milliseconds of the clock's `nowMs`. */
export interface LastHeard {
  /** When the connection last sent anything, or could not because we did not read from it. */
  lastHeardMs(slot: ConnectionSlot): number
  /** When the loop last finished a round: everything that had arrived by then is stamped. */
  networkAliveMs(): number
}

export interface SessionsGauges {
  readonly sessions: Gauge
  readonly pending: Gauge
  /** Sessions ever expired. */
  readonly expired: Gauge
  /** Milliseconds by which stalls have extended deadlines. */
  readonly stalledMs: Gauge
}

export interface SessionsNeighbours {
  tree: TreeSessionMessages
  zab: Pick<ZabEnsembleMessages, 'touched'>
}
