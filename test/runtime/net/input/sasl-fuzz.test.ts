// Whatever a client sends as SASL, it is answered, told that it failed, or closed; and nobody is let in who
// has not proven himself on this very connection.

import { ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { DigestMd5Client } from '../../../../protocol/sasl/digest-md5-client.ts'
import { CLIENT_SERVICE } from '../../../../protocol/sasl/digest-md5-server.ts'
import { SASL_TOKEN_BYTES_MAX } from '../../../../protocol/sasl/directives.ts'
import { md5 } from '../../../../runtime/process/md5.ts'
import { saslFrame } from '../../../simulator/clients/client-stream.ts'
import { answerIn, InputFixture, SASL } from './input-fixture.ts'

/** What the network loop may say of such frames. */
const ALLOWED: ReadonlySet<string> = new Set([
  'tree.request',
  'tree.authenticated',
  'note',
  'refuse',
  'announceWrite',
])

const EMPTY = new Uint8Array(0)

function opened(): InputFixture {
  const fixture = new InputFixture(SASL)
  fixture.open()
  return fixture
}

/** The right response to this connection's challenge. */
function responseOn(fixture: InputFixture): Uint8Array {
  const client = new DigestMd5Client(
    CLIENT_SERVICE,
    { user: 'bob', password: 'sesame' },
    'cnonce',
    md5,
  )
  const [, [challenge]] = fixture.take(saslFrame(1, EMPTY))
  return client.evaluate(Buffer.from(answerIn(challenge ?? []))) ?? new Uint8Array(0)
}

const names = (said: readonly unknown[][]): string[] => said.map(([name]) => String(name))

describe('SASL from a stranger', () => {
  test('a response that another connection has sent is refused', () => {
    const first = opened()
    const response = responseOn(first)
    ok(names(first.take(saslFrame(2, response))[1]).includes('tree.identified'))
    const second = opened()
    responseOn(second)
    const said = second.take(saslFrame(2, response))[1]
    ok(names(said).includes('note') && !names(said).includes('tree.identified'))
    // It was good once, even on its own connection.
    const again = first.take(saslFrame(3, response))[1]
    ok(names(again).includes('note') && !names(again).includes('tree.identified'))
  })

  test('is let in by no tokens', () => {
    const old = responseOn(opened())
    const damaged = fc.tuple(fc.nat(old.length - 1), fc.integer({ min: 1, max: 255 }))
    const token = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.constant(old),
      fc.nat(old.length).map((length) => old.subarray(0, length)),
      damaged.map(([at, by]) => old.map((byte, i) => (i === at ? byte ^ by : byte))),
      fc.constantFrom(
        new Uint8Array(0),
        new Uint8Array(SASL_TOKEN_BYTES_MAX),
        new Uint8Array(SASL_TOKEN_BYTES_MAX + 1),
        new Uint8Array(200_000),
      ),
      fc.constant(null),
    )
    fc.assert(
      fc.property(fc.array(token, { minLength: 1, maxLength: 5 }), (tokens) => {
        const fixture = opened()
        for (const [i, one] of tokens.entries()) check(fixture, saslFrame(i + 1, one))
      }),
    )
  })

  test('is let in by no frame that is cut off or damaged', () => {
    const right = Buffer.from(saslFrame(2, responseOn(opened())))
    const place = fc.tuple(fc.nat(right.length - 1), fc.integer({ min: 1, max: 255 }))
    fc.assert(
      fc.property(fc.array(place, { minLength: 1, maxLength: 4 }), fc.nat(), (places, cut) => {
        const frame = Buffer.from(right)
        for (const [at, by] of places) frame[at]! ^= by
        // The operation may have become another, which is no business of SASL.
        frame.writeInt32BE(102, 8)
        const fixture = opened()
        fixture.take(saslFrame(1, EMPTY))
        check(fixture, frame.subarray(0, cut % 2 === 0 ? frame.length : cut % frame.length))
      }),
    )
  })
})

function check(fixture: InputFixture, frame: Uint8Array): void {
  fixture.clock.nowMs += 10_000
  for (const name of names(fixture.take(frame)[1])) ok(ALLOWED.has(name), name)
}
