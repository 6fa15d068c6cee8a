// What the data tree is told, by edge.

import type { SessionId } from '../session-id.ts'
import type { Zxid } from '../zxid.ts'
import type { ConnectionSlot } from './network.ts'
import type { Link } from './zab.ts'

/** From the network loop. */
export interface TreeClientMessages {
  /** A socket was accepted. `address` is the client's IP address, its first identity. */
  opened(slot: ConnectionSlot, address: string): void
  /** A request after the handshake. The bytes follow the RequestHeader. */
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
  /** What came of a proof that the network loop has checked, an ErrorCode: answer the request with it,
   * and close the connection unless it is 0. `bySasl`: the answer has a token, which is null. */
  authenticated(slot: ConnectionSlot, xid: number, error: number, bySasl: boolean): void
  /** The client has taken this many more bytes of replies. */
  taken(slot: ConnectionSlot, bytes: number): void
  /** The connection is gone. This comes along both edges. */
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
  /** The connection continues a session, if the tree or its leader knows it. If not, the session
   * manager is told that the session is closed. */
  attach(slot: ConnectionSlot, sessionId: SessionId, timeoutMs: number, lastZxidSeen: Zxid): void
  /** The handshake failed: a wrong password, or a session that is being closed. */
  refuse(slot: ConnectionSlot, lastZxidSeen: Zxid): void
  /** Another connection has taken over the session: close this one. */
  detach(slot: ConnectionSlot): void
  /** The session has expired: propose its close. */
  expire(sessionId: SessionId): void
  closed(slot: ConnectionSlot): void
  answer(queryId: number, isOver: boolean, bytes: Uint8Array, start: number, end: number): void
}

/** From zab. */
export interface TreeZabMessages {
  /** Every proposal up to this zxid is committed: apply those that are not applied yet. */
  committed(zxid: Zxid): void
  /** A committed transaction that was not prepared here: TxnHeader, record, digest. */
  apply(zxid: Zxid, bytes: Uint8Array, start: number, end: number): void
  /** From now on this server proposes; its next proposal is `zxid` + 1. `alone`: its own log is the
   * whole quorum, so proposals go there and nowhere else. */
  lead(zxid: Zxid, alone: boolean): void
  /** Serve clients as a learner, in the epoch of `zxid`: writes and syncs are forwarded. */
  follow(zxid: Zxid): void
  /** No leader for a while: serve reads to clients that allow it; or stop that. */
  readOnly(on: boolean): void
  /** What /zookeeper/config must hold in the role that begins, in UTF-8, unless it is older than what
   * is there. It need not have come by a transaction. */
  config(bytes: Uint8Array, start: number, end: number): void
  /** To a leader: the servers that are up to date with it and acknowledge, itself included: a long
   * for each. */
  supporters(bytes: Uint8Array, start: number, end: number): void
  /** No leader: let every client go, and forget what was proposed and forwarded. `fenced` to zab
   * follows, once the log has said it, too. */
  idle(): void
  /** To a leader: a learner's client asks for this. Bytes as in `EnsembleTreeMessages.forward`. */
  forwarded(link: Link, dataBytes: number, bytes: Uint8Array, start: number, end: number): void
  /** To a leader: a learner's client continues this session there. `validated` answers. */
  revalidation(link: Link, sessionId: SessionId, timeoutMs: number): void
  /** To a learner: the leader's answer about the session that was asked about first. */
  revalidated(sessionId: SessionId, valid: boolean): void
  /** The oldest sync of our own clients is done. */
  synchronized(): void
  answer(queryId: number, isOver: boolean, bytes: Uint8Array, start: number, end: number): void
}

/** From the log: what the disk held, and later its wish for a snapshot. */
export interface TreeLogMessages {
  /** Forget everything. What the disk holds follows, as at the start. */
  loading(): void
  /** The body of a snapshot file follows (everything after the file's header), in pieces. Forget
   * what was loaded before: this is an older snapshot in place of one that turned out to be
   * damaged. */
  snapshotBegin(zxid: Zxid): void
  snapshotPiece(bytes: Uint8Array, start: number, end: number): void
  snapshotEnd(zxid: Zxid): void
  /** A transaction of the log after the snapshot: TxnHeader, record, and digest if it has one. */
  replay(zxid: Zxid, bytes: Uint8Array, start: number, end: number): void
  /** That was everything. `zxid` is the last one. */
  recovered(zxid: Zxid): void
  /** Enough was logged since the last snapshot. It may be taken late. */
  snapshotDue(): void
  /** A learner waits for a snapshot: take one now, whatever the role, if the tree is whole. */
  snapshotWanted(): void
  /** The snapshot that was received, which ended at this zxid, must be written before anything is
   * applied; the log waits for its `snapshotSaved`. It waits behind one that is under way, and a
   * later one may take its place. So the log knows all files of another history, and between two
   * of the same zxid there is no other. */
  snapshotNow(zxid: Zxid): void
  /** Nothing that was sent earlier is still under way: the log has answered `fence`. */
  fenced(): void
  /** For a server that stands alone: what is on disk is committed. */
  committed(zxid: Zxid): void
}

export interface TreeMessages
  extends TreeClientMessages,
    TreeSessionMessages,
    TreeZabMessages,
    TreeLogMessages {}
