// Runs a deed again and again, the power going before each of its disk operations in turn, and
// hands what the disk may then hold to a check.

import type { LogOptions } from '../../../actors/log/options.ts'
import { PowerCut, SimulatedDisk } from '../../simulator/world/disk.ts'
import { type Bench, bench, causedBy, seeded, settle } from './bench.ts'

const SEEDS_A_CUT = 12

export interface Crashes {
  options?: Partial<LogOptions>
  /** What was there before, durable in the end. */
  prepare(made: Bench, disk: SimulatedDisk): void
  deed(made: Bench, disk: SimulatedDisk): void
  /** `cutAt` is 0 when the deed was done. */
  check(recovered: Bench, disk: SimulatedDisk, cutAt: number): void
}

/** How many disk operations the deed has. */
export function everyCrash({ options = {}, prepare, deed, check }: Crashes): number {
  for (let cutAt = 1; ; cutAt++) {
    for (let seed = 0; seed < SEEDS_A_CUT; seed++) {
      const disk = new SimulatedDisk()
      const made = bench(disk, options)
      settle(made)
      prepare(made, disk)
      disk.cutPowerAt(cutAt)
      try {
        deed(made, disk)
      } catch (error) {
        if (!(causedBy(error) instanceof PowerCut)) throw error
      }
      // A snapshot that cannot be read is damaged: whatever the error was, it is not thrown.
      const done = !disk.dark
      disk.crash(seeded(cutAt * 1000 + seed))
      try {
        const recovered = bench(disk, options)
        settle(recovered)
        check(recovered, disk, done ? 0 : cutAt)
      } catch (error) {
        const where = done ? 'done' : `cut at operation ${cutAt}`
        throw new Error(`${where}, seed ${seed}: ${String(error)}`, { cause: error })
      }
      if (done && seed === SEEDS_A_CUT - 1) return cutAt - 1
    }
  }
}
