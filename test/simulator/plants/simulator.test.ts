// Proof that the simulator's checkers see: servers broken on purpose are caught. That whole servers
// are not is in seeds-*.test.ts.

import { match, notStrictEqual, ok, strictEqual } from 'node:assert'
import { describe, it } from 'node:test'
import { plainOptionsOf } from '../options.ts'
import { runServer } from '../seeds.ts'
import { simulate } from '../simulation.ts'
import { MUTATIONS, type Mutation } from './mutations.ts'
import { NETWORK_PLANTS } from './network-plants.ts'
import { UNTAMPERED } from './tampering.ts'

const MUTANT_SEEDS_MAX = 40

const NETWORK_MUTATIONS = NETWORK_PLANTS.map(({ isOfStrangers, ...plant }): Mutation => {
  return {
    ...plant,
    tampering: UNTAMPERED,
    ...(isOfStrangers && { options: { hostileClients: 2 } }),
  }
})

/** What the first seed that notices says; null when none does. */
function firstCatch({ tampering, patch, options }: Mutation): string | null {
  const undo = patch?.() ?? (() => undefined)
  try {
    for (let seed = 0; seed < MUTANT_SEEDS_MAX; seed++) {
      try {
        simulate({ ...plainOptionsOf(seed), ...options }, { trace: false, tampering })
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
  it('does the same again for the same seed, something else for another', () => {
    strictEqual(runServer(3).hash, runServer(3).hash)
    notStrictEqual(runServer(3).hash, runServer(4).hash)
  })
})

describe('simulator, against a server broken on purpose', () => {
  for (const mutation of [...MUTATIONS, ...NETWORK_MUTATIONS]) {
    it(`notices when ${mutation.name}`, () => {
      const caught = firstCatch(mutation)
      ok(caught !== null, `${MUTANT_SEEDS_MAX} seeds noticed nothing`)
      match(caught, mutation.caughtAs)
    })
  }
})
