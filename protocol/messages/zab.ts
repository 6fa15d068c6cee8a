// What the proposal/commit pipeline is told.

import type { ServerId } from '../quorum/server-id.ts'
import type { SessionId } from '../session-id.ts'
import type { Zxid } from '../zxid.ts'
import { LINK_SELF, type Link } from './link.ts'
import type { EpochFile } from './log.ts'

export { LINK_SELF, type Link }

/** What a server that is a quorum by itself is told. */
export interface ZabMessages {
  /** From the tree: it holds everything that the disk held, up to `zxid`. */
  loaded(zxid: Zxid): void
  /** From a tree that leads: TxnHeader, record, digest, in zxid order and without a hole. */
  propose(zxid: Zxid, bytes: Uint8Array, start: number, end: number): void
  /** From the log: everything up to `zxid` is on disk. */
  synced(zxid: Zxid): void
}

/** From the tree of a member of an ensemble. */
export interface EnsembleTreeMessages {
  /** What /zookeeper/config holds, in UTF-8: before each `loaded`, and whenever it changes. */
  configured(bytes: Uint8Array, start: number, end: number): void
  /** The tree has heard `idle`, and what the log had answered it before the log's own `fenced`. */
  fenced(): void
  /** At a learner: ask the leader to do this for one of our clients. The first `dataBytes` are long
   * sessionId, int cxid, int type, request; the rest is the client's vector<Id>. */
  forward(dataBytes: number, bytes: Uint8Array, start: number, end: number): void
  /** At a learner: may the session continue here? `revalidated` follows, in the order of asking. */
  revalidate(sessionId: SessionId, timeoutMs: number): void
  /** At a leader: the answer to `revalidation`. */
  validated(link: Link, sessionId: SessionId, valid: boolean): void
  /** At a leader: `synchronized` follows once everything proposed so far is committed, and a quorum
   * has confirmed that we still lead. For a learner's client, the learner is told. */
  sync(link: Link): void
  /** An operator asks about the observers, or for another leader. The tree passes the `answer` on. */
  query(queryId: number, kind: number): void
}

/** From the log of a member of an ensemble. */
export interface EnsembleLogMessages {
  /** Once, before the tree's first `loaded`: what the epoch files say. */
  epochs(accepted: number, current: number): void
  /** Before the tree's `loaded`, which is then of nothing: the disk has lost what this member had
   * acknowledged. Tell the log `whole` once the member has it back. */
  damaged(): void
  /** At each load, before the tree's `loaded`: one of the last transactions read, the zxid before
   * it, and its bytes. They come in order and without a hole. */
  recalled(previous: Zxid, zxid: Zxid, bytes: Uint8Array, start: number, end: number): void
  /** This file is durable, and so is everything appended before it was asked for. */
  epochSaved(which: EpochFile): void
  /** Where the log ends now. It is not where it was asked for if the log could not be cut there. */
  truncated(last: Zxid): void
  /** The snapshot that the tree was given has replaced the log's history. */
  installed(): void
  /** Everything that was asked before `fence` has been answered. */
  fenced(): void
  /** What is read for this learner begins after `from`: with a snapshot that ends there, or with
   * the transactions that follow it. */
  readBegun(link: Link, from: Zxid, bySnapshot: boolean): void
  /** A piece of the snapshot: of its body, including the end mark. Transactions follow the last
   * piece. */
  pieceRead(link: Link, last: boolean, bytes: Uint8Array, start: number, end: number): void
  /** Transactions, each preceded by an int, its length. None if the disk holds no more. */
  entriesRead(link: Link, bytes: Uint8Array, start: number, end: number): void
  /** Nothing more is read for this learner. */
  readFailed(link: Link, why: string): void
}

export interface ZabEnsembleMessages
  extends ZabMessages,
    EnsembleTreeMessages,
    EnsembleLogMessages {
  /** From the election: lead, if `leader` is our own id; otherwise follow. */
  elected(leader: ServerId): void
  /** From the election: what ElectionResult says. */
  heardOf(bytes: Uint8Array, start: number, end: number): void
  rumour(bytes: Uint8Array, start: number, end: number): void
  /** From the election: whether a server that we exchange pulses with has pulses now. */
  pulse(server: ServerId, alive: boolean): void
  /** From the election: our leader has no pulse, and a quorum says so. */
  doubted(leader: ServerId): void
  /** From a learner's session manager: clients that were heard: long sessionId, int timeoutMs, one
   * after the other. They travel with the next answer to the leader's PING. */
  touched(bytes: Uint8Array, start: number, end: number): void
}
