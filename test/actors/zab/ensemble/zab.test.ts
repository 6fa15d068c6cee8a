// Ensembles under every kind of failure, seed by seed. A failure prints its seed: run it alone
// with RINGKEEPER_SEED for a trace. RINGKEEPER_SEEDS is how many are tried.

import { deepStrictEqual, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { runSeed } from './ensemble-chaos.ts'

const SEEDS = Number(process.env['RINGKEEPER_SEEDS'] ?? 300)
const FIRST = Number(process.env['RINGKEEPER_FIRST'] ?? 1)

test('whatever fails, nothing acknowledged is lost, and healed it serves again', () => {
  const only = process.env['RINGKEEPER_SEED']
  if (only !== undefined) {
    runSeed(Number(only), {}, true)
    return
  }
  let committed = 0
  let epochs = 0
  for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
    const outcome = runSeed(seed)
    committed += outcome.committed
    epochs += outcome.epochs
  }
  ok(committed > SEEDS * 20 && epochs > SEEDS * 2, `${committed} writes, ${epochs} epochs`)
})

test('the same seed is the same run', () => {
  for (const seed of [50, 100, 150]) deepStrictEqual(runSeed(seed), runSeed(seed))
})
