// Whole request frames: length, header, record.

import type { JuteWriter } from '../protocol/bytes/jute-writer.ts'
import { type ConnectRequest, writeConnectRequest } from '../protocol/records/connect.ts'
import { writeRequestHeader } from '../protocol/records/header.ts'

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
