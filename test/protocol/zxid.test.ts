// The arithmetic of transaction ids: what comes next, and what may stand behind what.

import { strictEqual } from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  COUNTER_MAX,
  followingZxid,
  follows,
  formatZxid,
  ZXID_ZERO,
  type Zxid,
  zxidOf,
} from '../../protocol/zxid.ts'

describe('a transaction behind another', () => {
  const cases: readonly [previous: Zxid, next: Zxid, allowed: boolean, why: string][] = [
    [zxidOf(3, 7), zxidOf(3, 8), true, 'the next number'],
    [zxidOf(3, 7), zxidOf(3, 7), false, 'the same again'],
    [zxidOf(3, 7), zxidOf(3, 6), false, 'one before'],
    [zxidOf(3, 7), zxidOf(3, 9), false, 'a hole'],
    [zxidOf(3, 7), zxidOf(4, 1), true, 'the first of the next epoch'],
    [zxidOf(3, 7), zxidOf(9, 1), true, 'the first of a later one'],
    [zxidOf(3, 7), zxidOf(4, 0), false, 'no epoch begins with 0'],
    [zxidOf(3, 7), zxidOf(4, 2), false, 'a hole at the beginning of an epoch'],
    [zxidOf(3, 7), zxidOf(2, 1), false, 'an earlier epoch'],
    [zxidOf(3, 0), zxidOf(3, 1), true, 'the first, behind a snapshot of nothing else'],
    [ZXID_ZERO, zxidOf(0, 1), true, 'the very first'],
    [zxidOf(3, COUNTER_MAX), zxidOf(4, 0), true, "a standalone ZooKeeper's counter runs over"],
    [zxidOf(3, COUNTER_MAX), zxidOf(4, 1), true, 'ours goes on with the next epoch'],
  ]
  for (const [previous, next, allowed, why] of cases) {
    const is = allowed ? 'follows' : 'does not follow'
    it(`${formatZxid(next)} ${is} ${formatZxid(previous)}: ${why}`, () => {
      strictEqual(follows(previous, next), allowed)
    })
  }
})

describe('the zxid that a leader gives next', () => {
  it('counts on', () => strictEqual(followingZxid(zxidOf(3, 7)), zxidOf(3, 8)))
  it('goes on with the next epoch at the end of the counter', () => {
    strictEqual(followingZxid(zxidOf(3, COUNTER_MAX)), zxidOf(4, 1))
  })
})
