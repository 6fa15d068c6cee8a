// What zab, the tree and the network loop tell the log, as frames.

import type { ConfigFile, EpochFile, LogMessages, ReadKind } from '../../protocol/messages/log.ts'
import type { Zxid } from '../../protocol/zxid.ts'
import type { FrameView } from '../ring/ring.ts'
import { Edge, type SenderClass } from './edge.ts'
import { bytes, type Field, int, link, oneOf, putZxid, zxid } from './field.ts'

export const epochFile: Field<EpochFile> = oneOf('accepted', 'current')
const configFile: Field<ConfigFile> = oneOf('current', 'next')
const readKind: Field<ReadKind> = oneOf('exact', 'near', 'snapshot')

export const LOG: Edge<LogMessages> = new Edge<LogMessages>('log', {
  alone: [],
  append: [zxid, bytes],
  snapshotSaved: [zxid],
  snapshotFailed: [],
  saveEpoch: [epochFile, int],
  saveConfig: [configFile, bytes],
  truncate: [zxid],
  install: [zxid],
  reload: [],
  whole: [],
  fence: [],
  beginRead: [link, readKind, zxid],
  readOn: [link],
  endRead: [link],
})

const Table: SenderClass<LogMessages> = LOG.sender()
const { append } = LOG.type

/** By hand: the messages that come with every write (perf/RESULTS.md, what a message costs). */
export class LogSender extends Table {
  override append(at: Zxid, payload: Uint8Array, start: number, end: number): void {
    putZxid(this.out.fields, 0, at)
    this.out.send(append, 2, payload, start, end)
  }
}

export function deliverToLog(f: FrameView, log: LogMessages): void {
  if (f.type === append) log.append(f.zxid(0), f.bytes, f.start, f.end)
  else LOG.deliver(f, log)
}
