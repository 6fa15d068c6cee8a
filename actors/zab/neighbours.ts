// Who is around a member's zab, and the times it keeps.

import type { ConfigFile, EpochFile, ReadKind } from '../../protocol/messages/log.ts'
import type { TreeLogMessages, TreeZabMessages } from '../../protocol/messages/tree.ts'
import type { Link } from '../../protocol/messages/zab.ts'
import type { Member } from '../../protocol/quorum/membership-config.ts'
import type { PacketType } from '../../protocol/quorum/packet.ts'
import type { ServerId } from '../../protocol/quorum/server-id.ts'
import type { Zxid } from '../../protocol/zxid.ts'
import type { SilenceTimes } from '../silence.ts'

/** What a link was sent. */
export interface LinkReport {
  /** Of the peer: `127.0.0.1:44354`, `[::1]:44354`. */
  readonly address: string
  /** Packets since the link was opened, or since `recount`. */
  readonly sent: number
  /** Of the newest of them that had one. */
  readonly lastZxid: Zxid
  /** Packets that were sent since the link was last idle, if it is not; some of these may have left. */
  readonly waiting: number
  readonly waitingBytes: number
}

/** The sockets on port 2888. */
export interface ZabLinks {
  /** These are the members from now on. Open links are left alone. */
  configured(members: readonly Member[]): void
  /** Dials this server. `linkOpened` or `linkClosed` follows, for the link returned. */
  connect(leader: ServerId): Link
  /** Begins or stops accepting learners. */
  listen(open: boolean): void
  /** `authinfo`: an encoded vector<Id>. */
  send(
    link: Link,
    type: PacketType,
    zxid: Zxid,
    data: Uint8Array | null,
    authinfo?: Uint8Array | null,
  ): void
  /** One packet for many links, encoded once. */
  broadcast(links: readonly Link[], type: PacketType, zxid: Zxid, data: Uint8Array | null): void
  /** The same, sent with whatever leaves next on each link, or within a few milliseconds. */
  broadcastSoon(links: readonly Link[], type: PacketType, zxid: Zxid, data: Uint8Array | null): void
  /** For bytes that are no packet: the body of a snapshot, and its signature. */
  sendRaw(link: Link, bytes: Uint8Array, start: number, end: number): void
  /** Bytes that wait to be sent on the link. */
  unsent(link: Link): number
  /** Null if the link is gone. */
  report(link: Link): LinkReport | null
  /** Counts of packets begin again. */
  recount(link: Link): void
  /** `linkReady` follows, once, when little or nothing waits for the link any more. */
  awaitRoom(link: Link): void
  /** Links that too much waits for, since the last call. */
  takeOverfull(): readonly Link[]
  /** Stops reading from the link after this call, or goes on reading. What is on its way then waits
   * at the sender. */
  hold(link: Link, on: boolean): void
  /** Closes a link, also one that is being dialled. Nothing more is heard of it, not even what is
   * on its way from it. */
  close(link: Link): void
}

/** The disk. Requests are carried out, and answered, in the order in which they are made: an epoch
 * file is written once everything appended before it is durable. A log whose last transaction is
 * of a later epoch than `currentEpoch` is not damaged: a learner was cut off while it was brought
 * up to date. */
export interface ZabLog {
  /** `synced` follows when it is durable, one for many. */
  append(zxid: Zxid, bytes: Uint8Array, start: number, end: number): void
  /** `epochSaved` follows when the file is durable. */
  saveEpoch(which: EpochFile, epoch: number): void
  /** Writes the files of a configuration, before anything that is asked later (LogMessages). */
  saveConfig(which: ConfigFile, bytes: Uint8Array, start: number, end: number): void
  /** Cuts the log after `zxid`, and drops newer snapshots. `truncated` follows, and says where the
   * log ends now. A log stays as it is if it does not hold exactly this transaction, or could not
   * be loaded without what lies behind it. */
  truncate(zxid: Zxid): void
  /** The snapshot that the tree has just received replaces the log's whole history. `installed`
   * follows when that is durable. Until then a crash leaves the old history. */
  install(zxid: Zxid): void
  /** The tree forgets everything, and is loaded from the disk. `loaded` follows. */
  reload(): void
  /** What was lost is there again. */
  whole(): void
  /** `fenced` follows, after every answer to earlier requests. */
  fence(): void
  /** Reads from the disk what a learner lacks (LogMessages). */
  beginRead(link: Link, kind: ReadKind, after: Zxid): void
  readOn(link: Link): void
  endRead(link: Link): void
}

export type { EpochFile }

export type ZabTree = TreeZabMessages &
  Pick<TreeLogMessages, 'snapshotBegin' | 'snapshotPiece' | 'snapshotEnd'>

export type { Link }

export interface ZabTimes extends SilenceTimes {
  readonly tickTimeMs: number
  /** How many ticks a learner may take to connect and synchronise. */
  readonly initLimit: number
  /** How many ticks a learner may be silent, or behind. */
  readonly syncLimit: number
  /** How often our own members give a sign of life, in ms. */
  readonly heartbeatMs: number
  /** A quorum that takes longer is reported. */
  readonly fsyncWarningThresholdMs: number
  /** Overrides the time in fan-out.ts. */
  readonly streamMs?: number | undefined
}
