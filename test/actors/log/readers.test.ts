// What the log reads back for learners that lag: which way, from where, how much at once; what is kept
// for them, and what is not.

import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict'
import { describe, it } from 'node:test'
import { snapshotName } from '../../../actors/log/files/file-names.ts'
import type { LogOptions } from '../../../actors/log/options.ts'
import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { formatZxid, ZXID_ZERO, type Zxid } from '../../../protocol/zxid.ts'
import { SimulatedDisk } from '../../simulator/world/disk.ts'
import {
  append,
  type Bench,
  concat,
  settle,
  snapshotFile,
  started,
  transaction,
  z,
} from './bench.ts'

const LINK = 7
/** Of a tree with this node, besides the root. */
const NODE_BYTES = 3000

/** A member's log with 1.1 to 1.20, five to a file, of 100 bytes each. */
function filled(changes: Partial<LogOptions> = {}): { disk: SimulatedDisk; bench: Bench } {
  const disk = new SimulatedDisk()
  const options = { ensemble: true, preAllocSizeBytes: 0, pieceBytesMax: 200, nearBytesMax: 10_000 }
  const bench = started(disk, { ...options, txnLogSizeLimitBytes: 400, ...changes })
  for (let i = 1; i <= 20; i++) writes(bench, z(1, i))
  bench.recorder.taken()
  return { disk, bench }
}

function writes(bench: Bench, zxid: Zxid): void {
  append(bench.log, zxid, 40)
  settle(bench)
}

/** What zab and the tree are told. */
function told(bench: Bench): string[] {
  settle(bench)
  return bench.recorder
    .taken()
    .filter(([kind]) => kind !== 'synced')
    .map((effect) => effect.join(' '))
}

function begins(bench: Bench, kind: 'exact' | 'near' | 'snapshot', after: Zxid): string[] {
  bench.log.beginRead(LINK, kind, after)
  return told(bench)
}

function readsOn(bench: Bench, link: number = LINK): string[] {
  bench.log.readOn(link)
  return told(bench)
}

/** Zxids of epoch 1. */
const entries = (...counters: number[]): string =>
  ['entriesRead', LINK, ...counters.map((counter) => formatZxid(z(1, counter)))].join(' ')

function bodyOf(): Uint8Array {
  const writer = new JuteWriter()
  writer.int(0)
  writer.int(0)
  writer.string('/a')
  writer.buffer(new Uint8Array(NODE_BYTES).fill(5))
  for (let i = 0; i < 68; i++) writer.byte(i)
  writer.string('/')
  return writer.finish()
}

/** The tree has written what was wanted. */
function saves(
  bench: Bench,
  disk: SimulatedDisk,
  zxid: Zxid,
  bytes = snapshotFile(bodyOf()),
): void {
  disk.put('snapshot', snapshotName(zxid, ''), bytes)
  bench.log.snapshotSaved(zxid)
}

