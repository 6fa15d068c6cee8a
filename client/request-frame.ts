// Whole request frames: length, header, record.

import type { JuteWriter } from '../protocol/bytes/jute-writer.ts'
import { OpCode, Xid } from '../protocol/op-code.ts'
import { type ConnectRequest, writeConnectRequest } from '../protocol/records/connect.ts'
import { writeRequestHeader } from '../protocol/records/header.ts'
import {
  type SetWatches,
  writeSetWatches,
  writeSetWatches2,
} from '../protocol/records/set-watches.ts'

const PREFIX_BYTES = 4

/** Writes the record of a request; null for requests that have none. */
export type WriteRecord<R> = ((writer: JuteWriter, record: R) => void) | null

export function writeRequestFrame<R>(
  writer: JuteWriter,
  xid: number,
  type: number,
  write: WriteRecord<R>,
  record: R,
): void {
  const at = writer.length
  writer.int(0)
  writeRequestHeader(writer, { xid, type })
  if (write !== null) write(writer, record)
  writer.patchInt(at, writer.length - at - PREFIX_BYTES)
}

/** The first frame of a connection, which has no header. */
export function writeConnectFrame(writer: JuteWriter, request: ConnectRequest): void {
  const at = writer.length
  writer.int(0)
  writeConnectRequest(writer, request)
  writer.patchInt(at, writer.length - at - PREFIX_BYTES)
}

/** What restores watches: the newer operation only where it is needed. */
export function writeWatchesFrame(writer: JuteWriter, watches: SetWatches): void {
  const persistent =
    watches.persistentWatches.length + watches.persistentRecursiveWatches.length > 0
  const [type, write] = persistent
    ? [OpCode.setWatches2, writeSetWatches2]
    : [OpCode.setWatches, writeSetWatches]
  writeRequestFrame(writer, Xid.setWatches, type, write, watches)
}
