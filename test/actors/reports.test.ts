// Long answers in parts: none longer than a limit, none lost, none made that nobody asks for.

import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { inParts, PART_ITEMS, Reports } from '../../actors/reports.ts'
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

test('a part is made when it is asked for, and none for who has gone', () => {
  const reports = new Reports()
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
  strictEqual(reports.next(7, Query.watchesByPath), 1)
  strictEqual(reports.next(7, Query.more), 2)
  strictEqual(reports.next(7, Query.more), undefined)
  strictEqual(reports.has(7), false)
  strictEqual(reports.next(8, Query.watchesByPath), 1)
  strictEqual(reports.next(8, Query.forget), undefined)
  strictEqual(reports.has(8), false)
  deepStrictEqual(made, [1, 2, 1])
})
