// Every edge into the tree: its messages as frames.
//
//   opened         slot, payload = address
//   request        slot, xid, a = opcode, payload = request after its header
//   identified     slot, a = scheme bytes, payload = scheme then id
//   authenticated  slot, xid, a = 1 if accepted
//   taken          slot, a = bytes
//   createSession, attach   slot, xid = timeout, zxid = last seen, a b = session id
//   expire         a b = session id
//   lead           zxid, a = alone
//   forwarded      slot = link, a = bytes of data, payload = data then identities
//   revalidation   slot = link, xid = timeout, a b = session id
//   revalidated    xid = 1 if valid, a b = session id
//   readOnly       a = 1 if on
//   the rest       zxid and payload as the message says

import { assertNever } from '../../protocol/assert.ts'
import { utf8, utf8Bytes } from '../../protocol/bytes/text.ts'
import type { ConnectionSlot } from '../../protocol/messages/network.ts'
import type { TreeMessages } from '../../protocol/messages/tree.ts'
import type { Link } from '../../protocol/messages/zab.ts'
import type { SessionId } from '../../protocol/session-id.ts'
import { sessionFrom, sessionHigh, sessionLow } from '../../protocol/session-id.ts'
import { ZXID_ZERO, type Zxid } from '../../protocol/zxid.ts'
import type { Outbox } from '../ring/mailbox.ts'
import type { FrameView } from '../ring/ring.ts'
import { FrameType } from './frame-type.ts'

export class TreeSender implements TreeMessages {
  readonly #out: Outbox

  constructor(out: Outbox) {
    this.#out = out
  }

  opened(slot: ConnectionSlot, address: string): void {
    this.#out.send(FrameType.opened, slot, 0, ZXID_ZERO, 0, 0, utf8Bytes(address))
  }

  request(
    slot: ConnectionSlot,
    xid: number,
    opCode: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    this.#out.send(FrameType.request, slot, xid, ZXID_ZERO, opCode, 0, bytes, start, end)
  }

  identified(slot: ConnectionSlot, scheme: string, id: string): void {
    const schemeBytes = utf8Bytes(scheme).length
    const payload = utf8Bytes(scheme + id)
    this.#out.send(FrameType.identified, slot, 0, ZXID_ZERO, schemeBytes, 0, payload)
  }

  authenticated(slot: ConnectionSlot, xid: number, accepted: boolean): void {
    this.#out.send(FrameType.authenticated, slot, xid, ZXID_ZERO, accepted ? 1 : 0, 0)
  }

  taken(slot: ConnectionSlot, bytes: number): void {
    this.#out.send(FrameType.taken, slot, 0, ZXID_ZERO, bytes, 0)
  }

  closed(slot: ConnectionSlot): void {
    this.#out.send(FrameType.closed, slot, 0, ZXID_ZERO, 0, 0)
  }

  query(queryId: number, kind: number): void {
    this.#out.send(FrameType.query, 0, 0, ZXID_ZERO, queryId, kind)
  }

  snapshotTaken(zxid: Zxid): void {
    this.#out.send(FrameType.snapshotTaken, 0, 0, zxid, 0, 0)
  }

  createSession(
    slot: ConnectionSlot,
    sessionId: SessionId,
    timeoutMs: number,
    lastZxidSeen: Zxid,
  ): void {
    const high = sessionHigh(sessionId)
    const low = sessionLow(sessionId)
    this.#out.send(FrameType.createSession, slot, timeoutMs, lastZxidSeen, high, low)
  }

  attach(slot: ConnectionSlot, sessionId: SessionId, timeoutMs: number, lastZxidSeen: Zxid): void {
    const high = sessionHigh(sessionId)
    const low = sessionLow(sessionId)
    this.#out.send(FrameType.attach, slot, timeoutMs, lastZxidSeen, high, low)
  }

  refuse(slot: ConnectionSlot, lastZxidSeen: Zxid): void {
    this.#out.send(FrameType.refuse, slot, 0, lastZxidSeen, 0, 0)
  }

