// npm run simulate: runs seeds one after the other, of a server on its own and of an ensemble in turn
// unless one is asked for; stops at the first that breaks a promise, and says how to see it again.

import { HELP, HELP_HINT, type Kind, parseSimulate } from './arguments.ts'
import { type ClusterOptions, clusterOptionsOf, describeCluster } from './cluster/options.ts'
import { UNTAMPERED as UNTAMPERED_CLUSTER } from './cluster/plants/tampering.ts'
import { reconfigOptionsOf } from './cluster/reconfig-options.ts'
import { simulateCluster } from './cluster/simulation.ts'
import { describeOptions, optionsOf } from './options.ts'
import { UNTAMPERED } from './plants/tampering.ts'
import { type Summary, simulate } from './simulation.ts'
import { simulationOver } from './world/collect.ts'

const request = parseSimulate(process.argv.slice(2))
if (typeof request === 'string') {
  const isHelp = request === HELP
  if (isHelp) process.stdout.write(request)
  else process.stderr.write(`${request}${HELP_HINT}`)
  process.exit(isHelp ? 0 : 2)
}
const { seed, seeds, from, trace, kinds } = request

function ensembleOf(kind: Kind, seed: number): ClusterOptions {
  return kind === 'reconfig' ? reconfigOptionsOf(seed) : clusterOptionsOf(seed)
}

function simulated(kind: Kind, seed: number): Summary {
  if (kind === 'server') return simulate(optionsOf(seed), { trace, tampering: UNTAMPERED })
  return simulateCluster(ensembleOf(kind, seed), { trace, tampering: UNTAMPERED_CLUSTER })
}

function described(kind: Kind, seed: number): string {
  return kind === 'server'
    ? describeOptions(optionsOf(seed))
    : describeCluster(ensembleOf(kind, seed))
}

/** In ms, of each kind that was run. */
const spent: Record<Kind, { simulated: number; processor: number }> = {
  server: { simulated: 0, processor: 0 },
  cluster: { simulated: 0, processor: 0 },
  reconfig: { simulated: 0, processor: 0 },
}

function run(kind: Kind, drawn: number): boolean {
  const before = process.cpuUsage()
  try {
    const summary = simulated(kind, drawn)
    const { user, system } = process.cpuUsage(before)
    spent[kind].simulated += summary.simulatedMs
    spent[kind].processor += (user + system) / 1000
    if (trace || seed !== null) console.log(summary)
    return true
  } catch (error) {
    console.error(error)
    console.error(described(kind, drawn))
    console.error(`replay: npm run simulate -- --${kind} --seed ${drawn} --trace`)
    process.exitCode = 1
    return false
  }
}

if (seed !== null) {
  for (const kind of kinds) run(kind, seed)
} else {
  let held = 0
  while (held < seeds) {
    if (!run(kinds[held % kinds.length]!, from + Math.floor(held / kinds.length))) break
    await simulationOver()
    held++
  }
  console.log(`${held} of ${seeds} seeds held`)
  for (const kind of kinds) {
    const { simulated: ms, processor } = spent[kind]
    const ratio = `${Math.round(ms / processor)} : 1`
    const minutes = (ms / 60_000).toFixed(1)
    console.log(`${kind}: ${minutes} minutes simulated, ${ratio} to the processor's`)
  }
}
