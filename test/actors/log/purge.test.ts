// Removing files: step by step, and from where a crash left it.

import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Purge, purgeable } from '../../../actors/log/purge.ts'
import { SimulatedDisk } from '../../simulator/world/disk.ts'
import { snapshotFile } from './bench.ts'

const MIB = 1 << 20

function steps(purge: Purge): (string | null)[] {
  const begun: (string | null)[] = []
  while (purge.pending) begun.push(purge.step())
  return begun
}

describe('a purge', () => {
  it('frees a large file in several steps, a small one in one more than its renaming', () => {
    const disk = new SimulatedDisk()
    disk.put('snapshot', 'snapshot.1', new Uint8Array(5 * MIB))
    disk.put('log', 'log.1', new Uint8Array(10))
    const purge = new Purge(disk, 0)
    purge.begin([
      { folder: 'log', name: 'log.1' },
      { folder: 'snapshot', name: 'snapshot.1' },
    ])
    deepStrictEqual(steps(purge), ['log.1', null, 'snapshot.1', null, null, null])
    strictEqual(disk.contents('log').size, 0)
    strictEqual(disk.contents('snapshot').size, 0)
  })

  it('hides a file from every reader before it shrinks it', () => {
    const disk = new SimulatedDisk()
    disk.put('snapshot', 'snapshot.1', new Uint8Array(5 * MIB))
    const purge = new Purge(disk, 0)
    purge.begin([{ folder: 'snapshot', name: 'snapshot.1' }])
    purge.step()
    deepStrictEqual([...disk.contents('snapshot').keys()], ['purged.snapshot.1'])
  })

  it('begins with what a crash left half removed', () => {
    const disk = new SimulatedDisk()
    disk.put('snapshot', 'purged.snapshot.1', new Uint8Array(3 * MIB))
    disk.put('snapshot', 'snapshot.2', new Uint8Array(1))
    const purge = new Purge(disk, 0)
    purge.begin([{ folder: 'snapshot', name: 'snapshot.2' }])
    deepStrictEqual(steps(purge), [null, null, null, 'snapshot.2', null])
    strictEqual(disk.contents('snapshot').size, 0)
  })

  it('takes a snapshot before the logs behind it, and each for ever before the next', () => {
    const disk = new SimulatedDisk()
    const logs = ['log.1', 'log.200000001', 'log.300000001']
    for (const name of logs) disk.put('log', name, new Uint8Array(16))
    for (const epoch of [1, 3, 4, 5]) {
      disk.put('snapshot', `snapshot.${epoch}00000001`, snapshotFile(Uint8Array.of(epoch)))
    }
    const removals = purgeable(disk, 3, new Set())
    deepStrictEqual(
      removals.map(({ name }) => name),
      ['snapshot.100000001', 'log.1', 'log.200000001'],
    )
    const purge = new Purge(disk, 0)
    purge.begin(removals)
    while (purge.step() !== 'log.200000001');
    for (let seed = 0; seed < 20; seed++) {
      disk.crash((bound) => seed % bound)
      deepStrictEqual(disk.contents('snapshot').has('snapshot.100000001'), false)
      deepStrictEqual(disk.contents('log').has('log.1'), false)
    }
  })

  it('takes the word that the log is whole for ever, before anything else', () => {
    const disk = new SimulatedDisk()
    for (const name of ['log.0', 'log.1']) disk.put('log', name, new Uint8Array(16))
    const purge = new Purge(disk, 0)
    purge.begin([
      { folder: 'log', name: 'log.0' },
      { folder: 'log', name: 'log.1' },
    ])
    purge.step()
    for (let seed = 0; seed < 20; seed++) {
      disk.crash((bound) => seed % bound)
      strictEqual(disk.contents('log').has('log.0'), false)
    }
  })

  it('that is begun again while under way loses and repeats nothing', () => {
    const disk = new SimulatedDisk()
    disk.put('snapshot', 'snapshot.1', new Uint8Array(5 * MIB))
    disk.put('snapshot', 'snapshot.2', new Uint8Array(1))
    const purge = new Purge(disk, 0)
    purge.begin([{ folder: 'snapshot', name: 'snapshot.1' }])
    purge.step()
    purge.begin([{ folder: 'snapshot', name: 'snapshot.2' }])
    deepStrictEqual(steps(purge), [null, null, null, 'snapshot.2', null])
    strictEqual(disk.contents('snapshot').size, 0)
  })
})
