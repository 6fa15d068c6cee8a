// npm run simulate -- --seeds N [--from S] | --seed S [--trace]
//
// Runs seeds one after the other; stops at the first that breaks a promise, and says how to see it
// again.

import { parseArgs } from 'node:util'
import { describeOptions, optionsOf, type SimulationOptions } from './options.ts'
import { simulate } from './simulation.ts'
import { UNTAMPERED } from './tampering.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    from: { type: 'string', default: '0' },
    seed: { type: 'string' },
    trace: { type: 'boolean', default: false },
  },
})

function report(options: SimulationOptions, error: unknown): void {
  console.error(error)
  console.error(describeOptions(options))
  console.error(`replay: npm run simulate -- --seed ${options.seed} --trace`)
  process.exitCode = 1
}

function run(seed: number, trace: boolean): boolean {
  const options = optionsOf(seed)
  try {
    const summary = simulate(options, { trace, tampering: UNTAMPERED })
    if (trace || values.seed !== undefined) console.log(summary)
    return true
  } catch (error) {
    report(options, error)
    return false
  }
}

if (values.seed !== undefined) {
  run(Number(values.seed), values.trace)
} else {
  const from = Number(values.from)
  const count = Number(values.seeds)
  let seed = from
  while (seed < from + count && run(seed, false)) seed++
  console.log(`${seed - from} of ${count} seeds held`)
}
