// What the network loop, the session manager, zab and the log tell the tree, as frames.

import type { ConnectionSlot } from '../../protocol/messages/network.ts'
import type { TreeMessages } from '../../protocol/messages/tree.ts'
import type { Zxid } from '../../protocol/zxid.ts'
import type { FrameView } from '../ring/ring.ts'
import { Edge, type SenderClass } from './edge.ts'
import { bytes, flag, int, link, putZxid, session, slot, text, zxid } from './field.ts'

export const TREE: Edge<TreeMessages> = new Edge<TreeMessages>('tree', {
  opened: [slot, text],
  request: [slot, int, int, bytes],
  identified: [slot, text, text],
  authenticated: [slot, int, int, flag],
  taken: [slot, int],
  closed: [slot],
  query: [int, int],
  pagesReleased: [zxid],
  createSession: [slot, session, int, zxid],
  attach: [slot, session, int, zxid],
  refuse: [slot, zxid],
  detach: [slot],
  expire: [session],
  answer: [int, flag, bytes],
  committed: [zxid],
  apply: [zxid, bytes],
  lead: [zxid, flag],
  follow: [zxid],
  readOnly: [flag],
  config: [bytes],
  supporters: [bytes],
  idle: [],
  forwarded: [link, int, bytes],
  revalidation: [link, session, int],
  revalidated: [session, flag],
  synchronized: [],
  loading: [],
  snapshotBegin: [zxid],
  snapshotPiece: [bytes],
  snapshotEnd: [zxid],
  replay: [zxid, bytes],
  recovered: [zxid],
  snapshotDue: [],
  snapshotWanted: [],
  snapshotNow: [zxid],
  fenced: [],
})

const Table: SenderClass<TreeMessages> = TREE.sender()
const { request, committed, apply, replay, taken } = TREE.type

/** By hand: the messages that come with every request, commit or replayed transaction
 * (perf/RESULTS.md, what a message costs). */
export class TreeSender extends Table {
  override request(
    from: ConnectionSlot,
    xid: number,
    opCode: number,
    record: Uint8Array,
    start: number,
    end: number,
  ): void {
    const { fields } = this.out
    fields[0] = from
    fields[1] = xid
    fields[2] = opCode
    this.out.send(request, 3, record, start, end)
  }

  override taken(by: ConnectionSlot, count: number): void {
    const { fields } = this.out
    fields[0] = by
    fields[1] = count
    this.out.send(taken, 2)
  }

  override committed(upTo: Zxid): void {
    putZxid(this.out.fields, 0, upTo)
    this.out.send(committed, 2)
  }

  override apply(at: Zxid, txn: Uint8Array, start: number, end: number): void {
    putZxid(this.out.fields, 0, at)
    this.out.send(apply, 2, txn, start, end)
  }

  override replay(at: Zxid, txn: Uint8Array, start: number, end: number): void {
    putZxid(this.out.fields, 0, at)
    this.out.send(replay, 2, txn, start, end)
  }
}

export function deliverToTree(f: FrameView, tree: TreeMessages): void {
  switch (f.type) {
    case request:
      tree.request(f.int(0), f.int(1), f.int(2), f.bytes, f.start, f.end)
      break
    case committed:
      tree.committed(f.zxid(0))
      break
    case taken:
      tree.taken(f.int(0), f.int(1))
      break
    case apply:
      tree.apply(f.zxid(0), f.bytes, f.start, f.end)
      break
    case replay:
      tree.replay(f.zxid(0), f.bytes, f.start, f.end)
      break
    default:
      TREE.deliver(f, tree)
  }
}
