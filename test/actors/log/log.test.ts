// The log actor by tables: messages in, effects out.

import { deepStrictEqual, match, ok, strictEqual, throws } from 'node:assert'
import { describe, it } from 'node:test'
import { adler32 } from '../../../protocol/bytes/adler32.ts'
import type { Zxid } from '../../../protocol/zxid.ts'
import { SimulatedDisk } from '../../simulator/world/disk.ts'
import {
  append,
  bench,
  concat,
  later,
  logFile,
  seeded,
  settle,
  started,
  transaction,
  z,
} from './bench.ts'

describe('Adler-32', () => {
  it('is what RFC 1950 says, over any split', () => {
    const text = new TextEncoder().encode('Wikipedia')
    strictEqual(adler32(1, text, 0, text.length), 0x11e60398)
    const random = seeded(5)
    const bytes = Uint8Array.from({ length: 40_000 }, () => random(256))
    let [a, b] = [1, 0]
    for (const byte of bytes) {
      a = (a + byte) % 65521
      b = (b + a) % 65521
    }
    const split = random(bytes.length)
    strictEqual(adler32(1, bytes, 0, bytes.length), b * 65536 + a)
    strictEqual(adler32(adler32(1, bytes, 0, split), bytes, split, bytes.length), b * 65536 + a)
    bytes.fill(255)
    ok(adler32(1, bytes, 0, bytes.length) <= 0xffff_ffff)
  })
})

describe('appending', () => {
  it('recovers an empty disk to zxid 0', () => {
    const { recorder } = started(new SimulatedDisk())
    deepStrictEqual(recorder.effects, [['recovered', '0x0']])
  })

  it('reports a turn once, after one sync', () => {
    const disk = new SimulatedDisk()
    const made = started(disk)
    append(made.log, z(1, 1), 10)
    made.log.endTurn()
    const before = disk.operations
    for (let i = 2; i <= 50; i++) append(made.log, z(1, i), 10)
    strictEqual(made.recorder.synced, z(1, 1))
    made.log.endTurn()
    strictEqual(disk.operations - before, 2)
    deepStrictEqual(made.recorder.effects.at(-1), ['synced', '0x100000032'])
  })

  it('wants another turn behind a batch only while zeros are to be written ahead', () => {
    for (const preAllocSizeBytes of [0, 1 << 20]) {
      const made = started(new SimulatedDisk(), { preAllocSizeBytes })
      append(made.log, z(1, 1), 10)
      strictEqual(made.log.endTurn(), preAllocSizeBytes > 0)
      while (made.log.endTurn());
      append(made.log, z(1, 2), 10)
      strictEqual(made.log.endTurn(), false)
    }
  })

  it('writes what ZooKeeper writes', () => {
    const disk = new SimulatedDisk()
    const made = started(disk, { preAllocSizeBytes: 0 })
    const payloads = [1, 2, 3].map((i) => transaction(z(1, i), i * 40))
    payloads.forEach((bytes, i) => {
      made.log.append(z(1, i + 1), bytes, 0, bytes.length)
    })
    made.log.endTurn()
    deepStrictEqual(disk.contents('log').get('log.100000001'), logFile(payloads))
  })

  it('bounds a batch', () => {
    const made = started(new SimulatedDisk(), { batchBytesMax: 1000 })
    for (let i = 1; i <= 10; i++) append(made.log, z(1, i), 150)
    // Entries of 199 bytes: the sixth makes it more.
    strictEqual(made.recorder.synced, z(1, 6))
  })

  it('refuses a hole and takes the first of a later epoch', () => {
    const { log } = started(new SimulatedDisk())
    append(log, z(1, 1), 0)
    throws(() => append(log, z(1, 3), 0), /hole/)
    throws(() => append(log, z(1, 1), 0), /hole/)
    throws(() => append(log, z(2, 7), 0), /hole/)
    append(log, z(4, 1), 0)
  })

  it('dies of a failed write or sync and stays dead', () => {
    for (let operation = 1; operation <= 2; operation++) {
      const disk = new SimulatedDisk()
      const { log, recorder } = started(disk)
      append(log, z(1, 1), 0)
      log.endTurn()
      append(log, z(1, 2), 0)
      disk.failAt(operation, 'ENOSPC')
      throws(() => log.endTurn(), /log\.100000001: writing failed: ENOSPC/)
      strictEqual(recorder.synced, z(1, 1))
      throws(() => log.endTurn(), /failed/)
      throws(() => append(log, z(1, 3), 0), /failed/)
      match(log.describe(), /^log failed/)
    }
  })

  it('begins a new file above the size limit, leaving zeros in the one before, as ZooKeeper does', () => {
    const disk = new SimulatedDisk()
    const made = started(disk, { txnLogSizeLimitBytes: 1000 })
    for (let i = 1; i <= 12; i++) {
      append(made.log, z(1, i), 200)
      settle(made)
    }
    const logs = disk.contents('log')
    const names = [...logs.keys()].filter((name) => name.startsWith('log.1'))
    deepStrictEqual(names.sort(), ['log.100000001', 'log.100000005', 'log.100000009'])
    const before = logs.get('log.100000001')!
    strictEqual(before.length, 16 + 249 + 16 * 1024)
    ok(before.subarray(16 + 4 * 249).every((byte) => byte === 0))
    strictEqual(logs.get('log.100000009')?.length, 16 + 249 + 16 * 1024)
    deepStrictEqual(
      replayedBy(disk),
      [...Array(12).keys()].map((i) => z(1, i + 1)),
    )
  })

  it('asks for a snapshot after snapCount/2 to snapCount transactions', () => {
    const made = started(new SimulatedDisk(), { snapCount: 20 })
    let asked = 0
    for (let i = 1; i <= 21 && asked === 0; i++) {
      append(made.log, z(1, i), 0)
      settle(made)
      if (made.recorder.snapshotsDue > 0) asked = i
    }
    ok(asked > 10 && asked <= 20, `asked after ${asked}`)
    for (let i = asked + 1; i <= asked + 60; i++) append(made.log, z(1, i), 0)
    settle(made)
    strictEqual(made.recorder.snapshotsDue, 1)
    made.log.snapshotFailed()
    append(made.log, z(1, asked + 61), 0)
    settle(made)
    strictEqual(made.recorder.snapshotsDue, 2)
  })
})

