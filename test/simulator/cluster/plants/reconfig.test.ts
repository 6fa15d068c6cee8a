// Ensembles whose members change while everything may go wrong keep their promises; and those that are
// broken on purpose where they change are caught.

import { match, ok } from 'node:assert'
import { describe, it } from 'node:test'
import { simulationOver } from '../../world/collect.ts'
import { describeCluster } from '../options.ts'
import { reconfigOptionsOf } from '../reconfig-options.ts'
import { simulateCluster } from '../simulation.ts'
import { PLANTS, type Plant } from './reconfig-plants.ts'

const SEEDS = Number(process.env['RINGKEEPER_RECONFIG_SEEDS'] ?? 40)
const MUTANT_SEEDS_MAX = 60

/** What the first seed that notices says; null when none does. */
async function firstCatch({ from, patch }: Plant): Promise<string | null> {
  const undo = patch()
  try {
    for (let seed = from; seed < from + MUTANT_SEEDS_MAX; seed++) {
      try {
        simulateCluster(reconfigOptionsOf(seed))
      } catch (error) {
        return `seed ${seed}: ${error}`
      }
      await simulationOver()
    }
    return null
  } finally {
    undo()
  }
}

describe('ensembles that are reconfigured', () => {
  it(`keep their promises for ${SEEDS} seeds, and are reconfigured`, async () => {
    let reconfigurations = 0
    for (let seed = 0; seed < SEEDS; seed++) {
      const options = reconfigOptionsOf(seed)
      try {
        reconfigurations += simulateCluster(options).reconfigurations ?? 0
      } catch (error) {
        const how = `npm run simulate -- --reconfig --seed ${seed} --trace`
        throw new Error(`${how}\n${describeCluster(options)}`, { cause: error })
      }
      await simulationOver()
    }
    ok(reconfigurations >= SEEDS, `${reconfigurations} reconfigurations`)
  })
})

describe('ensembles that are reconfigured, broken on purpose', () => {
  for (const plant of PLANTS) {
    it(`notice when ${plant.name}`, async (context) => {
      const caught = await firstCatch(plant)
      ok(caught !== null, `${MUTANT_SEEDS_MAX} seeds noticed nothing`)
      context.diagnostic(caught.split('\n')[0] ?? '')
      match(caught, plant.caughtAs)
    })
  }
})
