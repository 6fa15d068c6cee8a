// Proof that each rare path which a seed can switch on is taken: a point that never fires proves
// nothing.

import { ok } from 'node:assert'
import { describe, it } from 'node:test'
import { clusterOptionsOf } from '../cluster/options.ts'
import { optionsOf } from '../options.ts'
import { runCluster, runServer } from '../seeds.ts'
import type { Summary } from '../simulation.ts'
import { simulationOver } from '../world/collect.ts'
import { type Kind, type RarePoint, rarePointsOf } from './rare-points.ts'

/** Among the first of them each point is switched on in some. */
const SEEDS = 800
/** Of those that have it, so many are given a chance. */
const CHANCES = 30

/** How often the point has fired in the first seed in which it did. */
async function fired(
  point: RarePoint,
  has: (seed: number) => boolean,
  run: (seed: number) => Summary,
): Promise<{ seed: number; times: number } | null> {
  const seeds = Array.from({ length: SEEDS }, (_, seed) => seed).filter(has)
  for (const seed of seeds.slice(0, CHANCES)) {
    const times = run(seed).rare.get(point) ?? 0
    await simulationOver()
    if (times > 0) return { seed, times }
  }
  return null
}

const KINDS: Readonly<
  Record<
    Kind,
    readonly [(seed: number) => { rare: ReadonlySet<RarePoint> }, (seed: number) => Summary]
  >
> = {
  server: [optionsOf, runServer],
  cluster: [clusterOptionsOf, runCluster],
}

for (const [kind, [optionsOf, run]] of Object.entries(KINDS)) {
  describe(`rare paths of a simulated ${kind}`, () => {
    for (const point of rarePointsOf(kind as Kind)) {
      it(`${point} is taken`, async (context) => {
        const first = await fired(point, (seed) => optionsOf(seed).rare.has(point), run)
        ok(first !== null, `in ${CHANCES} seeds that have it, never`)
        context.diagnostic(`seed ${first.seed}: ${first.times} times`)
      })
    }
  })
}
