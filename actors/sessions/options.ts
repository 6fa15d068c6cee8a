// What a session manager is made with: settings, neighbours, the shared table, gauges.

import type { ConnectionSlot } from '../../protocol/messages/network.ts'
import type { TreeSessionMessages } from '../../protocol/messages/tree.ts'
import type { ZabEnsembleMessages } from '../../protocol/messages/zab.ts'
import type { ServerId } from '../../protocol/quorum/server-id.ts'
import type { SessionId } from '../../protocol/session-id.ts'
import type { Gauge, Journal } from '../actor.ts'

export interface SessionsOptions {
  /** 0 to 255. It is the top byte of every session id given out here. */
  readonly serverId: ServerId
  /** The width of an expiry bucket. */
  readonly tickTimeMs: number
  readonly minSessionTimeoutMs: number
  readonly maxSessionTimeoutMs: number
  /** Milliseconds since 1970 at the start. They are the middle of every id. */
  readonly startWallMs: number
  /** The password that the session's client must know. */
  passwordOf(id: SessionId): Uint8Array
  /** The most sessions that may be proposed and not yet opened; a further one is refused. */
  readonly pendingMax: number
  /** How often a learner reports which sessions it has heard. */
  readonly reportMs: number
  /** A tick this late, or a network loop silent for this long, counts as a stall. It is at least
   * twice the longest time that the network loop leaves between two signs of life. */
  readonly stallMs: number
}

/** The table that the network loop stamps, in milliseconds of the clock's `nowMs`. */
export interface LastHeard {
  /** When the connection last sent anything, or last could not because we did not read from it. */
  lastHeardMs(slot: ConnectionSlot): number
  /** When the loop last finished a round. Everything that had arrived by then is stamped. */
  networkAliveMs(): number
}

export interface SessionsGauges {
  readonly sessions: Gauge
  readonly pending: Gauge
  /** Sessions expired since the start. */
  readonly expired: Gauge
  /** Milliseconds by which stalls have extended deadlines. */
  readonly stalledMs: Gauge
}

export interface SessionsNeighbours {
  tree: TreeSessionMessages
  zab: Pick<ZabEnsembleMessages, 'touched'>
  journal: Journal
}
