// What both roles of zab share: who we are, what we remember, whom we can tell.

import type { Id } from '../../protocol/acl.ts'
import type { PacketType } from '../../protocol/quorum/packet.ts'
import type { ServerId } from '../../protocol/quorum/server-id.ts'
import type { Zxid } from '../../protocol/zxid.ts'
import type { Clock, Journal } from '../actor.ts'
import type { Quorum } from '../quorum.ts'
import type { History } from './history.ts'

/** A connection between a leader and a learner, as their host numbers it. Never given out twice. */
export type Link = number

/** The sockets on port 2888. */
export interface ZabLinks {
  /** Dial this server; `linkOpened` or `linkClosed` follows. */
  connect(leader: ServerId): void
  /** Accept learners, or no longer. */
  listen(open: boolean): void
  send(
    link: Link,
    type: PacketType,
    zxid: Zxid,
    data: Uint8Array | null,
    identities?: readonly Id[] | null,
  ): void
  /** One packet for many, encoded once. */
  broadcast(links: readonly Link[], type: PacketType, zxid: Zxid, data: Uint8Array | null): void
  close(link: Link): void
}

export interface ZabLog {
  append(zxid: Zxid, bytes: Uint8Array, start: number, end: number): void
  /** Writes an epoch file after everything appended is durable; `epochSaved` follows. */
  saveEpoch(which: EpochFile, epoch: number): void
  /** Cuts the log after `zxid`; `truncated` follows. With `rebuild` the tree is loaded anew from
   * what is left, and `loaded` follows that. */
  truncate(zxid: Zxid, rebuild: boolean): void
  /** A snapshot replaces the log's whole history; `installed` follows when it is durable. */
  install(zxid: Zxid): void
}

export type EpochFile = 'accepted' | 'current'

export interface ZabTree {
  apply(zxid: Zxid, bytes: Uint8Array, start: number, end: number): void
  committed(zxid: Zxid): void
  lead(zxid: Zxid, alone: boolean): void
  /** Serve clients as a learner: writes are forwarded. */
  follow(zxid: Zxid): void
  /** No leader: let every client go, forget what was prepared. */
  idle(): void
  snapshotBegin(zxid: Zxid): void
  snapshotPiece(bytes: Uint8Array, start: number, end: number): void
  snapshotEnd(zxid: Zxid): void
  /** Send the tree as it is to a learner: SNAP, body, signature. `snapshotSent` follows. */
  sendSnapshot(link: Link): void
}

export interface ZabTimes {
  readonly tickTimeMs: number
  /** Ticks a learner may take to connect and synchronise. */
  readonly initLimit: number
  /** Ticks a learner may be silent, or behind. */
  readonly syncLimit: number
}

/** The durable promises, as last saved. */
export interface Epochs {
  accepted: number
  current: number
}

export interface ZabContext {
  readonly serverId: ServerId
  readonly quorum: Quorum
  readonly times: ZabTimes
  readonly config: Uint8Array
  readonly clock: Clock
  readonly history: History
  readonly epochs: Epochs
  readonly links: ZabLinks
  readonly log: ZabLog
  readonly tree: ZabTree
  readonly journal: Journal
  /** Ends the role: back to looking for a leader. */
  giveUp(why: string): void
}
