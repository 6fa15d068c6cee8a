// The time line of a write: what most writes have in common, of what threads wrote down.

import { deepStrictEqual } from 'node:assert'
import { describe, it } from 'node:test'
import type { EventName } from '../../../perf/budget/probe.ts'
import { type Event, timeLine, writesOf } from '../../../perf/budget/time-line.ts'

function event(name: EventName, fromUs: number, toUs: number = fromUs): Event {
  return { name, fromUs, toUs }
}

describe('the time line of a write', () => {
  it('begins when the server hears of the write, and ends with the reply', () => {
    const network = [
      event('sent', 5, 6),
      event('heard', 10, 12),
      event('ring', 12, 13),
      event('sent', 100, 110),
      event('heard', 200, 201),
      event('sent', 260, 262),
      event('heard', 300, 301),
    ]
    deepStrictEqual(writesOf(network), [
      { fromUs: 10, toUs: 110 },
      { fromUs: 200, toUs: 262 },
    ])
  })

  it('leaves out a write that took very long', () => {
    deepStrictEqual(writesOf([event('heard', 10), event('sent', 10 + 30_000)]), [])
  })

  it('has medians of what happens in half of the writes at least, by when it ended', () => {
    const writes = [0, 1000, 2000].map((fromUs) => ({ fromUs, toUs: fromUs + 100 }))
    const tree = writes.flatMap(({ fromUs }, i) => [
      event('park', fromUs - 50, fromUs + 20 + i),
      event('ring', fromUs + 60, fromUs + 70),
      event('ring', fromUs + 80, fromUs + 90),
      // Behind the reply.
      event('ring', fromUs + 95, fromUs + 105),
    ])
    const log = [event('sync', 30, 50)]
    const threads = [
      { server: 'one', thread: 'tree', events: tree.toReversed() },
      { server: 'one', thread: 'log', events: log },
    ]
    const where = { server: 'one', thread: 'tree', share: 1 }
    deepStrictEqual(timeLine(threads, writes), [
      { ...where, name: 'park', fromUs: -50, toUs: 21 },
      { ...where, name: 'ring', fromUs: 60, toUs: 70 },
      { ...where, name: 'ring', fromUs: 80, toUs: 90 },
    ])
  })
})
