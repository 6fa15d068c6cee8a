// When sessions expire, and when they must not.

import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { BUCKET_NONE, ExpiryQueue } from '../../../actors/sessions/expiry-queue.ts'
import type { SessionId } from '../../../protocol/session-id.ts'
import { Bench, STALL_MS, TICK_MS } from './fixture.ts'

describe('expiry', () => {
  test('at the first tick after the timeout, once', () => {
    const bench = new Bench()
    bench.serving()
    const id = bench.open(1, 4000)
    deepStrictEqual(bench.runUntil(14_999), [])
    deepStrictEqual(bench.runUntil(15_000), [['expire', id]])
    deepStrictEqual(bench.runUntil(60_000), [])
    bench.sessions.sessionClosed(id)
    bench.turn()
    deepStrictEqual([bench.gauges.get('expired'), bench.gauges.get('sessions')], [1, 0])
    strictEqual(bench.sessions.nextTickMs(), Number.POSITIVE_INFINITY)
  })

  test('a word from the client, noted in the shared table only, is a full timeout', () => {
    const bench = new Bench()
    bench.serving()
    const id = bench.open(1, 4000)
    for (let ms = 10_000; ms <= 50_000; ms += 3900) {
      deepStrictEqual(bench.runUntil(ms), [])
      bench.hear(1)
    }
    // Last heard at 49,000.
    deepStrictEqual(bench.runUntil(53_999), [])
    deepStrictEqual(bench.runUntil(54_000), [['expire', id]])
  })

  test('a lost connection leaves the deadline where its last word put it', () => {
    const bench = new Bench()
    bench.serving()
    const id = bench.open(1, 4000)
    bench.clock.nowMs = 13_000
    bench.hear(1, 12_500)
    bench.sessions.closed(1)
    bench.hear(1, 16_000)
    bench.taken()
    deepStrictEqual(bench.runUntil(16_999), [])
    deepStrictEqual(bench.runUntil(17_000), [['expire', id]])
  })

  test('none before serving, then a full timeout for all', () => {
    const bench = new Bench()
    bench.sessions.sessionOpened(5n as SessionId, 4000)
    bench.sessions.sessionOpened(6n as SessionId, -1)
    strictEqual(bench.sessions.nextTickMs(), Number.POSITIVE_INFINITY)
    bench.clock.nowMs = 500_000
    bench.sessions.tick()
    bench.serving()
    deepStrictEqual(bench.runUntil(501_000), [['expire', 6n]])
    deepStrictEqual(bench.runUntil(504_999), [])
    deepStrictEqual(bench.runUntil(505_000), [['expire', 5n]])
  })

  test('serving again: an expiry that may be lost is decided anew', () => {
    const bench = new Bench()
    bench.serving()
    const id = bench.open(1, 4000)
    bench.runUntil(15_000)
    bench.serving()
    deepStrictEqual(bench.runUntil(19_999), [])
    deepStrictEqual(bench.runUntil(20_000), [['expire', id]])
  })
})

