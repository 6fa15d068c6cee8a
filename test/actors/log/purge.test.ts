// Removing files: step by step, and from where a crash left it.

import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Purge } from '../../../actors/log/purge.ts'
import { SimulatedDisk } from '../../simulator/disk.ts'

const MIB = 1 << 20

function steps(purge: Purge): (string | null)[] {
  const begun: (string | null)[] = []
  while (purge.pending) begun.push(purge.step())
  return begun
}

describe('a purge', () => {
  it('frees a large file in several steps, a small one in one more than its renaming', () => {
    const disk = new SimulatedDisk()
    disk.put('snapshot', 'snapshot.1', new Uint8Array(20 * MIB))
    disk.put('log', 'log.1', new Uint8Array(10))
    const purge = new Purge(disk)
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
    disk.put('snapshot', 'snapshot.1', new Uint8Array(20 * MIB))
    const purge = new Purge(disk)
    purge.begin([{ folder: 'snapshot', name: 'snapshot.1' }])
    purge.step()
    deepStrictEqual([...disk.contents('snapshot').keys()], ['purged.snapshot.1'])
  })

  it('begins with what a crash left half removed', () => {
    const disk = new SimulatedDisk()
    disk.put('snapshot', 'purged.snapshot.1', new Uint8Array(9 * MIB))
    disk.put('snapshot', 'snapshot.2', new Uint8Array(1))
    const purge = new Purge(disk)
    purge.begin([{ folder: 'snapshot', name: 'snapshot.2' }])
    deepStrictEqual(steps(purge), [null, null, null, 'snapshot.2', null])
    strictEqual(disk.contents('snapshot').size, 0)
  })

  it('that is begun again while under way loses and repeats nothing', () => {
    const disk = new SimulatedDisk()
    disk.put('snapshot', 'snapshot.1', new Uint8Array(20 * MIB))
    disk.put('snapshot', 'snapshot.2', new Uint8Array(1))
    const purge = new Purge(disk)
    purge.begin([{ folder: 'snapshot', name: 'snapshot.1' }])
    purge.step()
    purge.begin([{ folder: 'snapshot', name: 'snapshot.2' }])
    deepStrictEqual(steps(purge), [null, null, null, 'snapshot.2', null])
    strictEqual(disk.contents('snapshot').size, 0)
  })
})