describe('what follows a transaction', () => {
  it('is read in pieces, through all files, and is nothing at the end', () => {
    const { bench } = filled()
    deepStrictEqual(begins(bench, 'near', z(1, 13)), ['readBegun 7 0x10000000d log'])
    deepStrictEqual(readsOn(bench), [entries(14, 15)])
    deepStrictEqual(readsOn(bench), [entries(16, 17)])
    deepStrictEqual(readsOn(bench), [entries(18, 19)])
    deepStrictEqual(readsOn(bench), [entries(20)])
    deepStrictEqual(readsOn(bench), [entries()])
    writes(bench, z(1, 21))
    deepStrictEqual(readsOn(bench), [entries(21)])
    deepStrictEqual(told(bench), [])
  })

  it('is one entry at least, however long', () => {
    const { bench } = filled({ pieceBytesMax: 1 })
    begins(bench, 'exact', z(1, 4))
    deepStrictEqual([readsOn(bench), readsOn(bench)], [[entries(5)], [entries(6)]])
  })

  it('may be asked for before it is known where it begins', () => {
    const { bench } = filled()
    bench.log.beginRead(LINK, 'exact', z(1, 18))
    bench.log.readOn(LINK)
    deepStrictEqual(told(bench), ['readBegun 7 0x100000012 log', entries(19, 20)])
  })

  it('begins at the newest of ours that is not after it', () => {
    const { bench } = filled()
    writes(bench, z(3, 1))
    deepStrictEqual(begins(bench, 'near', z(1, 99)), ['readBegun 7 0x100000014 log'])
    deepStrictEqual(readsOn(bench), ['entriesRead 7 0x300000001'])
  })

  it('must begin at exactly this one, when it is so asked', () => {
    const { bench } = filled()
    const why = 'the log does not hold what follows 0x100000063'
    deepStrictEqual(begins(bench, 'exact', z(1, 99)), [`readFailed 7 ${why}`])
    deepStrictEqual(readsOn(bench), [])
  })

  it('is there for several at once, each at its own place', () => {
    const { bench } = filled()
    bench.log.beginRead(7, 'exact', z(1, 2))
    bench.log.beginRead(8, 'exact', z(1, 17))
    bench.log.readOn(7)
    bench.log.readOn(8)
    deepStrictEqual(told(bench).sort(), [
      'entriesRead 7 0x100000003 0x100000004',
      'entriesRead 8 0x100000012 0x100000013',
      'readBegun 7 0x100000002 log',
      'readBegun 8 0x100000011 log',
    ])
  })

  it('goes on while batches are written', () => {
    const { bench } = filled()
    begins(bench, 'exact', z(1, 17))
    bench.log.readOn(LINK)
    append(bench.log, z(1, 21), 40)
    bench.log.endTurn()
    deepStrictEqual(
      bench.recorder.taken().map(([kind]) => kind),
      ['synced', 'entriesRead'],
    )
  })

  it('is not taken from a damaged file: that costs one learner its link', () => {
    const { disk, bench } = filled()
    const name = [...disk.contents('log').keys()].find((file) => file === 'log.10000000b')!
    const bytes = disk.contents('log').get(name)!
    bytes[60]! ^= 1
    disk.put('log', name, bytes)
    begins(bench, 'exact', z(1, 9))
    const [failed] = [...readsOn(bench), ...readsOn(bench)].filter(
      (line) => !line.startsWith('entries'),
    )
    ok(failed?.startsWith('readFailed 7 log.10000000b at offset 16: the entry is damaged'), failed)
    writes(bench, z(1, 21))
    strictEqual(bench.recorder.synced, z(1, 21))
  })
})

describe('what is missing where an epoch ends, so that no zxid tells', () => {
  /** 1.1 to 1.20, five to a file, and 2.1 to 2.5. */
  function twoEpochs(): { disk: SimulatedDisk; bench: Bench } {
    const { disk, bench } = filled()
    for (let i = 1; i <= 5; i++) writes(bench, z(2, i))
    bench.recorder.taken()
    return { disk, bench }
  }

  /** From the third entry of this file on there are zeros. */
  function blank(disk: SimulatedDisk, name: string): void {
    const bytes = disk.contents('log').get(name)!
    const entryBytes = 13 + transaction(z(1, 1), 40).length
    disk.put('log', name, bytes.fill(0, 16 + 2 * entryBytes))
  }

  const damages: [what: string, harm: (disk: SimulatedDisk) => void, why: RegExp][] = [
    [
      'the end of a file',
      (disk) => blank(disk, 'log.100000010'),
      /log\.100000010 at offset \d+: it ends here, and was synced up to \d+/,
    ],
    [
      'a whole file',
      (disk) => disk.remove('log', 'log.100000010'),
      /log\.100000010: it is missing/,
    ],
  ]
  for (const [what, harm, why] of damages) {
    it(`is noticed on the way, if it is ${what}`, () => {
      const { disk, bench } = twoEpochs()
      harm(disk)
      deepStrictEqual(begins(bench, 'near', z(1, 9)), ['readBegun 7 0x100000009 log'])
      const lines: string[] = []
      for (let i = 0; i < 20 && !lines.at(-1)?.startsWith('readFailed'); i++)
        lines.push(...readsOn(bench))
      match(lines.at(-1)!, why)
      ok(!lines.some((line) => line.includes('0x2')), lines.join())
    })

    it(`is noticed where a learner stands in it, if it is ${what}: it is not cut back`, () => {
      const { disk, bench } = twoEpochs()
      harm(disk)
      const [line, ...more] = begins(bench, 'near', z(1, 20))
      match(line!, why)
      deepStrictEqual(more, [])
    })
  }

  it('is noticed at the end of all as well, and not taken for what has yet to come', () => {
    const { disk, bench } = filled()
    writes(bench, z(1, 21))
    bench.clock.nowMs += 1000
    bench.log.tick()
    const bytes = disk.contents('log').get('log.100000015')!
    disk.put('log', 'log.100000015', bytes.fill(0, 16))
    begins(bench, 'near', z(1, 18))
    match(readsOn(bench).at(-1)!, /log\.100000015 at offset 16: it ends here/)
  })
})

