// What zab asks of the log, at random, against a model, with the power going at any operation. A
// state is the sequence of transactions a tree was told, so a mixture of two histories, a hole or
// a transaction lost shows whatever files it came from. A failure prints its seed: run it alone
// with RINGKEEPER_SEED. RINGKEEPER_SEEDS is how many are tried.

import { ok } from 'node:assert'
import { describe, it } from 'node:test'
import { FuzzedLog } from './fuzzed-log.ts'

const SEEDS = Number(process.env['RINGKEEPER_SEEDS'] ?? 400)

describe('a member of an ensemble', () => {
  it('finds the history it had, cut or replaced as asked, after any crash', () => {
    const only = process.env['RINGKEEPER_SEED']
    const seeds = only === undefined ? [...Array(SEEDS).keys()] : [Number(only)]
    const total: Record<string, number> = {}
    for (const seed of seeds) {
      try {
        for (const [what, count] of new FuzzedLog(seed).run()) {
          total[what] = (total[what] ?? 0) + count
        }
      } catch (error) {
        throw new Error(`RINGKEEPER_SEED=${seed}: ${String(error)}`, { cause: error })
      }
    }
    if (only !== undefined) return
    const text = JSON.stringify(total)
    const expected = ['crash', 'cut', 'refused', 'installed', 'abandoned', 'foreign', 'reload']
    for (const what of [...expected, 'snapshot', 'purged', 'crash in cut', 'crash in install']) {
      ok((total[what] ?? 0) > SEEDS / 20, `too little of ${what}: ${text}`)
    }
  })
})
