// Looking out for the bell: at once when it rings, not at all for a while when it did not.

import { strictEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { Doorbell } from '../../../runtime/ring/doorbell.ts'
import { IdleStrategy } from '../../../runtime/thread/idle-strategy.ts'

/** A clock that moves by itself, and how often it was read. */
function clock(stepMs: number): { now: () => number; reads: () => number } {
  let nowMs = 0
  let reads = 0
  const now = (): number => {
    reads++
    nowMs += stepMs
    return nowMs
  }
  return { now, reads: () => reads }
}

test('a bell that has rung is seen at once', () => {
  const bell = new Doorbell()
  const time = clock(0.01)
  const patience = new IdleStrategy(bell, time.now, () => 0.1)
  const seen = bell.read()
  bell.ring()
  strictEqual(patience.look(seen), true)
  strictEqual(time.reads() <= 2, true)
})

test('each time in vain doubles how many occasions pass without a look', () => {
  const bell = new Doorbell()
  const time = clock(0.1)
  const patience = new IdleStrategy(bell, time.now, () => 0.1)
  const seen = bell.read()
  for (const pause of [8, 16, 32]) {
    const before = time.reads()
    strictEqual(patience.look(seen), false)
    const looked = time.reads()
    strictEqual(looked > before, true)
    for (let i = 0; i < pause; i++) strictEqual(patience.look(seen), false)
    strictEqual(time.reads(), looked)
  }
})

test('a success takes the pauses back', () => {
  const bell = new Doorbell()
  const time = clock(0.1)
  const patience = new IdleStrategy(bell, time.now, () => 0.1)
  const seen = bell.read()
  patience.look(seen)
  for (let i = 0; i < 8; i++) patience.look(seen)
  bell.ring()
  strictEqual(patience.look(seen), true)
  const rung = bell.read()
  patience.look(rung)
  const looked = time.reads()
  for (let i = 0; i < 8; i++) patience.look(rung)
  strictEqual(time.reads(), looked)
  patience.look(rung)
  strictEqual(time.reads() > looked, true)
})
