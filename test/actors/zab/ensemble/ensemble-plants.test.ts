// Every planted bug is found within a bounded number of seeds; without it the same seeds pass.

import { match, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { runSeed } from './ensemble-chaos.ts'
import { Violation } from './ensemble-checker.ts'
import { PLANTS, type Plant } from './ensemble-plants.ts'

const SEEDS_MAX = 300

/** The seed that finds it and what it says. */
function find(plant: Plant): { seed: number; what: string } | null {
  for (let seed = 1; seed <= SEEDS_MAX; seed++) {
    try {
      runSeed(seed, plant)
    } catch (error) {
      ok(error instanceof Violation)
      return { seed, what: error.message.split('\n')[0]! }
    }
  }
  return null
}

describe('planted bugs are found', () => {
  for (const [name, plant] of Object.entries(PLANTS)) {
    test(name, (context) => {
      const found = find(plant)
      ok(found !== null, `not found in ${SEEDS_MAX} seeds`)
      context.diagnostic(`seed ${found.seed}: ${found.what}`)
      match(found.what, plant.finds)
      runSeed(found.seed)
    })
  }
})
