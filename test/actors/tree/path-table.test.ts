// Things by path, also where hashes are alike.

import { strictEqual } from 'node:assert'
import { describe, it } from 'node:test'
import { type Pathed, PathTable } from '../../../actors/tree/store/path-table.ts'

function item(hash: number, path: string): Pathed {
  const bytes = new TextEncoder().encode(`..${path}.`)
  return { hash, bytes, start: 2, end: bytes.length - 1 }
}

function found(table: PathTable<Pathed>, { hash, bytes, start, end }: Pathed): Pathed | undefined {
  const copy = bytes.slice(start, end)
  return table.get(hash, copy, 0, copy.length)
}

describe('a path table', () => {
  it('keeps paths with one hash apart', () => {
    const table = new PathTable<Pathed>()
    const items = ['/a', '/b', '/c', ''].map((path) => item(-5, path))
    for (const one of items) strictEqual(table.set(one), undefined)
    for (const one of items) strictEqual(found(table, one), one)
    strictEqual(found(table, item(-5, '/d')), undefined)
    strictEqual(found(table, item(6, '/a')), undefined)
  })

  it('gives a path to the newest, among others of its hash or alone', () => {
    const table = new PathTable<Pathed>()
    const old = ['/a', '/b'].map((path) => item(1, path))
    const young = ['/a', '/b'].map((path) => item(1, path))
    for (const one of old) table.set(one)
    for (const [i, one] of young.entries()) strictEqual(table.set(one), old[i])
    for (const one of old) table.delete(one)
    for (const one of young) strictEqual(found(table, one), one)
  })

  it('finds the others when the first of a hash has gone, and takes its place', () => {
    const table = new PathTable<Pathed>()
    const [first, second] = [item(1, '/a'), item(1, '/b')]
    table.set(first)
    table.set(second)
    table.delete(first)
    strictEqual(found(table, second), second)
    strictEqual(table.set(item(1, '/b')), second)
    const third = item(1, '/c')
    table.set(third)
    strictEqual(found(table, third), third)
    table.clear()
    for (const one of [second, third]) strictEqual(found(table, one), undefined)
  })
})
