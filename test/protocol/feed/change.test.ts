// What the change feed makes of each type of transaction, and of positions.

import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { OPEN_ACL, writeAcls } from '../../../protocol/acl.ts'
import { MalformedError } from '../../../protocol/bytes/jute-reader.ts'
import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { utf8Bytes } from '../../../protocol/bytes/text.ts'
import { changesOf } from '../../../protocol/feed/change.ts'
import { positionFrom, positionText } from '../../../protocol/feed/position.ts'
import { OpCode } from '../../../protocol/op-code.ts'
import { sessionIdOf } from '../../../protocol/session-id.ts'
import { writeTxnHeader } from '../../../protocol/txn.ts'
import { zxidOf } from '../../../protocol/zxid.ts'

type Record = (writer: JuteWriter) => void

const ZXID = zxidOf(3, 7)
const SESSION = sessionIdOf(0x1_0000_0000_0002n)
const DATA = utf8Bytes('data')

function transaction(type: number, record: Record): Uint8Array {
  const writer = new JuteWriter()
  const header = { sessionId: SESSION, cxid: 1, zxid: ZXID, timeMs: 1_700_000_000_000, type }
  writeTxnHeader(writer, header)
  record(writer)
  return writer.finish()
}

function create(path: string, rest: Record): Record {
  return (writer) => {
    writer.string(path)
    writer.buffer(DATA)
    writeAcls(writer, OPEN_ACL)
    rest(writer)
  }
}

const flagged = (ephemeral: boolean): Record => {
  return (writer) => {
    writer.bool(ephemeral)
    writer.int(1)
  }
}
const remove =
  (path: string): Record =>
  (writer) =>
    writer.string(path)
const set =
  (path: string, version: number): Record =>
  (writer) => {
    writer.string(path)
    writer.buffer(DATA)
    writer.int(version)
  }
const error: Record = (writer) => writer.int(-101)

function multi(...parts: readonly (readonly [type: number, record: Record])[]): Record {
  return (writer) => {
    writer.int(parts.length)
    for (const [type, record] of parts) {
      const part = new JuteWriter()
      record(part)
      writer.int(type)
      writer.buffer(part.finish())
    }
  }
}

/** `kind path from>to`, with `+` behind an ephemeral node and `=` before data. */
function told(bytes: Uint8Array): string[] {
  return changesOf(bytes, 0, bytes.length).map((change) => {
    const { kind, path, from, to, data, isEphemeral } = change
    const text = data === null ? '' : ` =${Buffer.from(data).toString()}`
    return `${kind} ${path}${isEphemeral ? '+' : ''} ${from}>${to}${text}`
  })
}

const TABLE: readonly (readonly [what: string, type: number, Record, string[]])[] = [
  ['create', OpCode.create, create('/a', flagged(false)), ['created /a null>0 =data']],
  ['an ephemeral node', OpCode.create2, create('/a', flagged(true)), ['created /a+ null>0 =data']],
  [
    'a container',
    OpCode.createContainer,
    create('/a', (w) => w.int(1)),
    ['created /a null>0 =data'],
  ],
  [
    'a time to live',
    OpCode.createTTL,
    create('/a', (w) => {
      w.int(1)
      w.longNumber(5000)
    }),
    ['created /a null>0 =data'],
  ],
  ['delete', OpCode.delete, remove('/a'), ['deleted /a null>null']],
  ['a container that goes', OpCode.deleteContainer, remove('/a'), ['deleted /a null>null']],
  ['the first setData', OpCode.setData, set('/a', 1), ['changed /a 0>1 =data']],
  [
    'reconfig',
    OpCode.reconfig,
    set('/zookeeper/config', -1),
    ['changed /zookeeper/config null>-1 =data'],
  ],
  [
    'setACL',
    OpCode.setACL,
    (writer) => {
      writer.string('/a')
      writeAcls(writer, OPEN_ACL)
      writer.int(4)
    },
    ['acl /a 3>4'],
  ],
  ['a new session', OpCode.createSession, (w) => w.int(30_000), []],
  ['what was refused', OpCode.error, error, []],
  [
    'the end of a session',
    OpCode.closeSession,
    (writer) => {
      writer.int(2)
      writer.string('/a')
      writer.string('/b')
    },
    ['deleted /a null>null', 'deleted /b null>null'],
  ],
  [
    'one that does not list its nodes',
    OpCode.closeSession,
    () => undefined,
    ['session-closed null null>null'],
  ],
  [
    'multi',
    OpCode.multi,
    multi(
      [OpCode.create, create('/a', flagged(false))],
      [OpCode.check, (w) => w.string('/a')],
      [OpCode.delete, remove('/a')],
    ),
    ['created /a null>0 =data', 'deleted /a null>null'],
  ],
  ['a multi that failed', OpCode.multi, multi([OpCode.error, error], [OpCode.error, error]), []],
]

describe('changes', () => {
  for (const [what, type, record, expected] of TABLE) {
    test(`of ${what}`, () => deepStrictEqual(told(transaction(type, record)), expected))
  }

  test('have the transaction, its session and time, and a number of their own', () => {
    const bytes = transaction(OpCode.closeSession, (writer) => {
      writer.int(2)
      writer.string('/a')
      writer.string('/b')
    })
    const changes = changesOf(bytes, 0, bytes.length)
    deepStrictEqual(
      changes.map(({ zxid, index, sessionId, timeMs }) => [zxid, index, sessionId, timeMs]),
      [0, 1].map((index) => [ZXID, index, SESSION, 1_700_000_000_000]),
    )
  })

  test('of bytes that are cut short are none', () => {
    const whole = transaction(OpCode.setData, set('/a', 1))
    for (let length = 0; length < whole.length; length++) {
      throws(() => changesOf(whole, 0, length), MalformedError, `${length} bytes`)
    }
  })
})

describe('a position', () => {
  for (const text of ['0x0', '0x300000007', '0x300000007.0', '0x300000007.12']) {
    test(`${text} is read and written`, () => {
      const position = positionFrom(text)
      strictEqual(position === null ? null : positionText(position), text)
    })
  }
  for (const text of [
    '',
    '7',
    '0x',
    '0xg',
    '0x1.',
    '0x1.-1',
    '0x0.1',
    '0xffffffffffffffff',
    '0x1 ',
  ]) {
    test(`'${text}' is none`, () => strictEqual(positionFrom(text), null))
  }
})
