// Who is around a member's zab, and the times it keeps.

import type { EpochFile, ReadKind } from '../../protocol/messages/log.ts'
import type { TreeLogMessages, TreeZabMessages } from '../../protocol/messages/tree.ts'
import type { Link } from '../../protocol/messages/zab.ts'
import type { Member } from '../../protocol/quorum/membership-config.ts'
import type { PacketType } from '../../protocol/quorum/packet.ts'
import type { ServerId } from '../../protocol/quorum/server-id.ts'
import type { Zxid } from '../../protocol/zxid.ts'

/** The sockets on port 2888. */
export interface ZabLinks {
  /** These are the members from now on. Links that stand are left alone. */
  configured(members: readonly Member[]): void
  /** Dials this server; `linkOpened` or `linkClosed` follows, for the link returned. */
  connect(leader: ServerId): Link
  /** Accept learners, or no longer. */
  listen(open: boolean): void
  /** `authinfo`: an encoded vector<Id>. */
  send(
    link: Link,
    type: PacketType,
    zxid: Zxid,
    data: Uint8Array | null,
    authinfo?: Uint8Array | null,
  ): void
  /** One packet for many, encoded once. */
  broadcast(links: readonly Link[], type: PacketType, zxid: Zxid, data: Uint8Array | null): void
  /** The same, with whatever leaves next on each link, or in a few milliseconds. */
  broadcastSoon(links: readonly Link[], type: PacketType, zxid: Zxid, data: Uint8Array | null): void
  /** What is no packet: the body of a snapshot, and its signature. */
  sendRaw(link: Link, bytes: Uint8Array, start: number, end: number): void
  /** Bytes that wait for the link. */
  unsent(link: Link): number
  /** `linkReady` follows, once, when little or nothing waits for it any more. */
  awaitRoom(link: Link): void
  /** Links for which more waits than should, since the last call. */
  takeOverfull(): readonly Link[]
  /** Reads nothing from the link, or goes on, later than this call: what is on its way waits with who
   * sends it. */
  hold(link: Link, on: boolean): void
  /** Also of a link that is being dialled. Nothing more is heard of it, nor of what is on its way
   * from it. */
  close(link: Link): void
}

/**
 * The disk. Requests are carried out one after the other, and answered in their order: an epoch
 * file is written when everything appended before it is durable. A file whose last transaction is
 * of a later epoch than `currentEpoch` is no damage: a learner was cut off while it was brought up
 * to date.
 */
export interface ZabLog {
  /** `synced` follows when it is durable, once for many. */
  append(zxid: Zxid, bytes: Uint8Array, start: number, end: number): void
  /** `epochSaved` follows when the file is durable. */
  saveEpoch(which: EpochFile, epoch: number): void
  /** Cuts the log after `zxid`, and drops newer snapshots; `truncated` follows and says where it
   * ends now. A log that does not hold this very transaction, or could not be loaded without what
   * lies behind it, stays as it is and says so too. */
  truncate(zxid: Zxid): void
  /** The snapshot that the tree has just been given replaces the log's whole history; `installed`
   * follows when it is durable. Until then a crash leaves what was there before. */
  install(zxid: Zxid): void
  /** The tree forgets everything and is loaded from the disk; `loaded` follows. */
  reload(): void
  /** What was lost is there again. */
  whole(): void
  /** `fenced` follows, after every answer to what was asked before. */
  fence(): void
  /** What the disk holds for a learner that lags (LogMessages). */
  beginRead(link: Link, kind: ReadKind, after: Zxid): void
  readOn(link: Link): void
  endRead(link: Link): void
}

export type { EpochFile }

export type ZabTree = TreeZabMessages &
  Pick<TreeLogMessages, 'snapshotBegin' | 'snapshotPiece' | 'snapshotEnd'>

export type { Link }

export interface ZabTimes {
  readonly tickTimeMs: number
  /** Ticks a learner may take to connect and synchronise. */
  readonly initLimit: number
  /** Ticks a learner may be silent, or behind. */
  readonly syncLimit: number
  /** Our members' own sign of life, in ms. */
  readonly heartbeatMs: number
  /** How long a leader of ours may be silent, in ms. */
  readonly silenceMs: number
  /** See fan-out.ts, which knows how long unless this says. */
  readonly streamMs?: number | undefined
}
