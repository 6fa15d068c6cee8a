// When the network's thread may wait for the reply to a lone write, and when it may not.

import { strictEqual } from 'node:assert/strict'
import { describe, it } from 'node:test'
import { OpCode } from '../../../protocol/op-code.ts'
import { requestFrame } from '../../simulator/clients/client-stream.ts'
import { type FarEnd, LoopFixture, read } from './loop-fixture.ts'

describe('a client that waits for a write', () => {
  const write = (xid: number): Uint8Array =>
    requestFrame(xid, {
      type: OpCode.setData,
      request: { path: '/', data: Buffer.alloc(1), version: -1 },
    })

  function waiting(): { fixture: LoopFixture; told: () => number; writer: FarEnd } {
    const fixture = new LoopFixture()
    let told = 0
    fixture.loop.onExpecting = () => {
      told++
    }
    const writer = fixture.open(0)
    fixture.pass(200)
    return { fixture, told: () => told, writer }
  }

  it('alone may have the thread wait for its reply', () => {
    const { fixture, told, writer } = waiting()
    fixture.send(writer, write(1))
    strictEqual(fixture.loop.expectsSoon, true)
    strictEqual(told(), 1)
    fixture.reply(0, 1)
    strictEqual(fixture.loop.expectsSoon, false)
  })

  it('does not keep the thread from a client that was heard a moment ago', () => {
    const { fixture, told, writer } = waiting()
    const other = fixture.open(1)
    fixture.send(other, read(1))
    fixture.reply(1, 1)
    fixture.send(writer, write(1))
    strictEqual(fixture.loop.expectsSoon, false)
    fixture.reply(0, 1)
    fixture.pass(200)
    fixture.send(writer, write(2))
    strictEqual(fixture.loop.expectsSoon, true)
    strictEqual(told(), 1)
  })

  it('is nothing special if it asks for much at once, or only reads', () => {
    const { fixture, told, writer } = waiting()
    fixture.send(writer, read(1))
    fixture.reply(0, 1)
    fixture.send(writer, write(2), write(3), write(4))
    strictEqual(fixture.loop.expectsSoon, false)
    strictEqual(told(), 0)
  })
})
