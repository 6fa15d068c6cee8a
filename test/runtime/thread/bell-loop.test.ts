// The loop of a thread that has an event loop: every ring is followed by a step, whenever it comes.
// Its regular step is taken away here, so that a wake-up that is lost is lost for good.

import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { Doorbell } from '../../../runtime/ring/doorbell.ts'
import { nowMs } from '../../../runtime/shared/clock.ts'
import { BellLoop, type Steps } from '../../../runtime/thread/bell-loop.ts'
import { until } from '../../support/until.ts'

const NEVER_MS = 2 ** 31 - 1
const WAIT_MS_MAX = 20_000

/** A loop over a number that is there to be counted down. */
class Counter implements Steps {
  readonly bell: Doorbell = new Doorbell()
  readonly loop: BellLoop = new BellLoop(this.bell, nowMs, NEVER_MS)
  due = 0
  steps = 0
  #ended = false
  /** Called once, within the next step that finds nothing, after it has looked. */
  late: () => void = () => undefined
  /** Called once, between the next step that finds nothing and the park after it. */
  later: () => void = () => undefined

  ended(): boolean {
    return this.#ended
  }

  step(): boolean {
    this.steps++
    const found = this.due > 0
    if (found) this.due--
    else once(this, 'late')
    return found
  }

  parkMs(): number {
    once(this, 'later')
    return Number.POSITIVE_INFINITY
  }

  announce(count: number): void {
    this.due += count
    this.bell.ring()
  }

  async done(what: string): Promise<void> {
    await until(what, WAIT_MS_MAX, () => this.due === 0)
  }

  async end(ending: Promise<void>): Promise<void> {
    this.#ended = true
    this.bell.ring()
    await ending
  }
}

function once(counter: Counter, name: 'late' | 'later'): void {
  const call = counter[name]
  counter[name] = () => undefined
  call()
}

test('a ring while it is parked, again and again', async () => {
  const counter = new Counter()
  const ending = counter.loop.run(counter)
  for (let i = 1; i <= 20; i++) {
    counter.announce(i)
    await counter.done(`ring ${i}`)
  }
  await counter.end(ending)
})

test('a ring after the step has looked, and one before it parks', async () => {
  for (const when of ['late', 'later'] as const) {
    const counter = new Counter()
    counter[when] = () => counter.announce(1)
    const ending = counter.loop.run(counter)
    await counter.done(when)
    // The same with a waiter that stands at the bell from before.
    counter[when] = () => counter.announce(1)
    counter.loop.wake()
    await counter.done(`${when}, with a waiter`)
    await counter.end(ending)
  }
})

test('a ring between the one that calls the waiter and the call', async () => {
  const counter = new Counter()
  const ending = counter.loop.run(counter)
  for (let i = 0; i < 20; i++) {
    counter.announce(1)
    counter.loop.wake()
    strictEqual(counter.due, 0)
    counter.announce(1)
    await counter.done(`pair ${i}`)
  }
  await counter.end(ending)
})

test('wake() within a step is a step afterwards, though nobody rings', async () => {
  const counter = new Counter()
  counter.late = () => {
    counter.due = 1
    counter.loop.wake()
  }
  const ending = counter.loop.run(counter)
  await counter.done('the step that was asked for')
  await counter.end(ending)
})

test('parked, it takes no steps; ended, none either', async () => {
  const counter = new Counter()
  const ending = counter.loop.run(counter)
  const parked = counter.steps
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
  strictEqual(counter.steps, parked)
  await counter.end(ending)
  const ended = counter.steps
  counter.announce(1)
  counter.loop.wake()
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
  deepStrictEqual([counter.steps, counter.due], [ended, 1])
})
