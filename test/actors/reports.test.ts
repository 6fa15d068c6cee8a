// Long answers in parts: none longer than a limit, none lost, none made that nobody asks for.

import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { inParts, PART_CHARS, PART_ITEMS, Reports } from '../../actors/reports.ts'
import { decodeControl } from '../../protocol/control.ts'
import { Query } from '../../protocol/messages/queries.ts'

test('lists are cut, and go on under their name', () => {
  const items = (count: number, of: string): string[] =>
    Array.from({ length: count }, (_, i) => `${of}${i}`)
  const lists = new Map([
    ['a', items(3, 'a')],
    ['long', items(PART_ITEMS * 2 + 7, 'l')],
    ['none', []],
    ['z', items(PART_ITEMS, 'z')],
  ])
  const joined = new Map<string, string[]>()
  for (const part of inParts(lists)) {
    ok(part.reduce((count, [, list]) => count + list.length, 0) <= PART_ITEMS)
    for (const [name, list] of part) joined.set(name, [...(joined.get(name) ?? []), ...list])
  }
  deepStrictEqual(joined, lists)
})

test('a hundred paths of a megabyte are in a hundred parts', () => {
  const long = Array.from({ length: 100 }, (_, i) => `/${i}`.padEnd(1 << 20, 'x'))
  const short = ['/a', '/b']
  let parts = 0
  for (const part of inParts([['1', [...short, ...long]]] as const)) {
    const chars = part.flatMap(([, list]) => list).reduce((sum, path) => sum + path.length, 0)
    ok(chars < PART_CHARS + (1 << 20))
    parts++
  }
  // The last says that the list has ended.
  strictEqual(parts, 101)
})

test('a part is made when it is asked for, and none for who has gone', () => {
  const answers: unknown[] = []
  const reports = new Reports((queryId, isOver, bytes, start, end) => {
    answers.push(isOver ? [queryId] : [queryId, decodeControl(bytes.slice(start, end))])
  })
  const made: number[] = []
  function* parts(): Generator<number> {
    for (let i = 1; i <= 2; i++) {
      made.push(i)
      yield i
    }
  }
  reports.begin(7, parts())
  reports.begin(8, parts())
  deepStrictEqual(made, [])
  reports.go(7, Query.watchesByPath)
  reports.go(7, Query.more)
  ok(reports.has(7))
  reports.go(7, Query.more)
  ok(!reports.has(7))
  reports.go(8, Query.watchesByPath)
  reports.go(8, Query.forget)
  ok(!reports.has(8))
  reports.go(8, Query.more)
  deepStrictEqual(answers, [[7, 1], [7, 2], [7], [8, 1], [8]])
  deepStrictEqual(made, [1, 2, 1])
})
