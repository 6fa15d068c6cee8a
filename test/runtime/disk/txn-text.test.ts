// The words for transactions that ZooKeeper's shell does not easily make.

import { strictEqual, throws } from 'node:assert'
import { describe, it } from 'node:test'
import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { OpCode } from '../../../protocol/op-code.ts'
import { sessionIdOf } from '../../../protocol/session-id.ts'
import { writeTxnHeader } from '../../../protocol/txn.ts'
import { txnText } from '../../../runtime/disk/txn-text.ts'
import { z } from '../../actors/log/bench.ts'

describe('a transaction as text', () => {
  it('multi lists its parts', () => {
    const text = worded(OpCode.multi, (writer) => {
      writer.int(2)
      writer.int(OpCode.delete)
      const path = new JuteWriter()
      path.string('/a')
      writer.buffer(path.finish())
      writer.int(OpCode.error)
      writer.buffer(Uint8Array.of(0, 0, 0, 0))
    })
    strictEqual(
      text,
      "then session 0xffffffffffffffff cxid 0x9 zxid 0x200000003 multi delete:'/a;error:0",
    )
  })

  it('a session closed before ZooKeeper 3.6 has no record', () => {
    const text = worded(OpCode.closeSession, () => undefined)
    strictEqual(text, 'then session 0xffffffffffffffff cxid 0x9 zxid 0x200000003 closeSession')
  })

  it('what is cut short throws', () => {
    throws(() => worded(OpCode.create, (writer) => writer.int(50)), /exceeds/)
  })
})

function worded(type: number, record: (writer: JuteWriter) => void): string {
  const writer = new JuteWriter()
  const sessionId = sessionIdOf(-1n)
  writeTxnHeader(writer, { sessionId, cxid: 9, zxid: z(2, 3), timeMs: 0, type })
  record(writer)
  return txnText(writer.bytes, 0, writer.length, () => 'then')
}
