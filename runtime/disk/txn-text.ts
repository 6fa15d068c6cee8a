// A transaction as a line of text, in the words of ZooKeeper's TxnLogToolkit.

import { TRANSACTIONS } from '../../actors/tree/operations/operations.ts'
import { JuteReader } from '../../protocol/bytes/jute-reader.ts'
import { OpCode, operationName } from '../../protocol/op-code.ts'
import { formatSessionId } from '../../protocol/session-id.ts'
import { readTxnHeader } from '../../protocol/txn.ts'
import { formatZxid } from '../../protocol/zxid.ts'

/** Throws MalformedError if the bytes are no transaction. `time` gives the text for a time. */
export function txnText(
  bytes: Uint8Array,
  start: number,
  end: number,
  time: (timeMs: number) => string,
): string {
  const reader = new JuteReader(bytes, start, end)
  const header = readTxnHeader(reader)
  const name = operationName(header.type) ?? `unknown ${header.type}`
  const ids =
    `session ${formatSessionId(header.sessionId)} cxid 0x${(header.cxid >>> 0).toString(16)} ` +
    `zxid ${formatZxid(header.zxid)}`
  const record = TRANSACTIONS.get(header.type)?.text(reader, partText) ?? ''
  return `${time(header.timeMs)} ${ids} ${name} ${record}`.trimEnd()
}

/** A multi cannot be part of a multi. */
function partText(type: number, record: JuteReader): string {
  return type === OpCode.multi ? '' : (TRANSACTIONS.get(type)?.text(record, partText) ?? '')
}
