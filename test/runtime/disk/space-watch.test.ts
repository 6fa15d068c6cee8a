// When room becomes scarce, and when there is enough again.

import { deepStrictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type FreeBytes, SpaceWatch } from '../../../runtime/disk/space-watch.ts'

/** What is said of each of these amounts, one after the other. */
async function said(reserve: number, ...free: readonly (number | Error)[]): Promise<string[]> {
  const told: string[] = []
  let now: number | Error = 0
  const freeBytes: FreeBytes = async () => {
    if (typeof now !== 'number') throw now
    return now
  }
  const watch = new SpaceWatch(
    ['a'],
    reserve,
    (isScarce, space) => told.push(`${isScarce ? 'scarce' : 'enough'} ${space.freeBytes}`),
    freeBytes,
  )
  for (now of free) await watch.look()
  return told
}

describe('room on a disk', () => {
  const TABLE: readonly (readonly [string, number, (number | Error)[], string[]])[] = [
    ['that is enough is not told', 100, [500, 100], []],
    ['that is scarce is told once', 100, [500, 99, 50, 0], ['scarce 99']],
    [
      'is enough when a quarter more is free',
      100,
      [99, 100, 124, 125, 90],
      ['scarce 99', 'enough 125', 'scarce 90'],
    ],
    ['is nobody’s concern without a reserve', 0, [0], []],
    ['that cannot be told changes nothing', 100, [99, new Error('gone'), 98], ['scarce 99']],
  ]
  for (const [what, reserve, free, expected] of TABLE) {
    test(what, async () => deepStrictEqual(await said(reserve, ...free), expected))
  }

  test('is that of the fullest of the folders', async () => {
    const told: string[] = []
    const free: Readonly<Record<string, number>> = { log: 50, data: 500 }
    const watch = new SpaceWatch(
      ['data', 'log'],
      100,
      (_, { folder }) => told.push(folder),
      async (folder) => free[folder] ?? 0,
    )
    await watch.look()
    deepStrictEqual(told, ['log'])
  })
})
