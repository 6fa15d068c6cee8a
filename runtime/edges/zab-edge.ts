// Every edge into zab: its messages as frames. A server that is its own quorum hears the first
// three alone.
//
//   propose    zxid, payload = TxnHeader, record, digest
//   forward    a = bytes of data, payload = data then identities
//   revalidate xid = timeout, a b = session id
//   validated  slot = link, xid = 1 if valid, a b = session id
//   sync       slot = link
//   touched    payload = long sessionId, int timeout, repeated
//   elected    a b = server id
//   pulse      xid = 1 if alive, a b = server id
//   epochs     a = accepted, b = current
//   recalled   zxid, a b = the zxid before it, payload as of propose
//   epochSaved a = 1 for the current epoch, 0 for the accepted one
//   readBegun, pieceRead, entriesRead, readFailed   slot = link, a = 1 by a snapshot, or the last

import { assertNever } from '../../protocol/assert.ts'
import { utf8, utf8Bytes } from '../../protocol/bytes/text.ts'
import type { EpochFile } from '../../protocol/messages/log.ts'
import type { Link, ZabEnsembleMessages, ZabMessages } from '../../protocol/messages/zab.ts'
import {
  type ServerId,
  serverFrom,
  serverHigh,
  serverLow,
} from '../../protocol/quorum/server-id.ts'
import { type SessionId, sessionFrom, sessionHigh, sessionLow } from '../../protocol/session-id.ts'
import { ZXID_ZERO, type Zxid, zxidHigh, zxidLow, zxidOf } from '../../protocol/zxid.ts'
import type { Outbox } from '../ring/mailbox.ts'
import type { FrameView } from '../ring/ring.ts'
import { FrameType } from './frame-type.ts'

export class ZabSender implements ZabEnsembleMessages {
  readonly #out: Outbox

  constructor(out: Outbox) {
    this.#out = out
  }

  loaded(zxid: Zxid): void {
    this.#out.send(FrameType.loaded, 0, 0, zxid, 0, 0)
  }

  propose(zxid: Zxid, bytes: Uint8Array, start: number, end: number): void {
    this.#out.send(FrameType.propose, 0, 0, zxid, 0, 0, bytes, start, end)
  }

  synced(zxid: Zxid): void {
    this.#out.send(FrameType.synced, 0, 0, zxid, 0, 0)
  }

  configured(bytes: Uint8Array, start: number, end: number): void {
    this.#out.send(FrameType.configured, 0, 0, ZXID_ZERO, 0, 0, bytes, start, end)
  }

  forward(dataBytes: number, bytes: Uint8Array, start: number, end: number): void {
    this.#out.send(FrameType.forward, 0, 0, ZXID_ZERO, dataBytes, 0, bytes, start, end)
  }

  revalidate(sessionId: SessionId, timeoutMs: number): void {
    const high = sessionHigh(sessionId)
    const low = sessionLow(sessionId)
    this.#out.send(FrameType.revalidate, 0, timeoutMs, ZXID_ZERO, high, low)
  }

  validated(link: Link, sessionId: SessionId, valid: boolean): void {
    const high = sessionHigh(sessionId)
    const low = sessionLow(sessionId)
    this.#out.send(FrameType.validated, link, valid ? 1 : 0, ZXID_ZERO, high, low)
  }

  sync(link: Link): void {
    this.#out.send(FrameType.sync, link, 0, ZXID_ZERO, 0, 0)
  }

  elected(leader: ServerId): void {
    this.#out.send(FrameType.elected, 0, 0, ZXID_ZERO, serverHigh(leader), serverLow(leader))
  }

  pulse(server: ServerId, alive: boolean): void {
    const [high, low] = [serverHigh(server), serverLow(server)]
    this.#out.send(FrameType.pulse, 0, alive ? 1 : 0, ZXID_ZERO, high, low)
  }

  touched(bytes: Uint8Array, start: number, end: number): void {
    this.#out.send(FrameType.touched, 0, 0, ZXID_ZERO, 0, 0, bytes, start, end)
  }

  epochs(accepted: number, current: number): void {
    this.#out.send(FrameType.epochs, 0, 0, ZXID_ZERO, accepted, current)
  }

