// After a stall a session has a full timeout, not the stall on top of it: found by the simulator.

import { deepStrictEqual } from 'node:assert'
import { describe, it } from 'node:test'
import { Bench, TICK_MS } from './fixture.ts'

const TIMEOUT_MS = 4000
const STALL_MS = 60_000

/** Everything that is due by then, one timeout and the width of a bucket after the stall. */
function afterStall(bench: Bench): unknown[] {
  return bench.runUntil(10_000 + STALL_MS + TIMEOUT_MS + 2 * TICK_MS)
}

describe('a stall', () => {
  it('is not added to a session renewed in the turn that ends it', () => {
    const bench = new Bench()
    bench.serving()
    const id = bench.open(1, TIMEOUT_MS)
    bench.clock.nowMs += STALL_MS
    // Messages are delivered before the tick.
    bench.sessions.closed(1)
    bench.renew(2, id, undefined, TIMEOUT_MS)
    bench.turn()
    bench.taken()
    deepStrictEqual(afterStall(bench), [['expire', id]])
  })

  it('is not added to what was heard while this actor alone slept', () => {
    const bench = new Bench()
    bench.serving()
    const id = bench.open(1, TIMEOUT_MS)
    bench.clock.nowMs += STALL_MS
    bench.hear(1)
    bench.turn()
    bench.taken()
    deepStrictEqual(afterStall(bench), [['expire', id]])
  })

  it('gives a session opened right after it its timeout and no more', () => {
    const bench = new Bench()
    bench.serving()
    bench.open(1, TIMEOUT_MS)
    bench.clock.nowMs += STALL_MS
    const second = bench.open(2, TIMEOUT_MS)
    bench.turn()
    bench.taken()
    deepStrictEqual(
      afterStall(bench).some((effect) => (effect as unknown[])[1] === second),
      true,
    )
  })
})
