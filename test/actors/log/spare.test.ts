// Files that are used again instead of being freed.

import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { describe, it } from 'node:test'
import { logHeader } from '../../../actors/log/files/segment.ts'
import { Spares } from '../../../actors/log/files/spare.ts'
import { Purge } from '../../../actors/log/purge.ts'
import { SimulatedDisk } from '../../simulator/world/disk.ts'

const MIB = 1 << 20
const LOG_BYTES = 700_000

function diskWith(...logs: string[]): SimulatedDisk {
  const disk = new SimulatedDisk()
  for (const name of logs) disk.put('log', name, new Uint8Array(LOG_BYTES).fill(7))
  return disk
}

function blankLog(bytes: number): Uint8Array {
  const blank = new Uint8Array(bytes)
  blank.set(logHeader())
  return blank
}

function isBlank(bytes: Uint8Array | undefined, length: number): boolean {
  return bytes !== undefined && Buffer.from(bytes).equals(blankLog(length))
}

describe('a spare file', () => {
  it('is the first that goes of each folder; what comes after it is freed', () => {
    const disk = diskWith('log.1', 'log.2')
    disk.put('snapshot', 'snapshot.1', Uint8Array.of(1))
    const purge = new Purge(disk, MIB)
    purge.begin([
      { folder: 'snapshot', name: 'snapshot.1' },
      { folder: 'log', name: 'log.1' },
      { folder: 'log', name: 'log.2' },
    ])
    while (purge.pending) purge.step()
    deepStrictEqual([...disk.contents('snapshot')], [['spare.snapshot', Uint8Array.of(1)]])
    deepStrictEqual([...disk.contents('log').keys()], ['spare.log'])
  })

  it('becomes a log only when it is blank, which it is for ever', () => {
    const disk = diskWith('log.1')
    const spares = new Spares(disk, MIB)
    strictEqual(spares.keep('log', 'log.1'), true)
    while (spares.pending) {
      strictEqual(spares.take('log.2'), null)
      spares.step()
    }
    strictEqual(spares.take('log.2')?.size(), LOG_BYTES)
    strictEqual(spares.take('log.3'), null)
    disk.syncFolder('log')
    for (let seed = 0; seed < 20; seed++) {
      disk.crash((bound) => seed % bound)
      const log = disk.contents('log')
      deepStrictEqual([...log.keys()], ['log.2'])
      strictEqual(isBlank(log.get('log.2'), LOG_BYTES), true)
    }
  })

  it('never brings back a log of its old name that is partly blank', () => {
    for (let seed = 0; seed < 20; seed++) {
      const disk = diskWith('log.1')
      const spares = new Spares(disk, MIB)
      spares.keep('log', 'log.1')
      spares.step()
      spares.step()
      disk.crash((bound) => seed % bound)
      deepStrictEqual([...disk.contents('log').keys()], ['spare.log'])
    }
  })

  it('that a crash left half blank is made blank from its beginning', () => {
    const disk = diskWith('spare.log')
    const spares = new Spares(disk, MIB)
    strictEqual(spares.take('log.2'), null)
    spares.begin()
    while (spares.pending) spares.step()
    strictEqual(isBlank(disk.contents('log').get('spare.log'), LOG_BYTES), true)
    strictEqual(spares.take('log.2')?.size(), LOG_BYTES)
  })

  it('longer than a log may be is cut first', () => {
    const disk = diskWith('log.1')
    const spares = new Spares(disk, MIB / 4)
    spares.keep('log', 'log.1')
    while (spares.pending) spares.step()
    strictEqual(isBlank(disk.contents('log').get('spare.log'), MIB / 4), true)
  })

  it('is not kept where no space is to be written ahead', () => {
    const disk = diskWith('log.1')
    strictEqual(new Spares(disk, 0).keep('log', 'log.1'), false)
    deepStrictEqual([...disk.contents('log').keys()], ['log.1'])
  })
})
