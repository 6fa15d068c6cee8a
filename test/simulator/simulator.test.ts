// A few hundred seeds of the simulator, and proof that its checkers see: servers broken on purpose
// are caught. More seeds: npm run simulate -- --seeds N.

import { match, notStrictEqual, ok, strictEqual } from 'node:assert'
import { describe, it } from 'node:test'
import { MUTATIONS, type Mutation } from './mutations.ts'
import { describeOptions, optionsOf } from './options.ts'
import { type Summary, simulate } from './simulation.ts'

const SEEDS = Number(process.env['RINGKEEPER_SIMULATOR_SEEDS'] ?? 200)
const GROUP = 25
const MUTANT_SEEDS_MAX = 40
/** Where the seeds of the suite begin. */
const FIRST_SEED = 0

function runSeed(seed: number): Summary {
  const options = optionsOf(seed)
  try {
    return simulate(options)
  } catch (error) {
    const replay = `npm run simulate -- --seed ${seed} --trace`
    throw new Error(`seed ${seed}: ${replay}\n${describeOptions(options)}`, { cause: error })
  }
}

/** What the first seed that notices says; null when none does. */
function firstCatch({ tampering, patch }: Mutation): string | null {
  const undo = patch?.() ?? (() => undefined)
  try {
    for (let seed = 0; seed < MUTANT_SEEDS_MAX; seed++) {
      try {
        simulate(optionsOf(seed), { trace: false, tampering })
      } catch (error) {
        return String(error)
      }
    }
    return null
  } finally {
    undo()
  }
}

describe('simulator', () => {
  for (let from = FIRST_SEED; from < FIRST_SEED + SEEDS; from += GROUP) {
    it(`keeps every promise, seeds ${from} to ${from + GROUP - 1}`, () => {
      let replies = 0
      let restarts = 0
      for (let seed = from; seed < from + GROUP; seed++) {
        const summary = runSeed(seed)
        replies += summary.replies
        restarts += summary.restarts
      }
      ok(replies > GROUP * 50, `${replies} replies`)
      ok(restarts > GROUP, `${restarts} restarts`)
    })
  }

  it('does the same again for the same seed, something else for another', () => {
    strictEqual(runSeed(3).hash, runSeed(3).hash)
    notStrictEqual(runSeed(3).hash, runSeed(4).hash)
  })
})

describe('simulator, against a server broken on purpose', () => {
  for (const mutation of MUTATIONS) {
    it(`notices when ${mutation.name}`, () => {
      const caught = firstCatch(mutation)
      ok(caught !== null, `${MUTANT_SEEDS_MAX} seeds noticed nothing`)
      match(caught, mutation.caughtAs)
    })
  }
})
