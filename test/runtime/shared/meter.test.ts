// Meters: count, sum, extremes; quantiles of the last minute and of nothing older.

import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { MeterTable } from '../../../runtime/shared/meters.ts'

const START_MS = 123_456

function meterAt(nowMs: number): {
  clock: { nowMs: number }
  observe: (value: number) => void
  read: () => ReturnType<MeterTable['read']>
} {
  const table = new MeterTable()
  const clock = { nowMs }
  const meter = table.meter('fsynctime', clock)
  return {
    clock,
    observe: (value) => meter.observe(value),
    read: () => new MeterTable(table.memory).read('fsynctime', clock.nowMs),
  }
}

describe('a meter', () => {
  test('begins with nothing', () => {
    const { count, sum, min, max, quantile } = meterAt(START_MS).read()
    deepStrictEqual([count, sum, min, max], [0, 0, 0, 0])
    ok(Number.isNaN(quantile(0.5)))
  })

  test('has count, sum and extremes, of what is below zero as well', () => {
    const { observe, read } = meterAt(START_MS)
    for (const value of [3, 1.5, -2, 8]) observe(value)
    const { count, sum, min, max } = read()
    deepStrictEqual([count, sum, min, max], [4, 12.5, 0, 8])
  })

  test('is off by 3 % at most, over nine orders of magnitude', () => {
    for (let value = 0.01; value < 1e7; value *= 1.37) {
      const { observe, read } = meterAt(START_MS)
      for (let i = 0; i < 10; i++) observe(value)
      for (const share of [0, 0.5, 0.99, 1]) {
        const found = read().quantile(share)
        ok(Math.abs(found / value - 1) < 0.032, `${share} of ${value} is ${found}`)
      }
    }
  })

  test('what is smaller or larger than its buckets is in the first or the last', () => {
    const { observe, read } = meterAt(START_MS)
    observe(1e-9)
    observe(1e300)
    strictEqual(read().quantile(0.5), 0)
    ok(read().quantile(1) > 8e9)
  })

  test('puts quantiles where they belong', () => {
    const { observe, read } = meterAt(START_MS)
    for (let i = 1; i <= 1000; i++) observe(i)
    for (const share of [0.5, 0.95, 0.99, 0.999]) {
      ok(Math.abs(read().quantile(share) / (share * 1000) - 1) < 0.04, `${share}`)
    }
  })

  test('forgets what is older than a minute, not its count', () => {
    const { clock, observe, read } = meterAt(START_MS)
    observe(1000)
    clock.nowMs += 59_000
    observe(1)
    ok(read().quantile(1) > 900)
    clock.nowMs += 12_000
    ok(read().quantile(1) < 1.1)
    clock.nowMs += 120_000
    ok(Number.isNaN(read().quantile(1)))
    deepStrictEqual([read().count, read().sum, read().max], [2, 1001, 1000])
  })

  test('comes back to a slice that it has filled long ago', () => {
    const { clock, observe, read } = meterAt(0)
    observe(1000)
    clock.nowMs = 80_000
    observe(1)
    ok(read().quantile(1) < 1.1)
  })

  test('keeps apart from its neighbours', () => {
    const table = new MeterTable()
    const clock = { nowMs: START_MS }
    table.meter('readlatency', clock).observe(5)
    table.meter('proposal_latency', clock).observe(7)
    strictEqual(table.read('updatelatency', START_MS).count, 0)
    strictEqual(table.read('readlatency', START_MS).sum, 5)
    strictEqual(table.read('proposal_latency', START_MS).sum, 7)
  })
})
