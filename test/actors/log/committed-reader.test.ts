// What a consumer of committed transactions gets from a log that is written, cut and purged meanwhile: all,
// in order, once; or the word that it is behind. A log of random life is compared with what was committed.

import { deepStrictEqual, ok, strictEqual, throws } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Place, placeOf, readCommitted } from '../../../actors/log/committed-reader.ts'
import { DamagedError } from '../../../actors/log/files/errors.ts'
import type { Files } from '../../../actors/log/files/files.ts'
import { JuteReader } from '../../../protocol/bytes/jute-reader.ts'
import { TXN_ZXID_AT } from '../../../protocol/txn.ts'
import { formatZxid, ZXID_ZERO, type Zxid } from '../../../protocol/zxid.ts'
import { SimulatedDisk } from '../../simulator/world/disk.ts'
import { append, type Bench, seeded, settle, started, writeSnapshot, z } from './bench.ts'

const ENTRY_BYTES_MAX = 1 << 20
const SEEDS = 60
const STEPS = 150
/** To three consumers, in the mean. */
const TOLD_MIN = 80

function zxidsIn(bytes: Uint8Array): Zxid[] {
  const reader = new JuteReader(bytes)
  const zxids: Zxid[] = []
  while (reader.remaining > 0) {
    const length = reader.int()
    zxids.push(new JuteReader(bytes, reader.offset + TXN_ZXID_AT).zxid())
    reader.skip(length)
  }
  return zxids
}

/** All of it, piece by piece; null if it is behind. */
function readAll(
  files: Files,
  from: Place,
  upTo: Zxid,
  bytesMax: number = 300,
): { zxids: Zxid[]; place: Place } | null {
  const zxids: Zxid[] = []
  let place = from
  for (;;) {
    const piece = readCommitted(files, ENTRY_BYTES_MAX, place, upTo, bytesMax)
    if (piece.kind === 'behind') return null
    if (piece.bytes.length === 0) return { zxids, place: piece.place }
    zxids.push(...zxidsIn(piece.bytes))
    place = piece.place
  }
}

/** A member's log with 1.1 to 1.9 and 2.1 to 2.3, two or three to a file. */
function filled(): { disk: SimulatedDisk; bench: Bench } {
  const disk = new SimulatedDisk()
  const options = { ensemble: true, preAllocSizeBytes: 1024, txnLogSizeLimitBytes: 300 }
  const bench = started(disk, options)
  for (let i = 1; i <= 9; i++) written(bench, z(1, i))
  for (let i = 1; i <= 3; i++) written(bench, z(2, i))
  return { disk, bench }
}

function written(bench: Bench, zxid: Zxid): void {
  append(bench.log, zxid, 60)
  settle(bench)
}

const ALL: readonly Zxid[] = [
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((i) => z(1, i)),
  ...[1, 2, 3].map((i) => z(2, i)),
]

