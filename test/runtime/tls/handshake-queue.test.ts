// How many handshakes begin and are under way, whatever comes at once.

import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { type Handshake, HandshakeQueue } from '../../../runtime/tls/handshake-queue.ts'

const UNDER_WAY_MAX = 16

describe('the queue of handshakes', () => {
  let nowMs: number
  let soon: (() => void)[]
  let timers: { readonly atMs: number; readonly run: () => void }[]
  let begun: number[]
  let queue: HandshakeQueue

  beforeEach(() => {
    nowMs = 0
    soon = []
    timers = []
    begun = []
    queue = new HandshakeQueue(
      {
        soon: (run) => void soon.push(run),
        after: (ms, run) => {
          const timer = { atMs: nowMs + ms, run }
          timers.push(timer)
          return () => {
            timers = timers.filter((other) => other !== timer)
          }
        },
      },
      () => nowMs,
    )
  })

  const add = (count: number): Handshake[] => {
    return Array.from({ length: count }, (_, i) => {
      const handshake = { begin: () => void begun.push(i) }
      queue.add(handshake)
      return handshake
    })
  }
  /** A round of the event loop: what is due now, once. */
  const round = (): number => {
    const before = begun.length
    const due = timers.filter(({ atMs }) => atMs <= nowMs)
    timers = timers.filter(({ atMs }) => atMs > nowMs)
    for (const { run } of due) run()
    for (const run of soon.splice(0)) run()
    return begun.length - before
  }

  test('a round begins one, in the order of arrival', () => {
    add(5)
    for (let i = 0; i < 5; i++) strictEqual(round(), 1)
    strictEqual(round(), 0)
    deepStrictEqual(begun, [0, 1, 2, 3, 4])
  })

  test('so many are under way and no more; each that ends lets one begin', () => {
    const handshakes = add(2000)
    for (let i = 0; i < 100; i++) round()
    strictEqual(begun.length, UNDER_WAY_MAX)
    queue.remove(handshakes[3]!)
    queue.remove(handshakes[4]!)
    for (let i = 0; i < 100; i++) round()
    strictEqual(begun.length, UNDER_WAY_MAX + 2)
  })

  test('who is slow holds nobody up for long', () => {
    add(1000)
    for (let i = 0; i < 100; i++) round()
    for (nowMs = 1; nowMs <= 1000; nowMs++) round()
    ok(begun.length >= 9 * UNDER_WAY_MAX, String(begun.length))
  })

  test('who gives up while waiting never begins, and nothing is left to do', () => {
    for (const handshake of add(100)) queue.remove(handshake)
    for (let i = 0; i < 100; i++) round()
    deepStrictEqual([begun, soon, timers], [[], [], []])
  })
})
