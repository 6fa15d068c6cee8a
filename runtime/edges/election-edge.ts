// zab -> election: ElectionZabMessages as frames.
//
//   configured    payload = the text of /zookeeper/config
//   look          zxid, a = current epoch
//   established   a = epoch
//   rest
//   watch         a b = server id, xid = interval in ms
//   unwatch       a b = server id

import { assertNever } from '../../protocol/assert.ts'
import type { ElectionZabMessages } from '../../protocol/messages/election.ts'
import {
  type ServerId,
  serverFrom,
  serverHigh,
  serverLow,
} from '../../protocol/quorum/server-id.ts'
import { ZXID_ZERO, type Zxid } from '../../protocol/zxid.ts'
import type { Outbox } from '../ring/mailbox.ts'
import type { FrameView } from '../ring/ring.ts'
import { FrameType } from './frame-type.ts'

export class ElectionSender implements ElectionZabMessages {
  readonly #out: Outbox

  constructor(out: Outbox) {
    this.#out = out
  }

  configured(bytes: Uint8Array, start: number, end: number): void {
    this.#out.send(FrameType.configured, 0, 0, ZXID_ZERO, 0, 0, bytes, start, end)
  }

  look(lastZxid: Zxid, currentEpoch: number): void {
    this.#out.send(FrameType.look, 0, 0, lastZxid, currentEpoch, 0)
  }

  established(peerEpoch: number): void {
    this.#out.send(FrameType.established, 0, 0, ZXID_ZERO, peerEpoch, 0)
  }

  rest(): void {
    this.#out.send(FrameType.rest, 0, 0, ZXID_ZERO, 0, 0)
  }

  watch(peer: ServerId, intervalMs: number): void {
    const [high, low] = [serverHigh(peer), serverLow(peer)]
    this.#out.send(FrameType.watchPeer, 0, intervalMs, ZXID_ZERO, high, low)
  }

  unwatch(peer: ServerId): void {
    this.#out.send(FrameType.unwatchPeer, 0, 0, ZXID_ZERO, serverHigh(peer), serverLow(peer))
  }
}

export function deliverToElection(f: FrameView, election: ElectionZabMessages): void {
  switch (f.type) {
    case FrameType.configured:
      election.configured(f.bytes, f.start, f.end)
      break
    case FrameType.look:
      election.look(f.zxid, f.a)
      break
    case FrameType.established:
      election.established(f.a)
      break
    case FrameType.rest:
      election.rest()
      break
    case FrameType.watchPeer:
      election.watch(serverFrom(f.a, f.b), f.xid)
      break
    case FrameType.unwatchPeer:
      election.unwatch(serverFrom(f.a, f.b))
      break
    default:
      assertNever(f.type as never)
  }
}
