// The clocks of two threads: what one reads lies between what the other read before and after.

import { ok } from 'node:assert/strict'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { nowMs } from '../../../runtime/shared/clock.ts'

const ROUNDS = 200
/** Two thousandths of a millisecond: what a reading is rounded by. */
const ROUNDING_MS = 0.002
const CLOCK = new URL('../../../runtime/shared/clock.js', import.meta.url).href

/** Replies each odd turn with its time. */
const WORKER = `
import { workerData } from 'node:worker_threads'
const { nowMs } = await import(workerData.clock)
const turn = new Int32Array(workerData.memory, 0, 1)
const time = new Float64Array(workerData.memory, 8, 1)
for (let i = 0; i < workerData.rounds; i++) {
  Atomics.wait(turn, 0, 2 * i)
  time[0] = nowMs()
  Atomics.store(turn, 0, 2 * i + 2)
  Atomics.notify(turn, 0)
}
`

test('threads agree on the time', () => {
  const memory = new SharedArrayBuffer(16)
  const turn = new Int32Array(memory, 0, 1)
  const time = new Float64Array(memory, 8, 1)
  const source = new URL(`data:text/javascript,${encodeURIComponent(WORKER)}`)
  new Worker(source, { workerData: { memory, rounds: ROUNDS, clock: CLOCK } })
  for (let i = 0; i < ROUNDS; i++) {
    const before = nowMs()
    Atomics.store(turn, 0, 2 * i + 1)
    Atomics.notify(turn, 0)
    Atomics.wait(turn, 0, 2 * i + 1)
    const after = nowMs()
    const theirs = time[0] ?? 0
    ok(
      before - ROUNDING_MS <= theirs && theirs <= after + ROUNDING_MS,
      `${before} ${theirs} ${after}`,
    )
  }
})