describe('a learner that needs the whole tree', () => {
  it('waits for a snapshot, and gets its body; so do all who wait', () => {
    const { disk, bench } = filled()
    deepStrictEqual(begins(bench, 'snapshot', ZXID_ZERO), ['snapshotWanted'])
    bench.log.beginRead(8, 'snapshot', ZXID_ZERO)
    deepStrictEqual(told(bench), [])
    saves(bench, disk, z(1, 20))
    deepStrictEqual(told(bench), ['readBegun 7 0x100000014 SNAP', 'readBegun 8 0x100000014 SNAP'])
    const lines: string[] = []
    for (let i = 0; i < 40 && lines.at(-1) !== 'pieceRead 7 last'; i++)
      lines.push(...readsOn(bench))
    ok(lines.length > 3)
    ok(bench.recorder.pieces.every(({ length }) => length <= 200))
    deepStrictEqual(concat(bench.recorder.pieces), bodyOf())
    deepStrictEqual(readsOn(bench), [])
  })

  it('gets one that this process has written when little was logged behind it', () => {
    const { disk, bench } = filled({ nearBytesMax: 300 })
    saves(bench, disk, z(1, 20))
    writes(bench, z(1, 21))
    deepStrictEqual(begins(bench, 'snapshot', ZXID_ZERO), ['readBegun 7 0x100000014 SNAP'])
    for (let i = 22; i <= 80; i++) writes(bench, z(1, i))
    told(bench)
    deepStrictEqual(begins(bench, 'snapshot', ZXID_ZERO), ['snapshotWanted'])
  })

  it('is not given one of another process, nor of a history that was cut', () => {
    const { disk, bench } = filled()
    disk.put('snapshot', snapshotName(z(1, 19), ''), snapshotFile(bodyOf()))
    deepStrictEqual(begins(bench, 'snapshot', ZXID_ZERO), ['snapshotWanted'])
    saves(bench, disk, z(1, 20))
    told(bench)
    bench.log.truncate(z(1, 10))
    told(bench)
    deepStrictEqual(begins(bench, 'snapshot', ZXID_ZERO), ['snapshotWanted'])
  })

  it('is one that is too far behind', () => {
    const { bench } = filled({ nearBytesMax: 500 })
    deepStrictEqual(begins(bench, 'near', z(1, 2)), ['snapshotWanted'])
    deepStrictEqual(begins(bench, 'near', z(1, 18)), ['readBegun 7 0x100000012 log'])
    const never = filled({ snapshotSizeFactor: -1 }).bench
    deepStrictEqual(begins(never, 'near', z(1, 20)), ['snapshotWanted'])
    // Memory does not reach any more where it stands: no question of how far.
    deepStrictEqual(begins(bench, 'exact', z(1, 2)), ['readBegun 7 0x100000002 log'])
  })

  it('is told when it cannot be written, or is damaged', () => {
    const failed = filled()
    begins(failed.bench, 'snapshot', ZXID_ZERO)
    failed.bench.log.snapshotFailed()
    deepStrictEqual(told(failed.bench), ['readFailed 7 the snapshot for it could not be written'])
    const { disk, bench } = filled()
    begins(bench, 'snapshot', ZXID_ZERO)
    const bytes = snapshotFile(bodyOf())
    bytes[500]! ^= 1
    saves(bench, disk, z(1, 20), bytes)
    told(bench)
    const lines: string[] = []
    while (lines.length < 40 && !lines.at(-1)?.startsWith('readFailed'))
      lines.push(...readsOn(bench))
    const why = 'snapshot.100000014: the checksum at its end does not match'
    ok(lines.at(-1)?.startsWith(`readFailed 7 ${why}`), lines.at(-1))
    ok(!lines.some((line) => line.endsWith('last')))
  })

  it('gets a new one after whatever failed: what is there may be what is damaged', () => {
    const { disk, bench } = filled()
    saves(bench, disk, z(1, 20))
    told(bench)
    deepStrictEqual(begins(bench, 'exact', z(1, 99))[0]!.slice(0, 12), 'readFailed 7')
    deepStrictEqual(begins(bench, 'snapshot', ZXID_ZERO), ['snapshotWanted'])
    // The log goes on in a file of its own.
    writes(bench, z(1, 21))
    ok(disk.contents('log').has('log.100000015'))
    saves(bench, disk, z(1, 21))
    deepStrictEqual(told(bench), ['readBegun 7 0x100000015 SNAP'])
    bench.log.endRead(LINK)
    deepStrictEqual(begins(bench, 'snapshot', ZXID_ZERO), ['readBegun 7 0x100000015 SNAP'])
  })

  it('does not wait on when nobody is led any more', () => {
    const { disk, bench } = filled()
    begins(bench, 'snapshot', ZXID_ZERO)
    bench.log.fence()
    told(bench)
    saves(bench, disk, z(1, 20))
    deepStrictEqual(told(bench), [])
  })
})