  recalled(previous: Zxid, zxid: Zxid, bytes: Uint8Array, start: number, end: number): void {
    const [high, low] = [zxidHigh(previous), zxidLow(previous)]
    this.#out.send(FrameType.recalled, 0, 0, zxid, high, low, bytes, start, end)
  }

  epochSaved(which: EpochFile): void {
    this.#out.send(FrameType.epochSaved, 0, 0, ZXID_ZERO, which === 'current' ? 1 : 0, 0)
  }

  truncated(last: Zxid): void {
    this.#out.send(FrameType.truncated, 0, 0, last, 0, 0)
  }

  installed(): void {
    this.#out.send(FrameType.installed, 0, 0, ZXID_ZERO, 0, 0)
  }

  damaged(): void {
    this.#out.send(FrameType.damaged, 0, 0, ZXID_ZERO, 0, 0)
  }

  settled(): void {
    this.#out.send(FrameType.settled, 0, 0, ZXID_ZERO, 0, 0)
  }

  readBegun(link: Link, from: Zxid, bySnapshot: boolean): void {
    this.#out.send(FrameType.readBegun, link, 0, from, bySnapshot ? 1 : 0, 0)
  }

  pieceRead(link: Link, last: boolean, bytes: Uint8Array, start: number, end: number): void {
    this.#out.send(FrameType.pieceRead, link, 0, ZXID_ZERO, last ? 1 : 0, 0, bytes, start, end)
  }

  entriesRead(link: Link, bytes: Uint8Array, start: number, end: number): void {
    this.#out.send(FrameType.entriesRead, link, 0, ZXID_ZERO, 0, 0, bytes, start, end)
  }

  readFailed(link: Link, why: string): void {
    this.#out.send(FrameType.readFailed, link, 0, ZXID_ZERO, 0, 0, utf8Bytes(why))
  }
}

export function deliverToZab(f: FrameView, zab: ZabMessages): void {
  switch (f.type) {
    case FrameType.propose:
      zab.propose(f.zxid, f.bytes, f.start, f.end)
      break
    case FrameType.synced:
      zab.synced(f.zxid)
      break
    case FrameType.loaded:
      zab.loaded(f.zxid)
      break
    default:
      assertNever(f.type as never)
  }
}

export function deliverToEnsemble(f: FrameView, zab: ZabEnsembleMessages): void {
  switch (f.type) {
    case FrameType.forward:
      zab.forward(f.a, f.bytes, f.start, f.end)
      break
    case FrameType.sync:
      zab.sync(f.slot)
      break
    case FrameType.configured:
      zab.configured(f.bytes, f.start, f.end)
      break
    case FrameType.revalidate:
      zab.revalidate(sessionFrom(f.a, f.b), f.xid)
      break
    case FrameType.validated:
      zab.validated(f.slot, sessionFrom(f.a, f.b), f.xid === 1)
      break
    case FrameType.touched:
      zab.touched(f.bytes, f.start, f.end)
      break
    case FrameType.elected:
      zab.elected(serverFrom(f.a, f.b))
      break
    case FrameType.pulse:
      zab.pulse(serverFrom(f.a, f.b), f.xid === 1)
      break
    case FrameType.epochs:
      zab.epochs(f.a, f.b)
      break
    case FrameType.recalled:
      zab.recalled(zxidOf(f.a, f.b), f.zxid, f.bytes, f.start, f.end)
      break
    case FrameType.epochSaved:
      zab.epochSaved(f.a === 1 ? 'current' : 'accepted')
      break
    case FrameType.truncated:
      zab.truncated(f.zxid)
      break
    case FrameType.installed:
      zab.installed()
      break
    case FrameType.damaged:
      zab.damaged()
      break
    case FrameType.settled:
      zab.settled()
      break
    case FrameType.readBegun:
      zab.readBegun(f.slot, f.zxid, f.a === 1)
      break
    case FrameType.pieceRead:
      zab.pieceRead(f.slot, f.a === 1, f.bytes, f.start, f.end)
      break
    case FrameType.entriesRead:
      zab.entriesRead(f.slot, f.bytes, f.start, f.end)
      break
    case FrameType.readFailed:
      zab.readFailed(f.slot, utf8(f.bytes, f.start, f.end))
      break
    default:
      deliverToZab(f, zab)
  }
}
