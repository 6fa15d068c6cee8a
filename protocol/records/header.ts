// What precedes every record after the handshake.
//
//   RequestHeader  int xid, int type
//   ReplyHeader    int xid, long zxid, int err
//
// A reply with a non-zero err has no body. Some requests have none, either.

import type { JuteReader } from '../bytes/jute-reader.ts'
import type { JuteWriter } from '../bytes/jute-writer.ts'
import type { Zxid } from '../zxid.ts'

export const REQUEST_HEADER_BYTES = 8
export const REPLY_HEADER_BYTES = 16

export interface RequestHeader {
  readonly xid: number
  /** An operation code, unchecked: the sender may have put anything here. */
  readonly type: number
}

export interface ReplyHeader {
  readonly xid: number
  /** The last transaction that the server had applied when it answered; -1 for some
   * notifications. */
  readonly zxid: Zxid
  readonly err: number
}

export function writeRequestHeader(writer: JuteWriter, header: RequestHeader): void {
  writer.int(header.xid)
  writer.int(header.type)
}

export function readRequestHeader(reader: JuteReader): RequestHeader {
  return { xid: reader.int(), type: reader.int() }
}

export function writeReplyHeader(writer: JuteWriter, header: ReplyHeader): void {
  writer.int(header.xid)
  writer.zxid(header.zxid)
  writer.int(header.err)
}

export function readReplyHeader(reader: JuteReader): ReplyHeader {
  return { xid: reader.int(), zxid: reader.zxid(), err: reader.int() }
}
