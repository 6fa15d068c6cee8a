// What the tree is asked by operators: its own answers, and which questions it passes on.

import { deepStrictEqual } from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Query } from '../../../protocol/messages/queries.ts'
import { sessionIdOf } from '../../../protocol/session-id.ts'
import type { Zxid } from '../../../protocol/zxid.ts'
import { Bench } from './fixture.ts'

const PART = 500

/** With sessions of these ids, each with a timeout of 4000 ms plus its number. */
function withSessions(...ids: readonly bigint[]): Bench {
  const bench = Bench.serving()
  for (const [i, id] of ids.entries()) {
    const slot = i + 1
    bench.tree.opened(slot, '10.0.0.1')
    bench.deliver(() => bench.tree.createSession(slot, sessionIdOf(id), 4000 + i, 0 as Zxid))
  }
  bench.taken()
  return bench
}

/** Parts that say something. */
function partsOf(bench: Bench, kind: number): unknown[] {
  const parts: unknown[] = []
  for (let asked = kind; parts.at(-1) !== 'over'; asked = Query.more) {
    bench.tree.query(9, asked)
    for (const [what, id, part] of bench.taken()) {
      deepStrictEqual([what, id], ['answer', 9])
      if (part !== null) parts.push(part)
    }
  }
  return parts.slice(0, -1)
}

describe('a question about sessions', () => {
  it('is answered in the order of ids, which have a sign', () => {
    const bench = withSessions(0x30n, 0xffn << 56n, 0x1n)
    deepStrictEqual(partsOf(bench, Query.globalSessions), [
      3,
      [
        ['ff00000000000000', 4001],
        ['1', 4002],
        ['30', 4000],
      ],
    ])
  })

  it('is answered by parts', () => {
    const ids = Array.from({ length: PART + 1 }, (_, i) => BigInt(i + 1))
    const [count, ...parts] = partsOf(withSessions(...ids), Query.globalSessions) as unknown[][]
    deepStrictEqual(count, ids.length)
    deepStrictEqual(
      parts.map(({ length }) => length),
      [PART, 1],
    )
  })

  it('has none of a session that ends meanwhile', () => {
    const bench = withSessions(1n, 2n)
    bench.tree.query(9, Query.globalSessions)
    bench.deliver(() => bench.tree.expire(sessionIdOf(1n)))
    bench.taken()
    bench.tree.query(9, Query.more)
    deepStrictEqual(bench.taken(), [['answer', 9, [['2', 4001]]]])
  })
})

it('questions to a leader are zab’s', () => {
  const bench = Bench.serving()
  for (const kind of [Query.observers, Query.resetObservers, Query.handOver]) {
    bench.tree.query(9, kind)
    deepStrictEqual(bench.taken(), [['query of zab', 9, kind]])
  }
})
