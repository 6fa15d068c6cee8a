// npm run simulate -- [--server | --cluster] --seeds N [--from S] | --seed S [--trace]
//
// Runs seeds one after the other, of a server on its own and of an ensemble in turn unless one is
// asked for; stops at the first that breaks a promise, and says how to see it again.

import { parseArgs } from 'node:util'
import { clusterOptionsOf, describeCluster } from './cluster/options.ts'
import { simulateCluster } from './cluster/simulation.ts'
import { UNTAMPERED as UNTAMPERED_CLUSTER } from './cluster/tampering.ts'
import { simulationOver } from './collect.ts'
import { describeOptions, optionsOf } from './options.ts'
import { type Summary, simulate } from './simulation.ts'
import { UNTAMPERED } from './tampering.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    from: { type: 'string', default: '0' },
    seed: { type: 'string' },
    server: { type: 'boolean', default: false },
    cluster: { type: 'boolean', default: false },
    trace: { type: 'boolean', default: false },
  },
})

type Kind = 'server' | 'cluster'

function simulated(kind: Kind, seed: number, trace: boolean): Summary {
  if (kind === 'server') return simulate(optionsOf(seed), { trace, tampering: UNTAMPERED })
  return simulateCluster(clusterOptionsOf(seed), { trace, tampering: UNTAMPERED_CLUSTER })
}

function described(kind: Kind, seed: number): string {
  return kind === 'server'
    ? describeOptions(optionsOf(seed))
    : describeCluster(clusterOptionsOf(seed))
}

/** In ms, of each kind that was run. */
const spent: Record<Kind, { simulated: number; processor: number }> = {
  server: { simulated: 0, processor: 0 },
  cluster: { simulated: 0, processor: 0 },
}

function run(kind: Kind, seed: number, trace: boolean): boolean {
  const before = process.cpuUsage()
  try {
    const summary = simulated(kind, seed, trace)
    const { user, system } = process.cpuUsage(before)
    spent[kind].simulated += summary.simulatedMs
    spent[kind].processor += (user + system) / 1000
    if (trace || values.seed !== undefined) console.log(summary)
    return true
  } catch (error) {
    console.error(error)
    console.error(described(kind, seed))
    console.error(`replay: npm run simulate -- --${kind} --seed ${seed} --trace`)
    process.exitCode = 1
    return false
  }
}

const kinds: readonly Kind[] = values.server
  ? ['server']
  : values.cluster
    ? ['cluster']
    : ['server', 'cluster']

if (values.seed !== undefined) {
  for (const kind of kinds) run(kind, Number(values.seed), values.trace)
} else {
  const from = Number(values.from)
  const count = Number(values.seeds)
  let held = 0
  while (held < count) {
    const seed = from + Math.floor(held / kinds.length)
    if (!run(kinds[held % kinds.length]!, seed, false)) break
    await simulationOver()
    held++
  }
  console.log(`${held} of ${count} seeds held`)
  for (const kind of kinds) {
    const { simulated: ms, processor } = spent[kind]
    const ratio = `${Math.round(ms / processor)} : 1`
    const minutes = (ms / 60_000).toFixed(1)
    console.log(`${kind}: ${minutes} minutes simulated, ${ratio} to the processor's`)
  }
}
