// The seeds that the suite simulates, of both kinds, and how they are shared out: each seeds-*.test.ts
// runs one share, so that as many processes work on them as node runs test files at once. More
// seeds: npm run simulate -- --seeds N.
//
// A server's seed takes about 0.17 s of a core and an ensemble's 0.4 s, in which two minutes pass for the
// one, and more than one for the other. A process takes some five seconds more, in which V8 compiles what
// it runs. All of them are nine minutes of one core, less than five of two.

import { ok } from 'node:assert'
import { describe, it } from 'node:test'
import { clusterOptionsOf, describeCluster } from './cluster/options.ts'
import { simulateCluster } from './cluster/simulation.ts'
import { describeOptions, optionsOf } from './options.ts'
import { type Summary, simulate } from './simulation.ts'
import { simulationOver } from './world/collect.ts'

/** Of a server on its own, and of ensembles: two thousand together at least. */
const SERVER_SEEDS = Number(process.env['RINGKEEPER_SIMULATOR_SEEDS'] ?? 1400)
const CLUSTER_SEEDS = Number(process.env['RINGKEEPER_CLUSTER_SEEDS'] ?? 640)
/** There is a file for each. */
const SHARES = 4
/** Seeds to a test. */
const GROUP = 20

interface Kind {
  readonly title: string
  readonly seeds: number
  /** A test is one that nothing happens in below this many (re)starts a seed. */
  readonly restartsMin: number
  readonly run: (seed: number) => Summary
}

export function runServer(seed: number): Summary {
  const options = optionsOf(seed)
  try {
    return simulate(options)
  } catch (error) {
    throw failure('server', seed, describeOptions(options), error)
  }
}

export function runCluster(seed: number): Summary {
  const options = clusterOptionsOf(seed)
  try {
    return simulateCluster(options)
  } catch (error) {
    throw failure('cluster', seed, describeCluster(options), error)
  }
}

const KINDS: readonly Kind[] = [
  { title: 'a simulated server', seeds: SERVER_SEEDS, restartsMin: 1, run: runServer },
  { title: 'a simulated ensemble', seeds: CLUSTER_SEEDS, restartsMin: 3, run: runCluster },
]

/** Makes the tests of one share, from 1 to SHARES. */
export function simulateShare(share: number): void {
  for (const { title, seeds, restartsMin, run } of KINDS) {
    const end = Math.floor((seeds * share) / SHARES)
    describe(title, () => {
      for (let from = Math.floor((seeds * (share - 1)) / SHARES); from < end; from += GROUP) {
        const until = Math.min(from + GROUP, end)
        it(`keeps every promise, seeds ${from} to ${until - 1}`, async () => {
          let replies = 0
          let restarts = 0
          for (let seed = from; seed < until; seed++) {
            const summary = run(seed)
            replies += summary.replies
            restarts += summary.restarts
            await simulationOver()
          }
          ok(replies > (until - from) * 50, `${replies} replies`)
          ok(restarts > (until - from) * restartsMin, `${restarts} restarts`)
        })
      }
    })
  }
}

function failure(kind: string, seed: number, options: string, cause: unknown): Error {
  const replay = `npm run simulate -- --${kind} --seed ${seed} --trace`
  return new Error(`seed ${seed}: ${replay}\n${options}`, { cause })
}
