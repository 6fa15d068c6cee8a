// tree -> watches: WatchesMessages as frames.
//
//   connected      slot, xid = timeout, a b = session id
//   reply          slot, xid, zxid, a = closeAfter, payload = client frame
//   watch, notify  slot, a = mode or event type, payload = path
//   changed        zxid, a = event type, payload as the message says
//   removeWatches  slot, xid, zxid, a = type, b = remove, payload = path
//   query, answer  a = query id, b = kind, payload = msgpack

import { assertNever } from '../../protocol/assert.ts'
import type { ConnectionSlot } from '../../protocol/messages/network.ts'
import type { WatchesMessages, WatchMode } from '../../protocol/messages/watches.ts'
import type { SessionId } from '../../protocol/session-id.ts'
import { ZXID_ZERO, type Zxid } from '../../protocol/zxid.ts'
import type { Outbox } from '../mailbox.ts'
import type { FrameView } from '../ring.ts'
import { FrameType } from './frame-type.ts'
import { sessionFrom, sessionHigh, sessionLow } from './session-field.ts'

export class WatchesSender implements WatchesMessages {
  readonly #out: Outbox

  constructor(out: Outbox) {
    this.#out = out
  }

  serving(zxid: Zxid): void {
    this.#out.send(FrameType.serving, 0, 0, zxid, 0, 0)
  }

  connected(slot: ConnectionSlot, sessionId: SessionId, timeoutMs: number): void {
    const high = sessionHigh(sessionId)
    const low = sessionLow(sessionId)
    this.#out.send(FrameType.connected, slot, timeoutMs, ZXID_ZERO, high, low)
  }

  reply(
    slot: ConnectionSlot,
    xid: number,
    zxid: Zxid,
    closeAfter: boolean,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    this.#out.send(FrameType.reply, slot, xid, zxid, closeAfter ? 1 : 0, 0, bytes, start, end)
  }

  watch(
    slot: ConnectionSlot,
    mode: WatchMode,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    this.#out.send(FrameType.watch, slot, 0, ZXID_ZERO, mode, 0, bytes, start, end)
  }

  identities(slot: ConnectionSlot, bytes: Uint8Array, start: number, end: number): void {
    this.#out.send(FrameType.identities, slot, 0, ZXID_ZERO, 0, 0, bytes, start, end)
  }

  changed(eventType: number, zxid: Zxid, bytes: Uint8Array, start: number, end: number): void {
    this.#out.send(FrameType.changed, 0, 0, zxid, eventType, 0, bytes, start, end)
  }

  notify(
    slot: ConnectionSlot,
    eventType: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    this.#out.send(FrameType.notify, slot, 0, ZXID_ZERO, eventType, 0, bytes, start, end)
  }

  removeWatches(
    slot: ConnectionSlot,
    xid: number,
    zxid: Zxid,
    type: number,
    remove: boolean,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    const flag = remove ? 1 : 0
    this.#out.send(FrameType.removeWatches, slot, xid, zxid, type, flag, bytes, start, end)
  }

  close(slot: ConnectionSlot): void {
    this.#out.send(FrameType.close, slot, 0, ZXID_ZERO, 0, 0)
  }

  closed(slot: ConnectionSlot): void {
    this.#out.send(FrameType.closed, slot, 0, ZXID_ZERO, 0, 0)
  }

  query(queryId: number, kind: number): void {
    this.#out.send(FrameType.query, 0, 0, ZXID_ZERO, queryId, kind)
  }

  answer(queryId: number, bytes: Uint8Array, start: number, end: number): void {
    this.#out.send(FrameType.answer, 0, 0, ZXID_ZERO, queryId, 0, bytes, start, end)
  }
}

export function deliverToWatches(f: FrameView, watches: WatchesMessages): void {
  switch (f.type) {
    case FrameType.reply:
      watches.reply(f.slot, f.xid, f.zxid, f.a === 1, f.bytes, f.start, f.end)
      break
    case FrameType.changed:
      watches.changed(f.a, f.zxid, f.bytes, f.start, f.end)
      break
    case FrameType.watch:
      watches.watch(f.slot, f.a as WatchMode, f.bytes, f.start, f.end)
      break
    case FrameType.connected:
      watches.connected(f.slot, sessionFrom(f.a, f.b), f.xid)
      break
    case FrameType.identities:
      watches.identities(f.slot, f.bytes, f.start, f.end)
      break
    case FrameType.notify:
      watches.notify(f.slot, f.a, f.bytes, f.start, f.end)
      break
    case FrameType.removeWatches:
      watches.removeWatches(f.slot, f.xid, f.zxid, f.a, f.b === 1, f.bytes, f.start, f.end)
      break
    case FrameType.close:
      watches.close(f.slot)
      break
    case FrameType.closed:
      watches.closed(f.slot)
      break
    case FrameType.query:
      watches.query(f.a, f.b)
      break
    case FrameType.answer:
      watches.answer(f.a, f.bytes, f.start, f.end)
      break
    case FrameType.serving:
      watches.serving(f.zxid)
      break
    default:
      assertNever(f.type as never)
  }
}