describe('a purge', () => {
  /** Three snapshots more, of which the first needs nothing before it. */
  function purged(bench: Bench, disk: SimulatedDisk, from: number): string[] {
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 5; j++) writes(bench, z(1, from + i * 5 + j))
      saves(bench, disk, z(1, from + i * 5 + 4))
      settle(bench)
    }
    return [...disk.contents('log').keys()].filter((name) => name.startsWith('log.1')).sort()
  }

  it('leaves what a learner has yet to read, and takes it when it has', () => {
    const { disk, bench } = filled()
    begins(bench, 'exact', z(1, 7))
    readsOn(bench)
    strictEqual(purged(bench, disk, 21)[0], 'log.100000006')
    while (readsOn(bench)[0] !== entries());
    bench.log.endRead(LINK)
    strictEqual(purged(bench, disk, 36)[0], 'log.100000024')
  })

  it('leaves the snapshot that is being read, and the logs behind it', () => {
    const { disk, bench } = filled()
    begins(bench, 'snapshot', ZXID_ZERO)
    saves(bench, disk, z(1, 20))
    told(bench)
    readsOn(bench)
    strictEqual(purged(bench, disk, 21)[0], 'log.100000010')
    ok(disk.contents('snapshot').has('snapshot.100000014'))
    bench.recorder.pieces.length = 0
    while (!readsOn(bench).includes('pieceRead 7 last'));
    deepStrictEqual(begins(bench, 'exact', z(1, 20)), ['readBegun 7 0x100000014 log'])
    deepStrictEqual(readsOn(bench), [entries(21, 22)])
  })

  it('takes it all the same when that is more than may be kept; the learner begins anew', () => {
    const { disk, bench } = filled({ heldBytesMax: 1200 })
    begins(bench, 'exact', z(1, 2))
    const first = purged(bench, disk, 21)[0]
    strictEqual(first, 'log.100000015')
    deepStrictEqual(
      told(bench).filter((line) => line.startsWith('read')),
      ['readFailed 7 more than 1200 bytes of old logs would be kept for it'],
    )
  })
})
