// tree -> network and watches -> network: NetworkMessages as frames.
//
//   connected   slot, xid = timeout, a b = session id
//   reply       slot, xid, zxid, a = closeAfter, payload = client frame
//   replyPart   slot, payload = some of the frame
//   event       payload = count, slots, client frame
//   answer      a = query id, b = 1 if over, payload = msgpack
//   after, passed   a = mark
//   watchResult     slot, a = error
//   replyWatchResult   slot, xid, zxid
//   serving     zxid, a = mode

import { assertNever } from '../../protocol/assert.ts'
import type {
  ConnectionSlot,
  NetworkMessages,
  ServingMode,
} from '../../protocol/messages/network.ts'
import type { SessionId } from '../../protocol/session-id.ts'
import { sessionFrom, sessionHigh, sessionLow } from '../../protocol/session-id.ts'
import { ZXID_ZERO, type Zxid } from '../../protocol/zxid.ts'
import type { Outbox } from '../ring/mailbox.ts'
import type { FrameView } from '../ring/ring.ts'
import { FrameType } from './frame-type.ts'

export class NetworkSender implements NetworkMessages {
  readonly #out: Outbox

  constructor(out: Outbox) {
    this.#out = out
  }

  serving(zxid: Zxid, mode: ServingMode): void {
    this.#out.send(FrameType.serving, 0, 0, zxid, mode, 0)
  }

  idle(): void {
    this.#out.send(FrameType.idle, 0, 0, ZXID_ZERO, 0, 0)
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

  replyPart(slot: ConnectionSlot, bytes: Uint8Array, start: number, end: number): void {
    this.#out.send(FrameType.replyPart, slot, 0, ZXID_ZERO, 0, 0, bytes, start, end)
  }

  event(bytes: Uint8Array, start: number, end: number): void {
    this.#out.send(FrameType.event, 0, 0, ZXID_ZERO, 0, 0, bytes, start, end)
  }

  close(slot: ConnectionSlot): void {
    this.#out.send(FrameType.close, slot, 0, ZXID_ZERO, 0, 0)
  }

  released(slot: ConnectionSlot): void {
    this.#out.send(FrameType.released, slot, 0, ZXID_ZERO, 0, 0)
  }

  answer(queryId: number, isOver: boolean, bytes: Uint8Array, start: number, end: number): void {
    const over = isOver ? 1 : 0
    this.#out.send(FrameType.answer, 0, 0, ZXID_ZERO, queryId, over, bytes, start, end)
  }

  after(mark: number): void {
    this.#out.send(FrameType.after, 0, 0, ZXID_ZERO, mark, 0)
  }

  passed(mark: number): void {
    this.#out.send(FrameType.passed, 0, 0, ZXID_ZERO, mark, 0)
  }

  watchResult(slot: ConnectionSlot, error: number): void {
    this.#out.send(FrameType.watchResult, slot, 0, ZXID_ZERO, error, 0)
  }

  replyWatchResult(slot: ConnectionSlot, xid: number, zxid: Zxid): void {
    this.#out.send(FrameType.replyWatchResult, slot, xid, zxid, 0, 0)
  }
}

export function deliverToNetwork(f: FrameView, network: NetworkMessages): void {
  switch (f.type) {
    case FrameType.reply:
      network.reply(f.slot, f.xid, f.zxid, f.a === 1, f.bytes, f.start, f.end)
      break
    case FrameType.event:
      network.event(f.bytes, f.start, f.end)
      break
    case FrameType.replyPart:
      network.replyPart(f.slot, f.bytes, f.start, f.end)
      break
    case FrameType.connected:
      network.connected(f.slot, sessionFrom(f.a, f.b), f.xid)
      break
    case FrameType.close:
      network.close(f.slot)
      break
    case FrameType.released:
      network.released(f.slot)
      break
    case FrameType.answer:
      network.answer(f.a, f.b === 1, f.bytes, f.start, f.end)
      break
    case FrameType.after:
      network.after(f.a)
      break
    case FrameType.passed:
      network.passed(f.a)
      break
    case FrameType.watchResult:
      network.watchResult(f.slot, f.a)
      break
    case FrameType.replyWatchResult:
      network.replyWatchResult(f.slot, f.xid, f.zxid)
      break
    case FrameType.serving:
      network.serving(f.zxid, f.a as ServingMode)
      break
    case FrameType.idle:
      network.idle()
      break
    default:
      assertNever(f.type as never)
  }
}
