// What the tree, the log, election and the session manager tell zab, as frames.

import type { ZabEnsembleMessages, ZabMessages } from '../../protocol/messages/zab.ts'
import type { Zxid } from '../../protocol/zxid.ts'
import type { FrameView } from '../ring/ring.ts'
import { Edge, type Rows, type SenderClass } from './edge.ts'
import { bytes, flag, int, link, putZxid, server, session, text, zxid } from './field.ts'
import { epochFile } from './log-edge.ts'

const ROWS: Rows<ZabMessages> = {
  loaded: [zxid],
  propose: [zxid, bytes],
  synced: [zxid],
}

/** A standalone server is told no more than this. */
export const STANDALONE: Edge<ZabMessages> = new Edge<ZabMessages>('zab', ROWS)

/** Its numbers begin with those of STANDALONE. */
export const ZAB: Edge<ZabEnsembleMessages> = new Edge<ZabEnsembleMessages>('zab', {
  ...ROWS,
  configured: [bytes],
  fenced: [],
  forward: [int, bytes],
  revalidate: [session, int],
  validated: [link, session, flag],
  sync: [link],
  query: [int, int],
  epochs: [int, int],
  damaged: [],
  recalled: [zxid, zxid, bytes],
  epochSaved: [epochFile],
  truncated: [zxid],
  installed: [],
  readBegun: [link, zxid, flag],
  pieceRead: [link, flag, bytes],
  entriesRead: [link, bytes],
  readFailed: [link, text],
  elected: [server],
  heardOf: [bytes],
  rumour: [bytes],
  pulse: [server, flag],
  doubted: [server],
  touched: [bytes],
})

const Table: SenderClass<ZabEnsembleMessages> = ZAB.sender()
const { propose, synced } = ZAB.type

/** By hand: the messages that come with every write (perf/RESULTS.md, what a message costs). */
export class ZabSender extends Table {
  override propose(at: Zxid, txn: Uint8Array, start: number, end: number): void {
    putZxid(this.out.fields, 0, at)
    this.out.send(propose, 2, txn, start, end)
  }

  override synced(upTo: Zxid): void {
    putZxid(this.out.fields, 0, upTo)
    this.out.send(synced, 2)
  }
}

export function deliverToZab(f: FrameView, zab: ZabEnsembleMessages): void {
  if (f.type === propose) zab.propose(f.zxid(0), f.bytes, f.start, f.end)
  else if (f.type === synced) zab.synced(f.zxid(0))
  else ZAB.deliver(f, zab)
}