  detach(slot: ConnectionSlot): void {
    this.#out.send(FrameType.detach, slot, 0, ZXID_ZERO, 0, 0)
  }

  expire(sessionId: SessionId): void {
    const high = sessionHigh(sessionId)
    const low = sessionLow(sessionId)
    this.#out.send(FrameType.expire, 0, 0, ZXID_ZERO, high, low)
  }

  answer(queryId: number, isOver: boolean, bytes: Uint8Array, start: number, end: number): void {
    const over = isOver ? 1 : 0
    this.#out.send(FrameType.answer, 0, 0, ZXID_ZERO, queryId, over, bytes, start, end)
  }

  committed(zxid: Zxid): void {
    this.#out.send(FrameType.committed, 0, 0, zxid, 0, 0)
  }

  apply(zxid: Zxid, bytes: Uint8Array, start: number, end: number): void {
    this.#out.send(FrameType.apply, 0, 0, zxid, 0, 0, bytes, start, end)
  }

  lead(zxid: Zxid, alone: boolean): void {
    this.#out.send(FrameType.lead, 0, 0, zxid, alone ? 1 : 0, 0)
  }

  follow(zxid: Zxid): void {
    this.#out.send(FrameType.follow, 0, 0, zxid, 0, 0)
  }

  readOnly(on: boolean): void {
    this.#out.send(FrameType.readOnly, 0, 0, ZXID_ZERO, on ? 1 : 0, 0)
  }

  idle(): void {
    this.#out.send(FrameType.idle, 0, 0, ZXID_ZERO, 0, 0)
  }

  forwarded(link: Link, dataBytes: number, bytes: Uint8Array, start: number, end: number): void {
    this.#out.send(FrameType.forwarded, link, 0, ZXID_ZERO, dataBytes, 0, bytes, start, end)
  }

  revalidation(link: Link, sessionId: SessionId, timeoutMs: number): void {
    const high = sessionHigh(sessionId)
    const low = sessionLow(sessionId)
    this.#out.send(FrameType.revalidation, link, timeoutMs, ZXID_ZERO, high, low)
  }

  revalidated(sessionId: SessionId, valid: boolean): void {
    const high = sessionHigh(sessionId)
    const low = sessionLow(sessionId)
    this.#out.send(FrameType.revalidated, 0, valid ? 1 : 0, ZXID_ZERO, high, low)
  }

  synchronized(): void {
    this.#out.send(FrameType.synchronized, 0, 0, ZXID_ZERO, 0, 0)
  }

  snapshotBegin(zxid: Zxid): void {
    this.#out.send(FrameType.snapshotBegin, 0, 0, zxid, 0, 0)
  }

  snapshotPiece(bytes: Uint8Array, start: number, end: number): void {
    this.#out.send(FrameType.snapshotPiece, 0, 0, ZXID_ZERO, 0, 0, bytes, start, end)
  }

  snapshotEnd(zxid: Zxid): void {
    this.#out.send(FrameType.snapshotEnd, 0, 0, zxid, 0, 0)
  }

  replay(zxid: Zxid, bytes: Uint8Array, start: number, end: number): void {
    this.#out.send(FrameType.replay, 0, 0, zxid, 0, 0, bytes, start, end)
  }

  recovered(zxid: Zxid): void {
    this.#out.send(FrameType.recovered, 0, 0, zxid, 0, 0)
  }

  snapshotDue(): void {
    this.#out.send(FrameType.snapshotDue, 0, 0, ZXID_ZERO, 0, 0)
  }

  snapshotWanted(): void {
    this.#out.send(FrameType.snapshotWanted, 0, 0, ZXID_ZERO, 0, 0)
  }

  loading(): void {
    this.#out.send(FrameType.loading, 0, 0, ZXID_ZERO, 0, 0)
  }

  snapshotNow(zxid: Zxid): void {
    this.#out.send(FrameType.snapshotNow, 0, 0, zxid, 0, 0)
  }

