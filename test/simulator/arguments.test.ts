// What npm run simulate is asked for.

import { deepStrictEqual, match, strictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { HELP, parseSimulate } from './arguments.ts'

describe('the arguments of npm run simulate', () => {
  const DEFAULTS = { kinds: ['server', 'cluster'], seeds: 200, from: 0, seed: null, trace: false }
  const CASES = [
    ['', {}],
    ['--server --seeds 5 --from 7', { kinds: ['server'], seeds: 5, from: 7 }],
    ['--cluster --seed 3 --trace', { kinds: ['cluster'], seed: 3, trace: true }],
    ['--server --cluster', {}],
  ] as const
  for (const [text, expected] of CASES) {
    test(`"${text}"`, () => {
      const args = text === '' ? [] : text.split(' ')
      deepStrictEqual(parseSimulate(args), { ...DEFAULTS, ...expected })
    })
  }

  test('--help', () => strictEqual(parseSimulate(['--help']), HELP))

  const WRONG = [
    ['--seeds x', /^--seeds x: must be a whole number$/],
    ['--seed -1', /--seed/],
    ['--seed=', /^--seed : must be a whole number$/],
    ['--frob', /--frob/],
    ['5', /5/],
  ] as const
  for (const [text, expected] of WRONG) {
    test(`"${text}"`, () => {
      const problem = parseSimulate(text.split(' '))
      match(typeof problem === 'string' ? problem : '', expected)
    })
  }
})
