// The transaction of a reconfiguration, as members of an ensemble see it on its way: a SetDataTxn of
// /zookeeper/config under a type of its own. Its data is the text of the new configuration, whose
// version is the transaction's zxid.

import { intAt } from '../bytes/int-at.ts'
import { JuteReader } from '../bytes/jute-reader.ts'
import { utf8 } from '../bytes/text.ts'
import { OpCode } from '../op-code.ts'
import { TXN_HEADER_BYTES, TXN_TYPE_AT } from '../txn.ts'

/** The configuration that this transaction makes; null if it makes none. Throws MalformedError. */
export function configIn(txn: Uint8Array, start: number, end: number): string | null {
  if (end - start <= TXN_HEADER_BYTES) return null
  if (intAt(txn, start + TXN_TYPE_AT) !== OpCode.reconfig) return null
  const reader = new JuteReader(txn, start + TXN_HEADER_BYTES, end)
  reader.string()
  const data = reader.buffer()
  return data === null ? null : utf8(data, 0, data.length)
}

/** long designated leader: the data of COMMITANDACTIVATE, and the beginning of that of
 * INFORMANDACTIVATE, where the transaction follows. */
export const DESIGNATED_BYTES = 8