describe('purging', () => {
  it('keeps three snapshots and every log the oldest of them needs', () => {
    const disk = new SimulatedDisk()
    const made = started(disk, { txnLogSizeLimitBytes: 300 })
    for (let i = 1; i <= 20; i++) {
      append(made.log, z(1, i), 200)
      settle(made)
    }
    const snapshot = finishedSnapshot()
    for (const i of [3, 7, 12, 13, 18]) {
      disk.put('snapshot', `snapshot.1${i.toString(16).padStart(8, '0')}`, snapshot)
    }
    disk.put('snapshot', 'snapshot.10000000e', snapshot.subarray(0, 30))
    made.log.snapshotSaved(z(1, 18))
    settle(made)
    const snapshots = [...disk.contents('snapshot').keys()].sort()
    deepStrictEqual(snapshots, [
      'snapshot.10000000c',
      'snapshot.10000000d',
      'snapshot.10000000e',
      'snapshot.100000012',
      'spare.snapshot',
    ])
    const logs = [...disk.contents('log').keys()].filter((name) => name.startsWith('log.')).sort()
    // Files hold two each; the one of 11 and 12 is kept for caution.
    strictEqual(logs[0], 'log.10000000b')
    strictEqual(logs.length, 5)
  })

  it('that fails harms nobody', () => {
    const disk = new SimulatedDisk()
    const made = started(disk)
    append(made.log, z(1, 1), 0)
    settle(made)
    disk.failAt(1, 'EIO')
    made.log.snapshotSaved(z(1, 1))
    append(made.log, z(1, 2), 0)
    settle(made)
    strictEqual(made.recorder.synced, z(1, 2))
    ok(made.recorder.events.includes('purge-failed'))
  })

  it('removes nothing below three snapshots', () => {
    const disk = new SimulatedDisk()
    const made = started(disk, { txnLogSizeLimitBytes: 300 })
    for (let i = 1; i <= 8; i++) {
      append(made.log, z(1, i), 200)
      settle(made)
    }
    disk.put('snapshot', 'snapshot.100000006', finishedSnapshot())
    disk.put('snapshot', 'snapshot.100000007', finishedSnapshot())
    const before = [...disk.contents('log').keys()]
    made.log.snapshotSaved(z(1, 7))
    settle(made)
    deepStrictEqual([...disk.contents('log').keys()], before)
  })
})

describe('the mark', () => {
  it('is written by a tick, not by each batch', () => {
    const disk = new SimulatedDisk()
    const made = started(disk)
    append(made.log, z(1, 1), 0)
    settle(made)
    strictEqual(made.log.nextTickMs(), 50)
    const before = disk.contents('log').get('synced-mark')
    later(made)
    strictEqual(made.log.nextTickMs(), Infinity)
    ok(Buffer.compare(before!, disk.contents('log').get('synced-mark')!) !== 0)
  })
})

function finishedSnapshot(): Uint8Array {
  return concat([new Uint8Array(40), Uint8Array.of(0, 0, 0, 1, 0x2f)])
}

function replayedBy(disk: SimulatedDisk): Zxid[] {
  disk.kill()
  const made = bench(disk)
  settle(made)
  return [...made.recorder.replayed.keys()]
}
