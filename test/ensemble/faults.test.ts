// Three servers as processes, clients on all of them that never stop, and faults drawn from a seed:
// whatever happens to one server at a time, nothing acknowledged is lost, everybody sees one order,
// sessions live, and in the end the replicas are equal.
//
// RINGKEEPER_ROUNDS sets the number of rounds, RINGKEEPER_SEED replays a drawing. The timing of
// processes is nobody's to replay: a seed repeats the faults, not every interleaving.

import { ok } from 'node:assert/strict'
import { test } from 'node:test'
import { Ensemble } from '../../perf/ensemble/ensemble.ts'
import { randomBelow } from '../../runtime/shared/random.ts'
import { seeded } from '../support/random.ts'
import { until } from '../support/until.ts'
import { draw, inflict, tell } from './faults.ts'
import { Load } from './load.ts'
import { Network } from './proxy.ts'
import { replicasAgree } from './replicas.ts'

const { RINGKEEPER_ROUNDS: rounds = '20', RINGKEEPER_SEED: givenSeed } = process.env
const CLIENTS = 6
const WHOLE_MS_MAX = 60_000
const WRITES_MS_MAX = 30_000
/** Longer than the longest session of a client that went without a word. */
const EXPIRY_MS_MAX = 60_000
const TAIL_LINES = 60

test(`${rounds} rounds of faults`, async (t) => {
  const seed = givenSeed === undefined ? randomBelow(2 ** 31) : Number(givenSeed)
  t.diagnostic(`RINGKEEPER_SEED=${seed}`)
  const random = seeded(seed)
  const network = new Network()
  const ensemble = await Ensemble.prepare({
    route: (from, to, own) => network.route(from, to, own),
  })
  const load = new Load(ensemble.addresses, seeded(seed + 1))
  const told: string[] = []
  try {
    ensemble.start()
    await ensemble.whole(WHOLE_MS_MAX)
    await load.begin(CLIENTS)
    for (let round = 0; round < Number(rounds); round++) {
      const leader = await ensemble.whole(WHOLE_MS_MAX)
      const drawn = draw(random, network)
      told.push(`round ${round + 1}, led by ${leader.id}: ${tell(drawn)}`)
      await load.visit(random(2) === 0 ? 'closed' : 'abandoned')
      await inflict(drawn, ensemble, leader)
      await ensemble.whole(WHOLE_MS_MAX)
      const before = load.acknowledged
      await until('writes go on', WRITES_MS_MAX, () => load.acknowledged > before + CLIENTS)
      if (load.problems.length > 0) break
    }
    await load.stop()
    await until('visitors leave nothing', EXPIRY_MS_MAX, () => load.visitorsAreGone())
    await load.check()
    await replicasAgree(ensemble)
    // Last, for it takes its time, and the members' network is in this process.
    load.history.check()
    ok(load.acknowledged > Number(rounds))
    t.diagnostic(`${load.acknowledged} writes, ${load.history.reads.length} reads`)
  } catch (error) {
    const story = told.slice(-5).join('\n')
    t.diagnostic(`RINGKEEPER_SEED=${seed}\n${story}\n${ensemble.tails(TAIL_LINES)}`)
    throw error
  } finally {
    await load.end()
    await ensemble.end()
    network.close()
  }
})