describe('committed transactions', () => {
  test('come in order from each of them on, and no further than is committed', () => {
    const { disk } = filled()
    for (const [i, from] of [ZXID_ZERO, ...ALL].entries()) {
      for (const upTo of ALL) {
        const expected = ALL.slice(i).filter((zxid) => zxid <= upTo)
        const start = i === 0 ? z(1, 0) : from
        deepStrictEqual(readAll(disk, placeOf(start), upTo)?.zxids, expected, `${from} ${upTo}`)
      }
    }
  })

  test('that are not written yet are waited for', () => {
    const { disk, bench } = filled()
    const { zxids, place } = readAll(disk, placeOf(z(2, 1)), z(2, 9))!
    deepStrictEqual(zxids, [z(2, 2), z(2, 3)])
    deepStrictEqual(readAll(disk, placeOf(z(2, 5)), z(2, 9))?.zxids, [])
    written(bench, z(2, 4))
    deepStrictEqual(readAll(disk, place, z(2, 9))?.zxids, [z(2, 4)])
  })

  const BEHIND: readonly (readonly [what: string, from: Zxid])[] = [
    ['a transaction of another history', z(1, 10)],
    ['a transaction before the log', z(0, 5)],
  ]
  for (const [what, from] of BEHIND) {
    test(`${what} is behind`, () => {
      const { disk } = filled()
      strictEqual(readAll(disk, placeOf(from), z(2, 3)), null)
    })
  }

  test('what was purged is behind, also for who stood in it', () => {
    const { disk } = filled()
    const { place } = readAll(disk, placeOf(z(1, 1)), z(1, 2))!
    const [first = ''] = disk.list('log').filter((name) => name.startsWith('log.1'))
    disk.rename('log', first, 'purged.log')
    strictEqual(readAll(disk, place, z(2, 3)), null)
    // What comes after it is there.
    deepStrictEqual(readAll(disk, placeOf(z(2, 1)), z(2, 3))?.zxids, [z(2, 2), z(2, 3)])
  })

  test('a hole in the log is no change of epoch', () => {
    const { disk } = filled()
    const logs = disk
      .list('log')
      .filter((name) => name.startsWith('log.1'))
      .sort()
    disk.remove('log', logs[1] ?? '')
    throws(() => readAll(disk, placeOf(z(1, 1)), z(2, 3)), DamagedError)
  })

  test('an older snapshot is no beginning of a log that a later one has replaced', () => {
    const { disk } = filled()
    for (const name of disk.list('log').filter((name) => /^log\.1/.test(name)))
      disk.remove('log', name)
    writeSnapshot(disk, z(1, 2), 1)
    deepStrictEqual(readAll(disk, placeOf(z(1, 2)), z(2, 1))?.zxids, [z(2, 1)])
    writeSnapshot(disk, z(1, 9), 1)
    strictEqual(readAll(disk, placeOf(z(1, 2)), z(2, 1)), null)
    strictEqual(readAll(disk, placeOf(ZXID_ZERO), z(2, 1)), null)
    deepStrictEqual(readAll(disk, placeOf(z(1, 9)), z(2, 1))?.zxids, [z(2, 1)])
  })

  test('what a snapshot stands for is known', () => {
    const disk = new SimulatedDisk()
    writeSnapshot(disk, z(4, 7), 1)
    deepStrictEqual(readAll(disk, placeOf(z(4, 7)), z(4, 9))?.zxids, [])
    strictEqual(readAll(disk, placeOf(z(4, 6)), z(4, 9)), null)
  })

  /** A leader that appends, commits less than it has logged, and is replaced: what was not committed is cut,
   * and the next epoch begins. Consumers read at every moment, and go on from what they have seen. */
  test(`are told to everybody, whatever becomes of the log (${SEEDS} seeds)`, () => {
    let told = 0
    for (let seed = 1; seed <= SEEDS; seed++) told += life(seed)
    ok(told > SEEDS * TOLD_MIN, `only ${told} were told`)
  })
})

function life(seed: number): number {
  const random = seeded(seed)
  const disk = new SimulatedDisk()
  const options = { ensemble: true, preAllocSizeBytes: 512, txnLogSizeLimitBytes: 400 }
  const bench = started(disk, options)
  const committed: Zxid[] = []
  const logged: Zxid[] = []
  let [epoch, counter] = [1, 0]
  const consumers = [0, 1, 2].map(() => ({ seen: [] as Zxid[], place: placeOf(z(1, 0)) }))
  for (let step = 0; step < STEPS; step++) {
    const dice = random(100)
    if (dice < 50) {
      const zxid = z(epoch, ++counter)
      append(bench.log, zxid, random(150))
      if (random(3) > 0) settle(bench)
      logged.push(zxid)
    } else if (dice < 60) {
      settle(bench)
      committed.push(...logged.splice(0, random(logged.length + 1)))
    } else if (dice < 64 && committed.length > 0) {
      settle(bench)
      bench.log.truncate(committed.at(-1)!)
      settle(bench)
      logged.length = 0
      epoch += 1 + random(2)
      counter = 0
    } else {
      const consumer = consumers[random(consumers.length)]!
      const upTo = committed.at(-1) ?? ZXID_ZERO
      const read = readAll(disk, consumer.place, upTo, 1 + random(500))
      ok(read !== null, `seed ${seed}, step ${step}: behind`)
      consumer.seen.push(...read.zxids)
      const last = consumer.seen.at(-1)
      // It goes on where it stood, or comes back with what it remembers.
      consumer.place = random(2) === 0 || last === undefined ? read.place : placeOf(last)
      const expected = committed.slice(0, consumer.seen.length).map(formatZxid)
      deepStrictEqual(consumer.seen.map(formatZxid), expected, `seed ${seed}, step ${step}`)
    }
  }
  settle(bench)
  const upTo = committed.at(-1) ?? ZXID_ZERO
  for (const { seen, place } of consumers) {
    const rest = readAll(disk, place, upTo)?.zxids ?? []
    deepStrictEqual([...seen, ...rest], committed, `seed ${seed}, at the end`)
  }
  return committed.length * consumers.length
}
