// Which lines a client's writes make, and when: with their replies, and without them.

import { deepStrictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { OpCode } from '../../../protocol/op-code.ts'
import { writeCreateRequest } from '../../../protocol/records/create.ts'
import { writeDeleteRequest } from '../../../protocol/records/delete.ts'
import { writeMultiRequest, writeMultiResponse } from '../../../protocol/records/multi.ts'
import { sessionIdOf } from '../../../protocol/session-id.ts'
import { AuditTrail } from '../../../runtime/audit/audit-trail.ts'
import { ClientConnection } from '../../../runtime/net/client-connection.ts'
import { OutputBuffers } from '../../../runtime/net/output/output-buffers.ts'
import { FarEnd } from '../net/loop-fixture.ts'

const CLOCK = { nowMs: 0, wallMs: 0, advance: () => {}, read: () => 0 }
const NO_HASH = /hash/

class Fixture {
  readonly lines: string[] = []
  readonly trail = new AuditTrail(
    { write: (line) => this.lines.push(line.replace(/^.*?: |\n$/g, '')), close: async () => {} },
    CLOCK,
  )
  readonly connection: ClientConnection

  constructor() {
    const { socket } = new FarEnd('10.0.0.1')
    this.connection = new ClientConnection(0, socket, '10.0.0.1', CLOCK, new OutputBuffers())
    this.connection.sessionId = sessionIdOf(255n)
  }

  ask(opCode: number, write: (writer: JuteWriter) => void): void {
    const writer = new JuteWriter()
    write(writer)
    const bytes = writer.finish()
    this.connection.onRequest(0, bytes.length)
    this.trail.asked(this.connection, opCode, bytes, 0, bytes.length)
  }

  answer(error: number, write: (writer: JuteWriter) => void = () => {}): void {
    const writer = new JuteWriter()
    for (const word of [0, 0, 0, 0, error]) writer.int(word)
    write(writer)
    const frame = writer.finish()
    this.connection.onReply(0, 0, frame.length)
    this.trail.answered(this.connection, frame, 0, frame.length)
  }
}

const create = (path: string, flags: number) => (writer: JuteWriter) =>
  writeCreateRequest(writer, { path, data: null, acl: [], flags })
const remove = (path: string) => (writer: JuteWriter) =>
  writeDeleteRequest(writer, { path, version: -1 })
const START = 'session=0xff\tuser=10.0.0.1\tip=10.0.0.1\toperation='

describe('the audit log', () => {
  test('has a line for each write when it is answered, and none for reads', () => {
    const fixture = new Fixture()
    fixture.ask(OpCode.create, create('/a-', 2))
    fixture.connection.onRequest(0, 0)
    fixture.ask(OpCode.delete, remove('/b'))
    deepStrictEqual(fixture.lines, [])
    fixture.answer(0, (writer) => writer.string('/a-0000000001'))
    fixture.answer(0)
    fixture.answer(-101)
    deepStrictEqual(fixture.lines, [
      `${START}create\tznode=/a-0000000001\tznode_type=persistent_sequential\tresult=success`,
      `${START}delete\tznode=/b\tresult=failure`,
    ])
  })

  test('says who asked: by name, as he was then, without a hash', () => {
    const fixture = new Fixture()
    fixture.connection.identities.push({ scheme: 'digest', id: 'bob:hash' })
    fixture.connection.identities.push({ scheme: 'super', id: '' })
    fixture.ask(OpCode.delete, remove('/b'))
    fixture.connection.identities.push({ scheme: 'sasl', id: 'alice' })
    fixture.answer(0)
    deepStrictEqual(fixture.lines, [
      'session=0xff\tuser=10.0.0.1,bob\tip=10.0.0.1\toperation=delete\tznode=/b\tresult=success',
    ])
    deepStrictEqual(NO_HASH.test(fixture.lines.join()), false)
  })

  test('has each part of a multi that succeeds, and one line of one that fails', () => {
    const fixture = new Fixture()
    const parts = (writer: JuteWriter): void =>
      writeMultiRequest(writer, [
        { type: OpCode.create, request: { path: '/m', data: null, acl: [], flags: 1 } },
        { type: OpCode.check, request: { path: '/m', version: 0 } },
        { type: OpCode.delete, request: { path: '/m', version: -1 } },
      ])
    fixture.ask(OpCode.multi, parts)
    fixture.ask(OpCode.multi, parts)
    fixture.answer(0, (writer) =>
      writeMultiResponse(writer, [
        { type: OpCode.create, path: '/m' },
        { type: OpCode.check },
        { type: OpCode.delete },
      ]),
    )
    const { error } = OpCode
    fixture.answer(0, (writer) =>
      writeMultiResponse(
        writer,
        [-2, -101, -2].map((err) => ({ type: error, err })),
      ),
    )
    deepStrictEqual(fixture.lines, [
      `${START}create\tznode=/m\tznode_type=ephemeral\tresult=success`,
      `${START}delete\tznode=/m\tresult=success`,
      `${START}multiOperation\tresult=failure`,
    ])
  })

  test('has the writes of a client that has gone before their replies', () => {
    const fixture = new Fixture()
    fixture.ask(OpCode.delete, remove('/a'))
    fixture.ask(OpCode.delete, remove('/b'))
    fixture.answer(0)
    fixture.trail.closed(fixture.connection)
    fixture.trail.closed(fixture.connection)
    deepStrictEqual(fixture.lines, [
      `${START}delete\tznode=/a\tresult=success`,
      `${START}delete\tznode=/b\tresult=invoked`,
    ])
  })

  test('has rubbish as well', () => {
    const fixture = new Fixture()
    fixture.ask(OpCode.create, (writer) => writer.int(1 << 30))
    fixture.ask(OpCode.multi, (writer) => writer.int(77))
    fixture.answer(-5)
    fixture.answer(-5)
    deepStrictEqual(fixture.lines, [
      `${START}create\tresult=failure`,
      `${START}multiOperation\tresult=failure`,
    ])
  })
})