describe('stalls', () => {
  test('a tick late by less than the bound changes nothing', () => {
    const bench = new Bench()
    bench.serving()
    const id = bench.open(1, 4000)
    deepStrictEqual(bench.stallUntil(15_000 + STALL_MS), [['expire', id]])
  })

  test('our own: every deadline moves by the time since the last turn', () => {
    const bench = new Bench()
    bench.serving()
    const first = bench.open(1, 4000)
    const second = bench.open(2, 6000)
    bench.runUntil(14_000)
    deepStrictEqual(bench.stallUntil(45_000), [])
    // 31 s of silence: 15 s becomes 46 s, 17 s becomes 48 s.
    strictEqual(bench.gauges.get('stalledMs'), 31_000)
    deepStrictEqual(bench.runUntil(45_999), [])
    deepStrictEqual(bench.runUntil(46_000), [['expire', first]])
    deepStrictEqual(bench.runUntil(47_999), [])
    deepStrictEqual(bench.runUntil(48_000), [['expire', second]])
  })

  test('a word from before a stall counts from when it was said, and is extended', () => {
    const bench = new Bench()
    bench.serving()
    const id = bench.open(1, 4000)
    bench.runUntil(13_500)
    bench.hear(1)
    bench.stallUntil(33_500)
    // Heard 13.5 s: due 18 s, and 20 s of stall.
    deepStrictEqual(bench.runUntil(37_999), [])
    deepStrictEqual(bench.runUntil(38_000), [['expire', id]])
  })

  test("the network loop's: nobody expires while it is deaf", () => {
    const bench = new Bench()
    bench.serving()
    bench.open(1, 4000)
    bench.aliveMs = 12_000
    deepStrictEqual(bench.runUntil(300_000), [])
    bench.aliveMs = null
    // Awake again and heard: the client kept talking all the time.
    bench.hear(1)
    deepStrictEqual(bench.runUntil(303_999), [])
    bench.hear(1)
    deepStrictEqual(bench.runUntil(307_000), [])
  })

  test('after a deaf network loop a silent session has what was left of its timeout', () => {
    const bench = new Bench()
    bench.serving()
    const id = bench.open(1, 4000)
    bench.aliveMs = 12_000
    bench.runUntil(30_000)
    strictEqual(bench.gauges.get('stalledMs'), 18_000)
    // It wakes up; up to the next look nobody knows when.
    bench.aliveMs = null
    deepStrictEqual(bench.runUntil(35_999), [])
    strictEqual(bench.gauges.get('stalledMs'), 21_000)
    deepStrictEqual(bench.runUntil(36_000), [['expire', id]])
  })

  test('a stall of everything at once', () => {
    const bench = new Bench()
    bench.serving()
    const id = bench.open(1, 4000)
    bench.aliveMs = 13_800
    bench.runUntil(14_000)
    deepStrictEqual(bench.stallUntil(24_000), [])
    bench.aliveMs = null
    deepStrictEqual(bench.runUntil(25_199), [])
    ok(bench.runUntil(40_000).some(([name, who]) => name === 'expire' && who === id))
  })

  test('never earlier than the timeout after the last word, stalls or not', () => {
    const step = fc.record({
      waitMs: fc.integer({ min: 1, max: 3 * TICK_MS }),
      stall: fc.boolean(),
      deaf: fc.boolean(),
      hear: fc.boolean(),
    })
    const property = fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const bench = new Bench()
      bench.serving()
      bench.open(1, 4000)
      let entitledMs = 14_000
      for (const { waitMs, stall, deaf, hear } of steps) {
        const fromMs = bench.clock.nowMs
        bench.aliveMs = deaf ? fromMs : null
        const effects = stall ? bench.stallUntil(fromMs + waitMs) : bench.runUntil(fromMs + waitMs)
        if (effects.length > 0) {
          ok(bench.clock.nowMs >= entitledMs)
          return
        }
        if (!hear) continue
        bench.hear(1)
        entitledMs = bench.clock.nowMs + 4000
      }
    })
    fc.assert(property, { numRuns: 500 })
  })
})

describe('expiry queue', () => {
  test('rounds up to the next multiple, a multiple too', () => {
    const queue = new ExpiryQueue(2000)
    const rows: [number, number][] = [
      [0, 2000],
      [1, 2000],
      [1999, 2000],
      [2000, 4000],
      [2000.5, 4000],
    ]
    for (const [deadlineMs, bucketMs] of rows) strictEqual(queue.bucketOf(deadlineMs), bucketMs)
  })

  test('the same items at the same time as a list searched from end to end', () => {
    const step = fc.tuple(
      fc.constantFrom('update', 'update', 'postpone', 'remove', 'poll'),
      fc.nat(9),
      fc.nat(60),
    )
    const property = fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const queue = new ExpiryQueue<{ bucketMs: number; id: number }>(7)
      const items = Array.from({ length: 10 }, (_, id) => ({ bucketMs: BUCKET_NONE, id }))
      const twin = new Map<number, number>()
      let nowMs = 0
      for (const [what, id, ms] of steps) {
        const item = items[id]!
        const bucketMs = (Math.floor((nowMs + ms) / 7) + 1) * 7
        if (what === 'update') {
          queue.update(item, nowMs + ms)
          twin.set(id, bucketMs)
        } else if (what === 'postpone') {
          queue.postpone(item, nowMs + ms)
          twin.set(id, Math.max(twin.get(id) ?? 0, bucketMs))
        } else if (what === 'remove') {
          queue.remove(item)
          twin.delete(id)
        } else {
          nowMs += ms
          const due: number[] = []
          for (let set = queue.poll(nowMs); set !== null; set = queue.poll(nowMs)) {
            due.push(...[...set].map((one) => one.id))
          }
          const expected = [...twin].filter(([, at]) => at <= nowMs).map(([one]) => one)
          deepStrictEqual(due.sort(), expected.sort())
          for (const one of expected) twin.delete(one)
        }
        strictEqual(queue.size, twin.size)
        const first = Math.min(Number.POSITIVE_INFINITY, ...twin.values())
        ok(queue.nextDueMs() <= first)
        strictEqual(queue.nextDueMs() === Number.POSITIVE_INFINITY, twin.size === 0)
        strictEqual(item.bucketMs, twin.get(id) ?? BUCKET_NONE)
      }
    })
    fc.assert(property, { numRuns: 300 })
  })
})
