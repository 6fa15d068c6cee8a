// A transaction as ZooKeeper logs and proposes it: TxnHeader, a record by type, a TxnDigest.

import { type JuteReader, MalformedError } from './bytes/jute-reader.ts'
import type { JuteWriter } from './bytes/jute-writer.ts'
import { type SessionId, sessionFrom } from './session-id.ts'
import { ZXID_ZERO, type Zxid } from './zxid.ts'

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
/** Its time: a long of milliseconds. */
export const TXN_TIME_AT = 20
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

/** A header as it was read, to be filled anew for each transaction: its session is made a bigint only for
 * who asks. */
export class TxnHeaderRead implements Readonly<TxnHeader> {
  cxid = 0
  zxid: Zxid = ZXID_ZERO
  timeMs = 0
  type = 0
  #sessionHigh = 0
  #sessionLow = 0

  get sessionId(): SessionId {
    return sessionFrom(this.#sessionHigh, this.#sessionLow)
  }

  read(reader: JuteReader): void {
    if (reader.remaining < TXN_HEADER_BYTES) {
      throw new MalformedError('transaction header cut short')
    }
    this.#sessionHigh = reader.int()
    this.#sessionLow = reader.int()
    this.cxid = reader.int()
    this.zxid = reader.zxid()
    this.timeMs = reader.longNumber()
    this.type = reader.int()
  }
}

export function readTxnHeader(reader: JuteReader): Readonly<TxnHeader> {
  const header = new TxnHeaderRead()
  header.read(reader)
  return header
}
