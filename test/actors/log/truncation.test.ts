// Cutting the log: where, what goes, what is refused, and what a crash leaves of it.

import { deepStrictEqual, ok, strictEqual, throws } from 'node:assert'
import { describe, it } from 'node:test'
import type { Zxid } from '../../../protocol/zxid.ts'
import { SimulatedDisk } from '../../simulator/world/disk.ts'
import {
  append,
  type Bench,
  bench,
  concat,
  logFile,
  settle,
  snapshotFile,
  started,
  transaction,
  z,
} from './bench.ts'
import { everyCrash } from './crashes.ts'

/** Two entries a file. */
const SMALL_FILES = { txnLogSizeLimitBytes: 300 }

describe('a cut', () => {
  it('ends the log behind any transaction, and the log goes on from there', () => {
    for (let at = 1; at <= 8; at++) {
      const disk = new SimulatedDisk()
      const made = filled(disk)
      made.log.truncate(z(1, at))
      deepStrictEqual(made.recorder.taken(), [['truncated', zxidText(at)]])
      append(made.log, z(2, 1), 200)
      settle(made)
      append(made.log, z(2, 2), 200)
      settle(made)
      disk.kill()
      const expected = [...counting(at), z(2, 1), z(2, 2)]
      const recovered = started(disk)
      deepStrictEqual([...recovered.recorder.replayed.keys()], expected)
      deepStrictEqual(recovered.recorder.events, ['log-recovered'])
      ok(!disk.contents('log').has('unfinished'))
    }
  })

  it('leaves a file as ZooKeeper would have written it, and its name to the next', () => {
    const disk = new SimulatedDisk()
    const made = filled(disk)
    made.log.truncate(z(1, 3))
    const entries = [3].map((i) => transaction(z(1, i), 200))
    deepStrictEqual(disk.contents('log').get('log.100000003'), logFile(entries))
    strictEqual([...disk.contents('log').keys()].includes('log.100000005'), false)
    append(made.log, z(1, 4), 77)
    settle(made)
    const next = disk.contents('log').get('log.100000004')!
    const written = logFile([transaction(z(1, 4), 77)])
    deepStrictEqual(next.slice(0, written.length), written)
    ok(next.subarray(written.length).every((byte) => byte === 0))
  })

  it('raises no alarm at the next start about what was synced behind it', () => {
    const disk = new SimulatedDisk()
    const made = filled(disk)
    made.log.truncate(z(1, 7))
    deepStrictEqual(started(disk).recorder.events, ['log-recovered'])
  })

  it('waits for what was appended before, and says nothing of it twice', () => {
    const disk = new SimulatedDisk()
    const made = filled(disk)
    append(made.log, z(1, 9), 10)
    append(made.log, z(1, 10), 10)
    made.log.truncate(z(1, 9))
    deepStrictEqual(made.recorder.taken(), [
      ['synced', zxidText(10)],
      ['truncated', zxidText(9)],
    ])
    settle(made)
    deepStrictEqual(made.recorder.taken(), [])
  })

  it('to the end changes nothing', () => {
    const disk = new SimulatedDisk()
    const made = filled(disk)
    const before = disk.contents('log')
    made.log.truncate(z(1, 8))
    deepStrictEqual(made.recorder.taken(), [['truncated', zxidText(8)]])
    deepStrictEqual(disk.contents('log'), before)
  })

  it('to nothing leaves an empty history, whatever epoch comes next', () => {
    for (const origin of [true, false]) {
      const disk = new SimulatedDisk()
      // ZooKeeper's log begins with the first transaction, and it has no file that says so.
      if (origin) disk.put('log', 'log.0', logFile([]))
      disk.put('log', 'log.1', logFile([1, 2].map((i) => transaction(z(0, i), 9))))
      const made = started(disk)
      made.log.truncate(z(0, 0))
      deepStrictEqual(made.recorder.effects.at(-1), ['truncated', '0x0'])
      append(made.log, z(4, 1), 9)
      settle(made)
      deepStrictEqual([...started(disk).recorder.replayed.keys()], [z(4, 1)])
    }
  })

  it('drops newer snapshots and keeps those before', () => {
    const disk = new SimulatedDisk()
    const made = filled(disk)
    for (const i of [2, 4, 6]) disk.put('snapshot', snapshotNamed(i), stateAt(i))
    made.log.truncate(z(1, 5))
    deepStrictEqual([...disk.contents('snapshot').keys()], [snapshotNamed(2), snapshotNamed(4)])
    const { recorder } = started(disk)
    strictEqual(concat(recorder.body)[0], 4)
    deepStrictEqual([...recorder.replayed.keys()], [z(1, 5)])
  })

  it('to a snapshot that the log does not reach, before entries that follow it', () => {
    const disk = new SimulatedDisk()
    disk.put('log', 'log.100000001', logFile([1, 2].map((i) => transaction(z(1, i), 9))))
    disk.put('log', 'log.100000006', logFile([6, 7].map((i) => transaction(z(1, i), 9))))
    disk.put('snapshot', snapshotNamed(5), stateAt(5))
    const made = started(disk)
    made.log.truncate(z(1, 5))
    deepStrictEqual(made.recorder.effects.at(-1), ['truncated', zxidText(5)])
    const again = started(disk)
    strictEqual(again.recorder.recoveredTo, z(1, 5))
    strictEqual(again.recorder.replayed.size, 0)
  })
})

