// tree -> watches: WatchesMessages as frames.
//
//   attached       slot, a b = session id
//   watch, notify  slot, a = mode or event type, payload = path
//   changed        zxid, a = event type, payload as the message says
//   removeWatches  slot, a = type, b = remove, payload = path
//   barrier        a = mark
//   query          a = query id, b = kind

import { assertNever } from '../../protocol/assert.ts'
import type { ConnectionSlot } from '../../protocol/messages/network.ts'
import type { WatchesMessages, WatchMode } from '../../protocol/messages/watches.ts'
import type { SessionId } from '../../protocol/session-id.ts'
import { sessionFrom, sessionHigh, sessionLow } from '../../protocol/session-id.ts'
import { ZXID_ZERO, type Zxid } from '../../protocol/zxid.ts'
import type { Outbox } from '../ring/mailbox.ts'
import type { FrameView } from '../ring/ring.ts'
import { FrameType } from './frame-type.ts'

export class WatchesSender implements WatchesMessages {
  readonly #out: Outbox

  constructor(out: Outbox) {
    this.#out = out
  }

  attached(slot: ConnectionSlot, sessionId: SessionId): void {
    const high = sessionHigh(sessionId)
    const low = sessionLow(sessionId)
    this.#out.send(FrameType.attached, slot, 0, ZXID_ZERO, high, low)
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
    type: number,
    remove: boolean,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    const flag = remove ? 1 : 0
    this.#out.send(FrameType.removeWatches, slot, 0, ZXID_ZERO, type, flag, bytes, start, end)
  }

  barrier(mark: number): void {
    this.#out.send(FrameType.barrier, 0, 0, ZXID_ZERO, mark, 0)
  }

  closed(slot: ConnectionSlot): void {
    this.#out.send(FrameType.closed, slot, 0, ZXID_ZERO, 0, 0)
  }

  query(queryId: number, kind: number): void {
    this.#out.send(FrameType.query, 0, 0, ZXID_ZERO, queryId, kind)
  }
}

export function deliverToWatches(f: FrameView, watches: WatchesMessages): void {
  switch (f.type) {
    case FrameType.changed:
      watches.changed(f.a, f.zxid, f.bytes, f.start, f.end)
      break
    case FrameType.watch:
      watches.watch(f.slot, f.a as WatchMode, f.bytes, f.start, f.end)
      break
    case FrameType.attached:
      watches.attached(f.slot, sessionFrom(f.a, f.b))
      break
    case FrameType.barrier:
      watches.barrier(f.a)
      break
    case FrameType.identities:
      watches.identities(f.slot, f.bytes, f.start, f.end)
      break
    case FrameType.notify:
      watches.notify(f.slot, f.a, f.bytes, f.start, f.end)
      break
    case FrameType.removeWatches:
      watches.removeWatches(f.slot, f.a, f.b === 1, f.bytes, f.start, f.end)
      break
    case FrameType.closed:
      watches.closed(f.slot)
      break
    case FrameType.query:
      watches.query(f.a, f.b)
      break
    default:
      assertNever(f.type as never)
  }
}
