// The last transactions read are told to zab, each with the one before it.

import { deepStrictEqual, strictEqual } from 'node:assert'
import { describe, it } from 'node:test'
import { SimulatedDisk } from '../../simulator/world/disk.ts'
import { append, type bench, settle, started, writeSnapshot, z } from './bench.ts'

const MEMBER = { ensemble: true, commitLogCount: 3 }

function told({ recorder }: ReturnType<typeof bench>): [number, number][] {
  return recorder.recalled.splice(0).map(({ previous, zxid }) => [previous, zxid])
}

describe('a load', () => {
  it('recalls the last transactions of the log, in order', () => {
    const disk = new SimulatedDisk()
    const made = started(disk, MEMBER)
    deepStrictEqual(told(made), [])
    made.log.saveEpoch('accepted', 1)
    for (let i = 1; i <= 9; i++) append(made.log, z(1, i), 20)
    settle(made)
    deepStrictEqual(told(made), [])
    const again = started(disk, MEMBER)
    const replayed = again.recorder.replayed.get(z(1, 9))
    deepStrictEqual(again.recorder.recalled.at(-1)?.bytes, replayed)
    deepStrictEqual(told(again), [
      [z(1, 6), z(1, 7)],
      [z(1, 7), z(1, 8)],
      [z(1, 8), z(1, 9)],
    ])
    again.log.reload()
    settle(again)
    strictEqual(told(again).length, 3)
  })

  it('recalls what follows the snapshot, no more', () => {
    const disk = new SimulatedDisk()
    const made = started(disk, MEMBER)
    made.log.saveEpoch('accepted', 1)
    for (let i = 1; i <= 5; i++) append(made.log, z(1, i), 20)
    settle(made)
    writeSnapshot(disk, z(1, 4), 1)
    deepStrictEqual(told(started(disk, MEMBER)), [[z(1, 4), z(1, 5)]])
  })

  it('tells nobody where there is no ensemble', () => {
    const disk = new SimulatedDisk()
    const made = started(disk)
    append(made.log, z(0, 1), 20)
    settle(made)
    deepStrictEqual(told(started(disk)), [])
  })
})
