// What the proposal/commit pipeline is told.

import type { ServerId } from '../quorum/server-id.ts'
import type { SessionId } from '../session-id.ts'
import type { Zxid } from '../zxid.ts'
import { LINK_SELF, type Link } from './link.ts'
import type { EpochFile } from './log.ts'

export { LINK_SELF, type Link }

/** What a server hears that is a quorum by itself. */
export interface ZabMessages {
  /** From the tree: it holds everything the disk held, up to `zxid`. */
  loaded(zxid: Zxid): void
  /** From the tree that leads: TxnHeader, record, digest, in zxid order without a hole. */
  propose(zxid: Zxid, bytes: Uint8Array, start: number, end: number): void
  /** From the log: everything up to `zxid` is on disk. */
  synced(zxid: Zxid): void
}

/** The tree of a member of an ensemble. */
export interface EnsembleTreeMessages {
  /** What /zookeeper/config holds, in UTF-8: before each `loaded`, and whenever it changes. */
  configured(bytes: Uint8Array, start: number, end: number): void
  /** `idle` was heard, and what the log had answered to the tree before its own `fenced`. */
  fenced(): void
  /** A learner's: the leader is to do this for one of our clients. The first `dataBytes` are long
   * sessionId, int cxid, int type, request; the rest is the client's vector<Id>. */
  forward(dataBytes: number, bytes: Uint8Array, start: number, end: number): void
  /** A learner's: may the session go on here? `revalidated` follows, in the order of asking. */
  revalidate(sessionId: SessionId, timeoutMs: number): void
  /** A leader's, in answer to `revalidation`. */
  validated(link: Link, sessionId: SessionId, valid: boolean): void
  /** A leader's: `synchronized` follows when everything proposed so far is committed and a quorum
   * has confirmed that we still lead; for a learner it is told. */
  sync(link: Link): void
}

/** The log of a member of an ensemble. */
export interface EnsembleLogMessages {
  /** Once, before the tree's first `loaded`: what the epoch files say. */
  epochs(accepted: number, current: number): void
  /** Before the tree's `loaded`, which is of nothing: the disk has lost what this member had
   * acknowledged. `whole` is to be told when it has got that back. */
  damaged(): void
  /** At each load, before the tree's `loaded`: one of the last transactions read, the one before it,
   * and its bytes. They come in order and without a hole. */
  recalled(previous: Zxid, zxid: Zxid, bytes: Uint8Array, start: number, end: number): void
  /** This file is durable, and everything appended before it was asked for. */
  epochSaved(which: EpochFile): void
  /** Where the log ends now; elsewhere than asked when it could not be cut there. */
  truncated(last: Zxid): void
  /** The snapshot that the tree was given has replaced the log's history. */
  installed(): void
  /** Everything that was asked before `fence` has been answered. */
  fenced(): void
  /** What is read for this learner begins behind `from`: with a snapshot that ends there, or with
   * the transactions that follow it. */
  readBegun(link: Link, from: Zxid, bySnapshot: boolean): void
  /** Of the snapshot: its body, the end mark included. Behind the last piece come transactions. */
  pieceRead(link: Link, last: boolean, bytes: Uint8Array, start: number, end: number): void
  /** Transactions, each behind an int that says its length; none when the disk holds no more. */
  entriesRead(link: Link, bytes: Uint8Array, start: number, end: number): void
  /** Nothing more is read for this learner. */
  readFailed(link: Link, why: string): void
}

export interface ZabEnsembleMessages
  extends ZabMessages,
    EnsembleTreeMessages,
    EnsembleLogMessages {
  /** From the election: lead, if `leader` is our own id, or follow. */
  elected(leader: ServerId): void
  /** From the election: whether a server that is watched has pulses now. */
  pulse(server: ServerId, alive: boolean): void
  /** From a learner's session manager: clients that were heard, long sessionId, int timeoutMs, one
   * after the other. They travel with the next answer to the leader's PING. */
  touched(bytes: Uint8Array, start: number, end: number): void
}
