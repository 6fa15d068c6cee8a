// Which server is next, and how clients spread when the list is replaced (StaticHostProviderTest).

import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { HostPort } from '../../client/connect-string.ts'
import { HostList } from '../../client/host-list.ts'
import { seeded } from '../support/random.ts'

const CLIENTS = 9000

function hosts(...ids: number[]): HostPort[] {
  return ids.map((id) => ({ host: `10.0.0.${id}`, port: 2181 }))
}

function chances(seed: number): () => number {
  const draw = seeded(seed)
  return () => draw(2 ** 30) / 2 ** 30
}

function idOf({ host }: HostPort): number {
  return Number(host.slice('10.0.0.'.length))
}

describe('the next server', () => {
  test('is the next of the list, and after the last the first', () => {
    const list = new HostList(hosts(1, 2, 3), 1, () => 0.5)
    const seen = [1, 2, 3, 4].map(() => {
      const id = idOf(list.current)
      list.next()
      return id
    })
    deepStrictEqual(seen, [2, 3, 1, 2])
  })

  test('a round is over when as many attempts have failed as there are servers', () => {
    const list = new HostList(hosts(1, 2), 0, () => 0.5)
    deepStrictEqual([list.failed(), list.failed(), list.failed()], [false, true, false])
    list.connected()
    strictEqual(list.failed(), false)
  })

  test('while a client moves, each of the new list comes once, and then the list from the top', () => {
    const list = new HostList(hosts(1, 2, 3), 0, chances(7))
    list.connected()
    ok(list.replace(hosts(2, 3, 4, 5), list.current))
    const seen = [1, 2, 3, 4].map(() => {
      list.next()
      return idOf(list.current)
    })
    deepStrictEqual(new Set(seen.slice(0, 2)), new Set([4, 5]))
    deepStrictEqual([...seen].sort(), [2, 3, 4, 5])
    list.next()
    ok([2, 3, 4, 5].includes(idOf(list.current)))
  })
})

describe('when the list is replaced, clients', () => {
  const table: [from: number[], to: number[], moving: number][] = [
    [[1, 2, 3], [1, 2, 3], 0],
    [[1, 2, 3], [1, 2, 3, 4, 5], 2 / 5],
    [[1, 2, 3, 4, 5], [1, 2, 3], 2 / 5],
    [[1, 2, 3], [4, 5, 6], 1],
    [[1, 2, 3], [2, 3, 4, 5], 1 / 2],
    [[1, 2, 3, 4], [1, 2, 5], 1 / 2],
    [[1, 2, 3], [1, 2, 4], 1 / 3],
    [[1], [1, 2, 3], 2 / 3],
  ]
  for (const [from, to, moving] of table) {
    test(`of ${from} are spread evenly over ${to}, and ${moving.toFixed(2)} of them move`, () => {
      const random = chances(11)
      const load = new Map(to.map((id) => [id, 0]))
      let moved = 0
      for (let client = 0; client < CLIENTS; client++) {
        const list = new HostList(hosts(...from), client, random)
        list.connected()
        if (list.replace(hosts(...to), list.current)) {
          list.next()
          moved++
        }
        const id = idOf(list.current)
        load.set(id, load.get(id)! + 1)
      }
      const near = (count: number, share: number): boolean =>
        Math.abs(count / CLIENTS - share) < 0.025
      ok(near(moved, moving), `${moved} moved`)
      for (const [id, count] of load) ok(near(count, 1 / to.length), `${id} has ${count}`)
    })
  }
})
