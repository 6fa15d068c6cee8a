// Proof that the checkers of simulated ensembles see: ensembles whose members are broken on purpose
// are caught. That whole ones are not is in seeds-*.test.ts.

import { match, notStrictEqual, ok, strictEqual } from 'node:assert'
import { describe, it } from 'node:test'
import { NETWORK_PLANTS } from '../../plants/network-plants.ts'
import { runCluster } from '../../seeds.ts'
import { simulationOver } from '../../world/collect.ts'
import { plainClusterOptionsOf } from '../options.ts'
import { simulateCluster } from '../simulation.ts'
import { DISK_MUTATIONS } from './disk-mutations.ts'
import { ACTOR_MUTATIONS, type ClusterMutation } from './mutations.ts'
import { PACKET_MUTATIONS } from './packet-mutations.ts'
import { UNTAMPERED } from './tampering.ts'

const MUTANT_SEEDS_MAX = 60

const NETWORK_MUTATIONS = NETWORK_PLANTS.map(({ isOfStrangers, ...plant }): ClusterMutation => {
  return { ...plant, ...(isOfStrangers && { options: { hostileClients: 2 } }) }
})

interface Catch {
  readonly seed: number
  readonly what: string
}

/** The first seed that notices; null when none does. */
async function firstCatch({
  tampering,
  patch,
  options,
  from = 0,
  every = 1,
}: ClusterMutation): Promise<Catch | null> {
  const undo = patch?.() ?? (() => undefined)
  const run = { trace: false, tampering: { ...UNTAMPERED, ...tampering } }
  try {
    for (let i = 0; i < MUTANT_SEEDS_MAX; i++) {
      const seed = from + i * every
      try {
        simulateCluster({ ...plainClusterOptionsOf(seed), ...options }, run)
      } catch (error) {
        return { seed, what: said(error) }
      }
      await simulationOver()
    }
    return null
  } finally {
    undo()
  }
}

/** With its causes. */
function said(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? String(error) : `${error}: ${said(error.cause)}`
}

describe('simulated ensembles', () => {
  it('do the same again for the same seed, something else for another', () => {
    strictEqual(runCluster(3).hash, runCluster(3).hash)
    notStrictEqual(runCluster(3).hash, runCluster(4).hash)
  })
})

describe('simulated ensembles, of members broken on purpose', () => {
  const all = [...ACTOR_MUTATIONS, ...PACKET_MUTATIONS, ...DISK_MUTATIONS, ...NETWORK_MUTATIONS]
  for (const mutation of all) {
    it(`notice when ${mutation.name}`, async (context) => {
      const caught = await firstCatch(mutation)
      ok(caught !== null, `${MUTANT_SEEDS_MAX} seeds noticed nothing`)
      context.diagnostic(`seed ${caught.seed}: ${caught.what.split('\n')[0]}`)
      match(caught.what, mutation.caughtAs)
    })
  }
})
