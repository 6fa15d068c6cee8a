// Who is a quorum: one configuration by itself, and two while the second replaces the first.

import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { membershipOf, type Roster } from '../support/membership.ts'

const GROUPS: Roster = {
  voters: [1, 2, 3, 4, 5],
  groups: [[1, 2, 3], [4], [5]],
  weights: new Map([[1, 2]]),
}

describe('a quorum', () => {
  const CASES: readonly (readonly [string, Roster, readonly number[], boolean])[] = [
    ['of three: two', { voters: [1, 2, 3] }, [1, 3], true],
    ['of three: one', { voters: [1, 2, 3] }, [2], false],
    ['of four: two', { voters: [1, 2, 3, 4] }, [1, 2], false],
    ['of one: itself', { voters: [7] }, [7], true],
    ['observers do not count', { voters: [1, 2, 3], observers: [4, 5] }, [1, 4, 5], false],
    ['strangers do not count', { voters: [1, 2, 3] }, [1, 8, 9], false],
    ['groups: two of three, each by half of its weight and more', GROUPS, [1, 2, 4], true],
    ['groups: half of the weight of one is not enough', GROUPS, [1, 4], false],
    ['groups: one group', GROUPS, [1, 2, 3], false],
    [
      'groups: one without weight does not count',
      { ...GROUPS, weights: new Map([[5, 0]]) },
      [1, 2, 3, 4],
      true,
    ],
  ]
  for (const [name, roster, servers, expected] of CASES) {
    test(name, () => strictEqual(membershipOf(roster).isQuorum(servers), expected))
  }

  test('while another configuration follows, is one of each', () => {
    const both = membershipOf({ voters: [1, 2, 3] }, { voters: [3, 4, 5] })
    const answers = [
      [1, 2],
      [4, 5],
      [2, 3],
      [2, 3, 4],
      [1, 2, 4, 5],
    ].map((servers) => both.isQuorum(servers))
    deepStrictEqual(answers, [false, false, false, true, true])
    deepStrictEqual(both.voters, [1, 2, 3, 4, 5])
    strictEqual(both.isVoter(5), true)
    strictEqual(both.isVoter(6), false)
  })

  test('shares a server with every other, also across a change', () => {
    const ids = fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 7 })
    const some = fc.uniqueArray(fc.integer({ min: 1, max: 7 }))
    fc.assert(
      fc.property(ids, ids, some, some, (old, next, a, b) => {
        const changing = membershipOf({ voters: old }, { voters: next })
        const [before, after] = [membershipOf({ voters: old }), membershipOf({ voters: next })]
        if (!changing.isQuorum(a)) return
        for (const other of [before, after, changing]) {
          if (other.isQuorum(b))
            strictEqual(
              a.some((id) => b.includes(id)),
              true,
            )
        }
      }),
    )
  })

  test('does without a server, or does not', () => {
    strictEqual(membershipOf({ voters: [1, 2, 3] }).canSpare(1), true)
    strictEqual(membershipOf({ voters: [1, 2] }).canSpare(1), false)
    strictEqual(membershipOf({ voters: [1, 2], observers: [3] }).canSpare(3), true)
  })
})
