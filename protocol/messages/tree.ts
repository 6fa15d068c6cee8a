// What the data tree is told, by edge.

import type { SessionId } from '../session-id.ts'
import type { Zxid } from '../zxid.ts'
import type { ConnectionSlot } from './network.ts'
import type { Link } from './zab.ts'

/** From the network loop. */
export interface TreeClientMessages {
  /** A socket was accepted; `address` is the client's IP, its first identity. */
  opened(slot: ConnectionSlot, address: string): void
  /** A request after the handshake; the bytes follow the RequestHeader. */
  request(
    slot: ConnectionSlot,
    xid: number,
    opCode: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void
  /** The connection has proven one more identity. */
  identified(slot: ConnectionSlot, scheme: string, id: string): void
  /** Opcode 100, checked by the network loop's providers: answer it, and close if it failed. */
  authenticated(slot: ConnectionSlot, xid: number, accepted: boolean): void
  /** The client has taken so many bytes of replies more. */
  taken(slot: ConnectionSlot, bytes: number): void
  /** The connection is gone. Comes along both edges. */
  closed(slot: ConnectionSlot): void
  query(queryId: number, kind: number): void
  /** The frozen pages of the snapshot under way are no longer read. */
  pagesReleased(zxid: Zxid): void
}

/** From the session manager. */
export interface TreeSessionMessages {
  createSession(
    slot: ConnectionSlot,
    sessionId: SessionId,
    timeoutMs: number,
    lastZxidSeen: Zxid,
  ): void
  /** The connection continues a session, if the tree or its leader knows it; if not, the session
   * manager is told that it is closed. */
  attach(slot: ConnectionSlot, sessionId: SessionId, timeoutMs: number, lastZxidSeen: Zxid): void
  /** The handshake failed: wrong password, or a session that is being closed. */
  refuse(slot: ConnectionSlot, lastZxidSeen: Zxid): void
  /** Another connection has taken the session over: close this one. */
  detach(slot: ConnectionSlot): void
  /** The session's time is over: propose its close. */
  expire(sessionId: SessionId): void
  closed(slot: ConnectionSlot): void
  answer(queryId: number, isOver: boolean, bytes: Uint8Array, start: number, end: number): void
}

/** From zab. */
export interface TreeZabMessages {
  /** Every proposal up to this zxid is committed: apply those not yet applied. */
  committed(zxid: Zxid): void
  /** A committed transaction that was not prepared here: TxnHeader, record, digest. */
  apply(zxid: Zxid, bytes: Uint8Array, start: number, end: number): void
  /** This server proposes from now on; the next proposal is `zxid` + 1. `alone`: its own log is
   * the whole quorum, so proposals go there and nowhere else. */
  lead(zxid: Zxid, alone: boolean): void
  /** Serve clients as a learner in the epoch of `zxid`: writes and syncs are forwarded. */
  follow(zxid: Zxid): void
  /** No leader for a while: serve reads to clients that ask for as little; or no longer. */
  readOnly(on: boolean): void
  /** No leader: let every client go, forget what was proposed and forwarded. `fenced` of zab
   * follows when the log has said so too. */
  idle(): void
  /** To a leader: a learner's client asks for this; bytes as in `EnsembleTreeMessages.forward`. */
  forwarded(link: Link, dataBytes: number, bytes: Uint8Array, start: number, end: number): void
  /** To a leader: a learner's client goes on with this session there. `validated` answers. */
  revalidation(link: Link, sessionId: SessionId, timeoutMs: number): void
  /** To a learner: what the leader says of the session asked about longest ago. */
  revalidated(sessionId: SessionId, valid: boolean): void
  /** The oldest sync of our own clients is done. */
  synchronized(): void
}

/** From the log: what the disk held, then its wish for a snapshot. */
export interface TreeLogMessages {
  /** Forget everything: what the disk holds follows, as at the start. */
  loading(): void
  /** The body of a snapshot file follows (everything after the file header), in pieces. Forget
   * what was loaded before: an older snapshot takes over from one found damaged. */
  snapshotBegin(zxid: Zxid): void
  snapshotPiece(bytes: Uint8Array, start: number, end: number): void
  snapshotEnd(zxid: Zxid): void
  /** A transaction of the log after the snapshot: TxnHeader, record, digest if it has one. */
  replay(zxid: Zxid, bytes: Uint8Array, start: number, end: number): void
  /** That was all; `zxid` is the last one held. */
  recovered(zxid: Zxid): void
  /** Enough was logged since the last snapshot; it may be taken late. */
  snapshotDue(): void
  /** A learner waits for one: now, whatever the role, if the tree is whole. */
  snapshotWanted(): void
  /** The snapshot that was received, which ended at this zxid, must be written before anything is
   * applied: the log waits for its `snapshotSaved`. Behind one that is under way it waits; a later
   * one may take its place. So of files of another history, the log knows them all, and no other
   * comes between two of the same zxid. */
  snapshotNow(zxid: Zxid): void
  /** Nothing that was sent before it is still on its way: the log has answered `fence`. */
  fenced(): void
  /** Alone: what is on disk is committed. */
  committed(zxid: Zxid): void
}

export interface TreeMessages
  extends TreeClientMessages,
    TreeSessionMessages,
    TreeZabMessages,
    TreeLogMessages {}
