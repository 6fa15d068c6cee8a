// The command line of npm run flame.

import { deepStrictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseFlame } from '../../../perf/flame/arguments.ts'
import { OPERATIONS } from '../../../perf/load/spec.ts'

const WRITES = {
  question: 'writes',
  op: 'set',
  servers: 1,
  seconds: 10,
  intervalUs: 1000,
  connections: 10,
  outstanding: 16,
  out: 'perf/reports/flame',
  clinic: true,
}
const QUESTIONS = 'one question of these: writes, lone-write, creates, multis, reads, lone-read'

describe('npm run flame', () => {
  const requests: [string, unknown][] = [
    ['writes', WRITES],
    ['--help', 'help'],
    ['lone-write', { ...WRITES, question: 'lone-write', connections: 1, outstanding: 1 }],
    ['writes --servers 3 --no-clinic', { ...WRITES, servers: 3, intervalUs: 3000, clinic: false }],
    ['writes --op get --connections 5', { ...WRITES, op: 'get', connections: 5 }],
    [
      'writes --seconds 2 --interval 100 --out x',
      { ...WRITES, seconds: 2, intervalUs: 100, out: 'x' },
    ],
    ['', { problem: QUESTIONS }],
    ['toString', { problem: QUESTIONS }],
    ['writes reads', { problem: QUESTIONS }],
    ['writes --op delete', { problem: `--op delete: must be one of ${OPERATIONS.join(', ')}` }],
    ['writes --servers 0', { problem: '--servers 0: must be a number from 1 to 5' }],
    ['writes --seconds 1e3', { problem: '--seconds 1e3: must be a number from 1 to 600' }],
  ]
  for (const [line, expected] of requests) {
    test(line === '' ? 'nothing' : line, () => {
      deepStrictEqual(parseFlame(line.split(' ').filter((word) => word !== '')), expected)
    })
  }
})
