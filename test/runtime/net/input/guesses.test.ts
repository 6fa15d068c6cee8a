// Who fails to prove who he is waits longer each time, and the table of such addresses stays small.

import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Guesses } from '../../../../runtime/net/input/guesses.ts'

describe('guesses', () => {
  test('cost more each time, up to a bound', () => {
    const guesses = new Guesses()
    const waits = Array.from({ length: 8 }, () => {
      guesses.failed('10.0.0.1', 1000)
      return guesses.waitMs('10.0.0.1', 1000)
    })
    deepStrictEqual(waits, [100, 200, 400, 800, 1600, 3000, 3000, 3000])
    strictEqual(guesses.waitMs('10.0.0.1', 3500), 500)
    strictEqual(guesses.waitMs('10.0.0.1', 4000), 0)
    strictEqual(guesses.waitMs('10.0.0.2', 1000), 0)
  })

  test('are forgotten after a minute without one', () => {
    const guesses = new Guesses()
    strictEqual(guesses.failed('10.0.0.1', 0), 1)
    strictEqual(guesses.failed('10.0.0.1', 60_000), 2)
    strictEqual(guesses.failed('10.0.0.1', 120_001), 1)
  })

  test('of one IPv6 network are one’s', () => {
    const guesses = new Guesses()
    guesses.failed('2001:db8::1', 0)
    strictEqual(guesses.failed('2001:db8::ffff', 0), 2)
    strictEqual(guesses.failed('2001:db8:0:1::1', 0), 1)
  })

  test('of any number of addresses take little memory; the latest are kept', () => {
    const guesses = new Guesses()
    for (let i = 0; i < 10_000; i++) guesses.failed(`10.0.${i >> 8}.${i & 255}`, i / 1000)
    ok(guesses.size <= 4096, `${guesses.size} addresses`)
    ok(guesses.waitMs('10.0.39.15', 10) > 0)
    strictEqual(guesses.waitMs('10.0.0.0', 0), 0)
  })
})
