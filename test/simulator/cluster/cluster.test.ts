// A few dozen seeds of simulated ensembles, and proof that their checkers see: ensembles whose
// members are broken on purpose are caught. More seeds: npm run simulate -- --cluster --seeds N.

import { match, notStrictEqual, ok, strictEqual } from 'node:assert'
import { describe, it } from 'node:test'
import { simulationOver } from '../collect.ts'
import type { Summary } from '../simulation.ts'
import { DISK_MUTATIONS } from './disk-mutations.ts'
import { ACTOR_MUTATIONS, type ClusterMutation } from './mutations.ts'
import { clusterOptionsOf, describeCluster } from './options.ts'
import { PACKET_MUTATIONS } from './packet-mutations.ts'
import { simulateCluster } from './simulation.ts'
import { UNTAMPERED } from './tampering.ts'

const SEEDS = Number(process.env['RINGKEEPER_CLUSTER_SEEDS'] ?? 60)
const GROUP = 20
const MUTANT_SEEDS_MAX = 60

function runSeed(seed: number): Summary {
  const options = clusterOptionsOf(seed)
  try {
    return simulateCluster(options)
  } catch (error) {
    const replay = `npm run simulate -- --cluster --seed ${seed} --trace`
    throw new Error(`seed ${seed}: ${replay}\n${describeCluster(options)}`, { cause: error })
  }
}

interface Catch {
  readonly seed: number
  readonly what: string
}

/** The first seed that notices; null when none does. */
async function firstCatch({
  tampering,
  patch,
  from = 0,
  every = 1,
}: ClusterMutation): Promise<Catch | null> {
  const undo = patch?.() ?? (() => undefined)
  const run = { trace: false, tampering: { ...UNTAMPERED, ...tampering } }
  try {
    for (let i = 0; i < MUTANT_SEEDS_MAX; i++) {
      const seed = from + i * every
      try {
        simulateCluster(clusterOptionsOf(seed), run)
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
  for (let from = 0; from < SEEDS; from += GROUP) {
    it(`keep every promise, seeds ${from} to ${from + GROUP - 1}`, async () => {
      let replies = 0
      let restarts = 0
      for (let seed = from; seed < from + GROUP; seed++) {
        const summary = runSeed(seed)
        replies += summary.replies
        restarts += summary.restarts
        await simulationOver()
      }
      ok(replies > GROUP * 50, `${replies} replies`)
      ok(restarts > GROUP * 3, `${restarts} starts`)
    })
  }

  it('do the same again for the same seed, something else for another', () => {
    strictEqual(runSeed(3).hash, runSeed(3).hash)
    notStrictEqual(runSeed(3).hash, runSeed(4).hash)
  })
})

describe('simulated ensembles, of members broken on purpose', () => {
  for (const mutation of [...ACTOR_MUTATIONS, ...PACKET_MUTATIONS, ...DISK_MUTATIONS]) {
    it(`notice when ${mutation.name}`, async (context) => {
      const caught = await firstCatch(mutation)
      ok(caught !== null, `${MUTANT_SEEDS_MAX} seeds noticed nothing`)
      context.diagnostic(`seed ${caught.seed}: ${caught.what.split('\n')[0]}`)
      match(caught.what, mutation.caughtAs)
    })
  }
})
