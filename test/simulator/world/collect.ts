// Gives the memory of simulations that are over back. Rings and pages of trees are shared memory,
// which weighs nothing on the heap: left alone, V8 lets gigabytes of it lie.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const SIMULATIONS = 12
let count = 0

/** To be awaited after each simulation: shared memory is freed between rounds of the event loop. */
export async function simulationOver(): Promise<void> {
  count++
  if (count % SIMULATIONS !== 0) return
  collect()
  await new Promise<void>((resolve) => setImmediate(resolve))
}