describe('a cut is refused, and the log stays as it is', () => {
  const cases: [string, (disk: SimulatedDisk) => Bench, Zxid][] = [
    ['behind its end', (disk) => filled(disk), z(1, 9)],
    ['at a transaction of another epoch', (disk) => filled(disk), z(0, 5)],
    ['where none is, between epochs', (disk) => twoEpochs(disk), z(1, 9)],
    ['before its beginning', (disk) => withoutBeginning(disk), z(1, 3)],
    ['at nothing, where the beginning is gone', (disk) => withoutBeginning(disk), z(0, 0)],
    ['at nothing, where a snapshot is all there is', (disk) => onlySnapshot(disk), z(0, 0)],
    ['where the snapshot before it is damaged', (disk) => damagedBefore(disk), z(1, 5)],
    ['where a hole is bridged by a snapshot that would go', (disk) => bridged(disk), z(1, 4)],
  ]
  for (const [where, make, zxid] of cases) {
    it(where, () => {
      const disk = new SimulatedDisk()
      const made = make(disk)
      const last = made.recorder.recoveredTo!
      const before = entriesIn(disk)
      const snapshots = disk.contents('snapshot')
      made.recorder.taken()
      made.log.truncate(zxid)
      const end = made.recorder.synced > last ? made.recorder.synced : last
      deepStrictEqual(made.recorder.taken(), [['truncated', `0x${end.toString(16)}`]])
      deepStrictEqual(entriesIn(disk), before)
      deepStrictEqual(disk.contents('snapshot'), snapshots)
      append(made.log, z(9, 1), 5)
      settle(made)
      disk.kill()
      strictEqual(started(disk).recorder.recoveredTo, z(9, 1))
    })
  }
})

