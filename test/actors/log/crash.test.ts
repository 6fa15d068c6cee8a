// The power goes before every disk operation of a workload, again and again, and the disk comes
// back in a random legal state. What was reported synced is there, whole and in order; nothing is
// served that was never appended; the log always starts again. A failure prints its seed: run it
// alone with RINGKEEPER_SEED. RINGKEEPER_SEEDS is how many are tried.

import { deepStrictEqual, ok, throws } from 'node:assert'
import { describe, it } from 'node:test'
import { nextZxid, type Zxid } from '../../../protocol/zxid.ts'
import { PowerCut, type Random, SimulatedDisk } from '../../simulator/world/disk.ts'
import {
  append,
  type Bench,
  bench,
  causedBy,
  later,
  seeded,
  settle,
  transaction,
  z,
} from './bench.ts'

const SEEDS = Number(process.env['RINGKEEPER_SEEDS'] ?? 300)
const CRASHES_A_SEED = 6
const OPERATIONS_MAX = 90
const LOG_BYTES_MAX = 6000

describe('power cuts', () => {
  it('lose nothing synced, serve nothing else, and never prevent a start', () => {
    const only = process.env['RINGKEEPER_SEED']
    const seeds = only === undefined ? [...Array(SEEDS).keys()] : [Number(only)]
    let states = 0
    for (const seed of seeds) {
      try {
        states += runSeed(seed)
      } catch (error) {
        throw new Error(`RINGKEEPER_SEED=${seed}`, { cause: error })
      }
    }
    ok(only !== undefined || states > SEEDS * CRASHES_A_SEED * 0.9, `${states} crash states`)
  })

  it('after a kill without a power cut nothing read back may be lost any more', () => {
    for (let seed = 0; seed < 100; seed++) {
      const random = seeded(seed)
      const disk = new SimulatedDisk()
      const made = start(disk)
      append(made.log, z(1, 1), 700)
      settle(made)
      for (let i = 2; i < 6; i++) append(made.log, z(1, i), 700)
      disk.failAt(2, 'EIO')
      throws(() => made.log.endTurn(), /EIO/)
      disk.kill()
      // Written and not synced: it is in the page cache, and the next start reads it there.
      const recovered = start(disk).recorder.recoveredTo
      deepStrictEqual(recovered, z(1, 5))
      disk.crash(random)
      deepStrictEqual(start(disk).recorder.recoveredTo, z(1, 5), `seed ${seed}`)
    }
  })
})

/** Returns how many crashes were survived. */
function runSeed(seed: number): number {
  const random = seeded(seed)
  const disk = new SimulatedDisk()
  const sizes = new Map<Zxid, number>()
  let synced = z(1, 0)
  let states = 0
  for (let crash = 0; crash <= CRASHES_A_SEED; crash++) {
    if (crash < CRASHES_A_SEED) disk.cutPowerAt(1 + random(OPERATIONS_MAX))
    const made = bench(disk, { txnLogSizeLimitBytes: LOG_BYTES_MAX })
    try {
      settle(made)
      synced = check(made, sizes, synced)
      if (crash < CRASHES_A_SEED) work(made, sizes, random)
    } catch (error) {
      if (!(causedBy(error) instanceof PowerCut)) throw error
      states++
    }
    if (made.recorder.synced > synced) synced = made.recorder.synced
    disk.crash(random)
  }
  return states
}

function start(disk: SimulatedDisk): Bench {
  const made = bench(disk)
  settle(made)
  return made
}

/** Returns how far the log has come. */
function check(made: Bench, sizes: Map<Zxid, number>, synced: Zxid): Zxid {
  const { recorder } = made
  const last = recorder.recoveredTo ?? z(1, 0)
  if (synced > z(1, 0)) ok(last >= synced, `synced to ${synced}, recovered to ${last}`)
  let expected = z(1, 0)
  for (const [zxid, bytes] of recorder.replayed) {
    expected = nextZxid(expected)
    deepStrictEqual(zxid, expected)
    deepStrictEqual(bytes, transaction(zxid, sizes.get(zxid) ?? -1))
  }
  return expected
}

function work(made: Bench, sizes: Map<Zxid, number>, random: Random): void {
  const { log, recorder } = made
  let zxid = recorder.replayed.size === 0 ? z(1, 0) : (recorder.recoveredTo ?? z(1, 0))
  for (let turn = 0; turn < OPERATIONS_MAX; turn++) {
    for (let count = random(6); count > 0; count--) {
      zxid = nextZxid(zxid)
      const size = random(8) === 0 ? random(5000) : random(300)
      sizes.set(zxid, size)
      append(log, zxid, size)
    }
    log.endTurn()
    if (random(4) === 0) settle(made)
    if (random(4) === 0) later(made)
  }
}
