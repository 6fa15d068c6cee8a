// Locks and elections from the names of nodes: who holds, who is next, who waits.

import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { groupsOf, recipeOf } from '../../../runtime/console/holders/recipes.ts'

const UUID = '8b1c6c1e-9d5c-4e3a-8f52-0123456789ab'
const HEX = UUID.replaceAll('-', '')

const NAMES: readonly (readonly [
  name: string,
  kind: string | null,
  role?: string,
  recipe?: string,
])[] = [
  [`_c_${UUID}-lock-0000000003`, 'lock', 'plain', 'Curator'],
  [`_c_${UUID}-latch-0000000003`, 'election', 'plain', 'Curator'],
  [`_c_${UUID}-lease-0000000003`, 'leases', 'lease', 'Curator'],
  [`_c_${UUID}-__READ__0000000003`, 'read-write lock', 'read', 'Curator'],
  [`_c_${UUID}-__WRIT__0000000003`, 'read-write lock', 'write', 'Curator'],
  [`${HEX}__lock__0000000003`, 'lock', 'plain', 'kazoo'],
  [`${HEX}__rlock__0000000003`, 'read-write lock', 'read', 'kazoo'],
  ['x-72057727370002432-0000000003', 'lock', 'plain', 'ZooKeeper'],
  ['n_0000000003', 'election', 'plain', 'ZooKeeper'],
  ['lock-0000000003', 'lock', 'plain', ''],
  [`${UUID}-read-0000000003`, 'read-write lock', 'read', ''],
  [`${UUID}-write-0000000003`, 'read-write lock', 'write', ''],
  [`${UUID}-elect-0000000003`, 'election', 'plain', ''],
  ['clock-0000000003', 'numbered', 'plain', ''],
  ['instance-0000000003', 'numbered', 'plain', ''],
  ['0000000003', 'numbered', 'plain', ''],
  ['lock-3', null],
  ['member', null],
]

describe('a name', () => {
  for (const [name, kind, role, recipe] of NAMES) {
    test(`${name} is ${kind ?? 'no recipe’s'}`, () => {
      const found = recipeOf(name)
      if (kind === null) strictEqual(found, null)
      else deepStrictEqual(found, { kind, role, recipe, number: 3 })
    })
  }
})

/** `3r` is a reader with the number 3. */
function standings(...who: string[]): string[] {
  const nodes = who.map((one, i) => {
    const number = one.slice(0, -1).padStart(10, '0')
    const name = { r: '__READ__', w: '__WRIT__', l: 'lease-', p: 'lock-' }[one.slice(-1)]
    return [
      `/a/_c_${UUID.slice(0, -2)}${String(i).padStart(2, '0')}-${name}${number}`,
      `0x${i}`,
    ] as const
  })
  const [group] = groupsOf(nodes)
  return group?.contenders.map(({ number, standing }) => `${number} ${standing}`) ?? []
}

describe('who stands where', () => {
  const CASES: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    ['one holds', ['7p'], ['7 holds']],
    ['the least number holds', ['9p', '2p', '5p'], ['2 holds', '5 next', '9 waits']],
    ['readers share', ['1r', '2r', '3w', '4r'], ['1 holds', '2 holds', '3 next', '4 waits']],
    ['a writer is alone', ['1w', '2r', '3r'], ['1 holds', '2 next', '3 waits']],
    ['only readers', ['1r', '2r'], ['1 holds', '2 holds']],
    ['every lease is held', ['1l', '2l', '3l'], ['1 holds', '2 holds', '3 holds']],
  ]
  for (const [what, who, expected] of CASES) {
    test(what, () => deepStrictEqual(standings(...who), expected))
  }

  test('a kazoo writer among its readers', () => {
    const nodes = [`${HEX}__lock__0000000001`, `${HEX}__rlock__0000000000`].map(
      (name) => [`/rw/${name}`, '0x1'] as const,
    )
    const [group] = groupsOf(nodes)
    strictEqual(group?.kind, 'read-write lock')
    deepStrictEqual(
      group?.contenders.map(({ role, standing }) => `${role} ${standing}`),
      ['read holds', 'write next'],
    )
  })

  test('groups are apart by their parent, and what is no recipe’s is left out', () => {
    const nodes = [
      ['/b/lock-0000000000', '0x1'],
      ['/a/lock-0000000000', '0x2'],
      ['/lock-0000000009', '0x3'],
      ['/members/me', '0x4'],
    ] as const
    deepStrictEqual(
      groupsOf(nodes).map(({ path }) => path),
      ['/', '/a', '/b'],
    )
  })
})
