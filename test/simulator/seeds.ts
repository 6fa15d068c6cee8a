// The seeds that the suite simulates, of both kinds, and how they are shared out: each seeds-*.test.ts
// runs one share, so that as many processes work on them as node runs test files at once. More
// seeds: npm run simulate -- --seeds N.
//
// A server's seed takes about 0.1 s, an ensemble's 0.25 s, in which more than a minute passes for it:
// all of them about four minutes of one core, two of two.

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

/** Ensembles that fail by a fault that is known and not mended yet, each with what it is. They run as tests
 * to do, which the runner lists. Whoever mends one takes its line out. */
const OPEN: ReadonlyMap<number, string> = new Map([
  [
    283,
    'a member whom a stranger has given a far epoch is not believed, and does not take it back',
  ],
])

interface Kind {
  readonly title: string
  readonly seeds: number
  /** A test is one that nothing happens in below this many (re)starts a seed. */
  readonly restartsMin: number
  readonly run: (seed: number) => Summary
  readonly open: ReadonlyMap<number, string>
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
  {
    title: 'a simulated server',
    seeds: SERVER_SEEDS,
    restartsMin: 1,
    run: runServer,
    open: new Map(),
  },
  {
    title: 'a simulated ensemble',
    seeds: CLUSTER_SEEDS,
    restartsMin: 3,
    run: runCluster,
    open: OPEN,
  },
]

/** Makes the tests of one share, from 1 to SHARES. */
export function simulateShare(share: number): void {
  for (const { title, seeds, restartsMin, run, open } of KINDS) {
    const end = Math.floor((seeds * share) / SHARES)
    describe(title, () => {
      for (let from = Math.floor((seeds * (share - 1)) / SHARES); from < end; from += GROUP) {
        const until = Math.min(from + GROUP, end)
        it(`keeps every promise, seeds ${from} to ${until - 1}`, async () => {
          let replies = 0
          let restarts = 0
          for (let seed = from; seed < until; seed++) {
            if (open.has(seed)) continue
            const summary = run(seed)
            replies += summary.replies
            restarts += summary.restarts
            await simulationOver()
          }
          ok(replies > (until - from) * 50, `${replies} replies`)
          ok(restarts > (until - from) * restartsMin, `${restarts} restarts`)
        })
      }
      for (const [seed, todo] of open) {
        if (share === 1) it(`keeps every promise, seed ${seed}`, { todo }, () => void run(seed))
      }
    })
  }
}

function failure(kind: string, seed: number, options: string, cause: unknown): Error {
  const replay = `npm run simulate -- --${kind} --seed ${seed} --trace`
  return new Error(`seed ${seed}: ${replay}\n${options}`, { cause })
}
