// So many handshakes begin at once, and after that one now and then.

import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { BURST, PACE_MS, paced } from '../../../../runtime/peer/tls/pace.ts'
import type { QueueTime } from '../../../../runtime/tls/handshake-queue.ts'

let nowMs: number
/** What each was told to wait. */
let waits: number[]
let time: QueueTime

beforeEach(() => {
  nowMs = 1000
  waits = []
  const real: QueueTime = {
    after: (ms) => {
      waits.push(ms)
      return () => undefined
    },
    soon: () => waits.push(0),
  }
  time = paced(real, () => nowMs)
})

function begin(count: number): void {
  for (let i = 0; i < count; i++) time.soon(() => undefined)
}

test('a few begin at once, the next one later each', () => {
  begin(BURST + 3)
  const later = waits.slice(BURST)
  deepStrictEqual(waits.slice(0, BURST), Array(BURST).fill(0))
  deepStrictEqual(later, [PACE_MS, 2 * PACE_MS, 3 * PACE_MS])
})

test('one in each pace never waits', () => {
  for (let i = 0; i < 100; i++) {
    begin(1)
    nowMs += PACE_MS
  }
  strictEqual(Math.max(...waits), 0)
})

test('after a rest as many may begin as at first, and no more', () => {
  begin(BURST)
  nowMs += 100 * BURST * PACE_MS
  begin(BURST + 1)
  deepStrictEqual(
    waits.filter((ms) => ms > 0),
    [PACE_MS],
  )
})
