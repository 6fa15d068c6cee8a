// A transaction as ZooKeeper logs and proposes it: TxnHeader, a record by type, a TxnDigest.

import { type JuteReader, MalformedError } from './bytes/jute-reader.ts'
import type { JuteWriter } from './bytes/jute-writer.ts'
import type { SessionId } from './session-id.ts'
import { sessionIdOf } from './session-id.ts'
import type { Zxid } from './zxid.ts'

/** long clientId, int cxid, long zxid, long time, int type */
export interface TxnHeader {
  sessionId: SessionId
  cxid: number
  zxid: Zxid
  /** Milliseconds since 1970, by the leader's clock. */
  timeMs: number
  type: number
}

export const TXN_HEADER_BYTES = 32
/** Where the zxid is in an encoded transaction. */
export const TXN_ZXID_AT = 12
/** Where the type is. */
export const TXN_TYPE_AT = 28
/** int version, long digest: follows the record if digests are on. */
export const TXN_DIGEST_BYTES = 12
export const DIGEST_VERSION = 2

export function writeTxnHeader(writer: JuteWriter, header: TxnHeader): void {
  writer.long(header.sessionId)
  writer.int(header.cxid)
  writer.zxid(header.zxid)
  writer.longNumber(header.timeMs)
  writer.int(header.type)
}

export function readTxnHeader(reader: JuteReader): TxnHeader {
  if (reader.remaining < TXN_HEADER_BYTES) throw new MalformedError('transaction header cut short')
  return {
    sessionId: sessionIdOf(reader.long()),
    cxid: reader.int(),
    zxid: reader.zxid(),
    timeMs: reader.longNumber(),
    type: reader.int(),
  }
}
