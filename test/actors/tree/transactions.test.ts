// Transactions as another server may have written them: what no leader proposes is malformed, and
// changes nothing.

import { strictEqual, throws } from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DataTree } from '../../../actors/tree/store/data-tree.ts'
import { Transactions } from '../../../actors/tree/writes/transactions.ts'
import { MalformedError } from '../../../protocol/bytes/jute-reader.ts'
import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { OpCode } from '../../../protocol/op-code.ts'
import { sessionIdOf } from '../../../protocol/session-id.ts'
import { writeTxnHeader } from '../../../protocol/txn.ts'
import { zxidOf } from '../../../protocol/zxid.ts'

const SESSION = sessionIdOf(0x77n)

function applied(type: number, record: (writer: JuteWriter) => void): DataTree {
  const tree = new DataTree(
    { digestEnabled: true, extendedTypes: true },
    { changed: () => undefined },
  )
  tree.plant()
  const listener = { sessionOpened: () => undefined, sessionClosed: () => undefined }
  const writer = new JuteWriter()
  writeTxnHeader(writer, { sessionId: SESSION, cxid: 1, zxid: zxidOf(1, 1), timeMs: 0, type })
  record(writer)
  const reply = new JuteWriter()
  new Transactions(tree, listener).apply(writer.bytes, 0, writer.length, reply)
  return tree
}

/** A multi of one part. */
function multiOf(type: number, part: (writer: JuteWriter) => void): (writer: JuteWriter) => void {
  const inner = new JuteWriter()
  part(inner)
  return (writer) => {
    writer.int(1)
    writer.int(type)
    writer.buffer(inner.finish())
  }
}

describe('a transaction of another server', () => {
  it('opens a session', () => {
    const tree = applied(OpCode.createSession, (writer) => writer.int(4000))
    strictEqual(tree.sessions.get(SESSION)?.timeoutMs, 4000)
  })

  const malformed: Readonly<Record<string, () => void>> = {
    'of a type that there is not': () => applied(99, () => undefined),
    'of a type that is only read': () => applied(OpCode.getData, () => undefined),
    'that opens a session inside a multi': () =>
      applied(
        OpCode.multi,
        multiOf(OpCode.createSession, (writer) => writer.int(4000)),
      ),
    'with a multi inside a multi': () =>
      applied(
        OpCode.multi,
        multiOf(OpCode.multi, (writer) => writer.int(0)),
      ),
    'with more parts than bytes': () => applied(OpCode.multi, (writer) => writer.int(1 << 30)),
  }
  for (const [name, apply] of Object.entries(malformed)) {
    it(`${name} is malformed`, () => throws(apply, MalformedError))
  }
})