  settled(): void {
    this.#out.send(FrameType.settled, 0, 0, ZXID_ZERO, 0, 0)
  }
}

export function deliverToTree(f: FrameView, tree: TreeMessages): void {
  switch (f.type) {
    case FrameType.request:
      tree.request(f.slot, f.xid, f.a, f.bytes, f.start, f.end)
      break
    case FrameType.committed:
      tree.committed(f.zxid)
      break
    case FrameType.apply:
      tree.apply(f.zxid, f.bytes, f.start, f.end)
      break
    case FrameType.replay:
      tree.replay(f.zxid, f.bytes, f.start, f.end)
      break
    case FrameType.snapshotPiece:
      tree.snapshotPiece(f.bytes, f.start, f.end)
      break
    default:
      deliverControlToTree(f, tree)
  }
}

function deliverControlToTree(f: FrameView, tree: TreeMessages): void {
  switch (f.type) {
    case FrameType.opened:
      tree.opened(f.slot, utf8(f.bytes, f.start, f.end))
      break
    case FrameType.identified: {
      const idStart = f.start + f.a
      tree.identified(f.slot, utf8(f.bytes, f.start, idStart), utf8(f.bytes, idStart, f.end))
      break
    }
    case FrameType.authenticated:
      tree.authenticated(f.slot, f.xid, f.a === 1)
      break
    case FrameType.taken:
      tree.taken(f.slot, f.a)
      break
    case FrameType.closed:
      tree.closed(f.slot)
      break
    case FrameType.query:
      tree.query(f.a, f.b)
      break
    case FrameType.createSession:
      tree.createSession(f.slot, sessionFrom(f.a, f.b), f.xid, f.zxid)
      break
    case FrameType.attach:
      tree.attach(f.slot, sessionFrom(f.a, f.b), f.xid, f.zxid)
      break
    case FrameType.refuse:
      tree.refuse(f.slot, f.zxid)
      break
    case FrameType.detach:
      tree.detach(f.slot)
      break
    case FrameType.expire:
      tree.expire(sessionFrom(f.a, f.b))
      break
    case FrameType.answer:
      tree.answer(f.a, f.b === 1, f.bytes, f.start, f.end)
      break
    case FrameType.lead:
      tree.lead(f.zxid, f.a === 1)
      break
    default:
      deliverQuorumToTree(f, tree)
  }
}

function deliverQuorumToTree(f: FrameView, tree: TreeMessages): void {
  switch (f.type) {
    case FrameType.forwarded:
      tree.forwarded(f.slot, f.a, f.bytes, f.start, f.end)
      break
    case FrameType.synchronized:
      tree.synchronized()
      break
    case FrameType.revalidation:
      tree.revalidation(f.slot, sessionFrom(f.a, f.b), f.xid)
      break
    case FrameType.revalidated:
      tree.revalidated(sessionFrom(f.a, f.b), f.xid === 1)
      break
    case FrameType.follow:
      tree.follow(f.zxid)
      break
    case FrameType.readOnly:
      tree.readOnly(f.a === 1)
      break
    case FrameType.idle:
      tree.idle()
      break
    default:
      deliverDiskToTree(f, tree)
  }
}

function deliverDiskToTree(f: FrameView, tree: TreeMessages): void {
  switch (f.type) {
    case FrameType.snapshotTaken:
      tree.snapshotTaken(f.zxid)
      break
    case FrameType.snapshotBegin:
      tree.snapshotBegin(f.zxid)
      break
    case FrameType.snapshotEnd:
      tree.snapshotEnd(f.zxid)
      break
    case FrameType.recovered:
      tree.recovered(f.zxid)
      break
    case FrameType.snapshotDue:
      tree.snapshotDue()
      break
    case FrameType.snapshotWanted:
      tree.snapshotWanted()
      break
    case FrameType.loading:
      tree.loading()
      break
    case FrameType.snapshotNow:
      tree.snapshotNow(f.zxid)
      break
    case FrameType.settled:
      tree.settled()
      break
    default:
      assertNever(f.type as never)
  }
}