describe('a cut with a crash', () => {
  for (const snapshots of [[], [2], [2, 4, 7], [3, 5]]) {
    for (const at of [3, 4, 5]) {
      it(`at any operation leaves at least what stays (to ${at}, snapshots ${snapshots})`, () => {
        const operations = everyCrash({
          options: SMALL_FILES,
          prepare: (made, disk) => {
            fill(made)
            for (const i of snapshots) disk.put('snapshot', snapshotNamed(i), stateAt(i))
          },
          deed: ({ log }) => log.truncate(z(1, at)),
          check: (recovered, disk, cutAt) => {
            const last = recovered.recorder.recoveredTo!
            if (cutAt === 0) strictEqual(last, z(1, at))
            ok(last >= z(1, at) && last <= z(1, 8), `recovered to ${last}`)
            ok(!disk.contents('log').has('unfinished'), 'the note is still there')
            // Zab asks again, and the log goes on.
            recovered.log.truncate(z(1, at))
            deepStrictEqual(recovered.recorder.effects.at(-1), ['truncated', zxidText(at)])
            append(recovered.log, z(2, 1), 40)
            settle(recovered)
            const { recorder } = started(disk)
            const base = recorder.body.length === 0 ? 0 : recorder.body[0]![0]!
            const replayed = counting(at).filter((zxid) => zxid > z(1, base))
            const expected = [...replayed, z(2, 1)]
            deepStrictEqual(
              [...recorder.replayed.keys()].filter((key) => key > z(1, base)),
              expected,
            )
          },
        })
        ok(operations > 20, `${operations} operations`)
      })
    }
  }

  it('and an error of the disk is fatal', () => {
    let errors = 0
    for (let operation = 1; ; operation++) {
      const disk = new SimulatedDisk()
      const made = filled(disk)
      disk.failAt(operation, 'EIO')
      try {
        made.log.truncate(z(1, 3))
        if (!disk.failed) break
        // What was read to find the place may be unreadable: then the cut is refused.
        deepStrictEqual(made.recorder.effects.at(-1), ['truncated', zxidText(8)])
      } catch (error) {
        errors++
        ok(String(error).includes('EIO'), String(error))
        throws(() => made.log.endTurn(), /the log has failed/)
      }
    }
    ok(errors > 10, `${errors} errors`)
  })
})

function filled(disk: SimulatedDisk): Bench {
  const made = bench(disk, SMALL_FILES)
  settle(made)
  fill(made)
  return made
}

function fill(made: Bench): void {
  for (let i = 1; i <= 8; i++) {
    append(made.log, z(1, i), 200)
    settle(made)
  }
  made.recorder.taken()
}

function twoEpochs(disk: SimulatedDisk): Bench {
  const made = filled(disk)
  append(made.log, z(3, 1), 5)
  settle(made)
  return made
}

function withoutBeginning(disk: SimulatedDisk): Bench {
  disk.put('log', 'log.100000003', logFile([3, 4, 5].map((i) => transaction(z(1, i), 5))))
  disk.put('snapshot', snapshotNamed(4), stateAt(4))
  return started(disk, { snapshotTrustEmpty: true })
}

function onlySnapshot(disk: SimulatedDisk): Bench {
  disk.put('snapshot', snapshotNamed(4), stateAt(4))
  return started(disk)
}

function damagedBefore(disk: SimulatedDisk): Bench {
  disk.put('log', 'log.100000005', logFile([5, 6, 7].map((i) => transaction(z(1, i), 5))))
  const damaged = stateAt(4)
  damaged[16]! ^= 1
  disk.put('snapshot', snapshotNamed(4), damaged)
  disk.put('snapshot', snapshotNamed(6), stateAt(6))
  return started(disk)
}

function bridged(disk: SimulatedDisk): Bench {
  disk.put('log', 'log.100000001', logFile([1, 2].map((i) => transaction(z(1, i), 5))))
  disk.put('log', 'log.100000004', logFile([4, 5, 6].map((i) => transaction(z(1, i), 5))))
  disk.put('snapshot', snapshotNamed(5), stateAt(5))
  return started(disk)
}

function counting(to: number): Zxid[] {
  return Array.from({ length: to }, (_, i) => z(1, i + 1))
}

function zxidText(counter: number): string {
  return `0x10000000${counter.toString(16)}`
}

function snapshotNamed(counter: number): string {
  return `snapshot.10000000${counter}`
}

function stateAt(counter: number): Uint8Array {
  return snapshotFile(Uint8Array.of(counter))
}

/** Without the zeros ahead, the mark and what a crash would leave. */
function entriesIn(disk: SimulatedDisk): [string, string][] {
  const logs = [...disk.contents('log')].filter(([name]) => name.startsWith('log.'))
  return logs.map(([name, bytes]) => [
    name,
    Buffer.from(bytes)
      .toString('hex')
      .replace(/(00)+$/, ''),
  ])
}
