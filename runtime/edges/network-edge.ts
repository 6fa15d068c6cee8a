// What the tree and the watches actor tell the network loop, as frames.

import {
  type ConnectionSlot,
  type NetworkMessages,
  ServingMode,
} from '../../protocol/messages/network.ts'
import type { Zxid } from '../../protocol/zxid.ts'
import type { FrameView } from '../ring/ring.ts'
import { Edge, type SenderClass } from './edge.ts'
import { bytes, flag, int, oneOf, putFlag, putZxid, session, slot, zxid } from './field.ts'

export const NETWORK: Edge<NetworkMessages> = new Edge<NetworkMessages>('network', {
  configured: [bytes],
  serving: [zxid, oneOf(...Object.values(ServingMode))],
  idle: [],
  connected: [slot, session, int],
  reply: [slot, int, zxid, flag, bytes],
  replyPart: [slot, bytes],
  event: [bytes],
  close: [slot],
  released: [slot],
  watchResult: [slot, int],
  replyWatchResult: [slot, int, zxid],
  after: [int],
  passed: [int],
  answer: [int, flag, bytes],
})

const Table: SenderClass<NetworkMessages> = NETWORK.sender()
const { reply } = NETWORK.type

/** By hand: the messages that come with every request (perf/RESULTS.md, what a message costs). */
export class NetworkSender extends Table {
  override reply(
    to: ConnectionSlot,
    xid: number,
    at: Zxid,
    closeAfter: boolean,
    frame: Uint8Array,
    start: number,
    end: number,
  ): void {
    const { fields } = this.out
    fields[0] = to
    fields[1] = xid
    putZxid(fields, 2, at)
    putFlag(fields, 4, closeAfter)
    this.out.send(reply, 5, frame, start, end)
  }
}

export function deliverToNetwork(f: FrameView, network: NetworkMessages): void {
  if (f.type === reply) {
    network.reply(f.int(0), f.int(1), f.zxid(2), f.flag(4), f.bytes, f.start, f.end)
  } else NETWORK.deliver(f, network)
}
