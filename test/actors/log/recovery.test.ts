// What a start makes of the files it finds: whole, torn, damaged, missing.

import { deepStrictEqual, ok, strictEqual, throws } from 'node:assert'
import { describe, it } from 'node:test'
import { DamagedError } from '../../../actors/log/files/errors.ts'
import { SimulatedDisk } from '../../simulator/world/disk.ts'
import {
  append,
  bench,
  concat,
  later,
  logFile,
  settle,
  snapshotFile,
  started,
  transaction,
  z,
} from './bench.ts'

const ENTRY = (extra: number) => 12 + 36 + extra + 1

describe('a log cut short', () => {
  it('at every byte of its last four entries keeps exactly the whole ones', () => {
    const extras = Array.from({ length: 20 }, (_, i) => 20 + i)
    const whole = logFile(extras.map((extra, i) => transaction(z(1, i + 1), extra)))
    const ends = [16]
    for (const extra of extras) ends.push(ends.at(-1)! + ENTRY(extra))
    for (let size = ends[16]!; size <= whole.length; size++) {
      const expected = ends.findLastIndex((end) => end <= size)
      for (const zeros of [0, 700]) {
        const disk = origin()
        const cut = whole.subarray(0, size)
        disk.put('log', 'log.100000001', concat([cut, new Uint8Array(zeros)]))
        const { recorder } = started(disk)
        strictEqual(recorder.replayed.size, expected, `cut at ${size}, ${zeros} zeros`)
        strictEqual(recorder.recoveredTo, z(1, expected))
        const torn = size !== ends[expected]! && whole.subarray(ends[expected], size).some(Boolean)
        strictEqual(recorder.events.includes('log-torn-tail-cut'), torn, `cut at ${size}`)
        if (!torn) continue
        const fields = recorder.eventFields[recorder.events.indexOf('log-torn-tail-cut')]
        deepStrictEqual(fields, {
          file: 'log.100000001',
          offset: ends[expected]!,
          bytes: size + zeros - ends[expected]!,
        })
        strictEqual(disk.contents('log').get('log.100000001')?.length, ends[expected])
        strictEqual(started(disk).recorder.recoveredTo, z(1, expected))
      }
    }
  })

  it('goes on in a new file', () => {
    const disk = origin()
    const whole = logFile([1, 2, 3].map((i) => transaction(z(1, i), 30)))
    disk.put('log', 'log.100000001', whole.subarray(0, whole.length - 5))
    const made = started(disk)
    append(made.log, z(1, 3), 30)
    settle(made)
    strictEqual(started(disk).recorder.recoveredTo, z(1, 3))
  })

  it('is removed when no entry was whole', () => {
    const whole = logFile([transaction(z(1, 3), 30)])
    for (let size = 0; size < whole.length; size++) {
      const disk = origin()
      disk.put('log', 'log.100000001', logFile([1, 2].map((i) => transaction(z(1, i), 30))))
      disk.put('log', 'log.100000003', whole.subarray(0, size))
      // A header that is cut is no header; one that is whole is.
      strictEqual(started(disk).recorder.recoveredTo, z(1, 2), `${size} bytes`)
      ok(!disk.contents('log').has('log.100000003'))
    }
  })
})

describe('damage', () => {
  it('of any byte of a middle entry is refused, naming file and offset', () => {
    const whole = logFile([1, 2, 3, 4, 5].map((i) => transaction(z(1, i), 60)))
    const start = 16 + 2 * ENTRY(60)
    for (let at = start; at < start + ENTRY(60); at++) {
      for (const flip of [0x01, 0x80, 0xff]) {
        const bytes = whole.slice()
        bytes[at]! ^= flip
        refused(withLogs({ 'log.100000001': bytes }), 'log.100000001', start)
      }
    }
  })

  it('of what was surely synced is refused, of what was not is cut', () => {
    const disk = new SimulatedDisk()
    const made = started(disk, { preAllocSizeBytes: 0 })
    for (let i = 1; i <= 4; i++) append(made.log, z(1, i), 60)
    settle(made)
    later(made)
    for (let i = 5; i <= 8; i++) append(made.log, z(1, i), 60)
    settle(made)
    const files = disk.contents('log')
    for (let damaged = 0; damaged < 7; damaged++) {
      const after = new SimulatedDisk()
      for (const [name, bytes] of files) after.put('log', name, bytes)
      const bytes = files.get('log.100000001')!.slice()
      bytes[16 + damaged * ENTRY(60) + 30]! ^= 4
      after.put('log', 'log.100000001', bytes)
      if (damaged < 4) refused(after, 'log.100000001', 16 + damaged * ENTRY(60))
      else strictEqual(started(after).recorder.recoveredTo, z(1, damaged))
    }
  })

  it('of the last entry of a file that is not the last is refused', () => {
    const first = logFile([1, 2].map((i) => transaction(z(1, i), 60)))
    const second = logFile([transaction(z(1, 3), 60)])
    for (let at = 16 + ENTRY(60); at < first.length; at++) {
      const bytes = first.slice()
      bytes[at]! ^= 0x10
      const disk = withLogs({ 'log.100000001': bytes, 'log.100000003': second })
      refused(disk, 'log.100000001', 16 + ENTRY(60))
      const cut = first.subarray(0, at)
      const torn = withLogs({ 'log.100000001': cut, 'log.100000003': second })
      throws(() => started(torn), DamagedError)
    }
  })

  it('a block of zeros in the middle is refused', () => {
    const bytes = logFile([1, 2, 3, 4, 5].map((i) => transaction(z(1, i), 60)))
    bytes.fill(0, 16 + ENTRY(60), 16 + 3 * ENTRY(60))
    refused(withLogs({ 'log.100000001': bytes }), 'log.100000001', 16 + ENTRY(60))
  })

  it('a hole in the zxids is refused', () => {
    const holes: [number, number][][] = [
      [
        [1, 1],
        [1, 3],
      ],
      [
        [1, 1],
        [2, 2],
      ],
      [
        [2, 1],
        [1, 2],
      ],
    ]
    for (const pairs of holes) {
      const bytes = logFile(pairs.map(([epoch, counter]) => transaction(z(epoch, counter), 60)))
      refused(withLogs({ 'log.100000001': bytes }), 'log.100000001', 16 + (pairs.length - 1) * 109)
    }
  })

  it('another transaction under a zxid that was there is refused', () => {
    const bytes = logFile([1, 2, 3].map((i) => transaction(z(1, i), 60)))
    const other = logFile([transaction(z(1, 2), 61)])
    const files = { 'log.100000001': bytes, 'log.100000002': other }
    refused(withLogs(files), 'log.100000002', 16)
  })

  it('an entry longer than allowed is refused, saying what to do', () => {
    const bytes = logFile([1, 2].map((i) => transaction(z(1, i), 600)))
    const disk = withLogs({ 'log.100000001': bytes })
    throws(() => started(disk, { entryBytesMax: 500 }), /jute\.maxbuffer/)
  })

  it('a read error is an error', () => {
    const bytes = logFile([1, 2].map((i) => transaction(z(1, i), 60)))
    let errors = 0
    for (let operation = 1; ; operation++) {
      const disk = withLogs({ 'log.100000001': bytes })
      disk.failAt(operation, 'EIO')
      try {
        strictEqual(started(disk).recorder.recoveredTo, z(1, 2))
        break
      } catch (error) {
        ok(String(error).includes('EIO'), String(error))
        errors++
      }
    }
    ok(errors > 10)
  })
})

describe('what ZooKeeper leaves', () => {
  it('a transaction logged twice counts once', () => {
    const payloads = [1, 2, 2, 3].map((i) => transaction(z(1, i), 60))
    const { recorder } = started(withLogs({ 'log.100000001': logFile(payloads) }))
    deepStrictEqual([...recorder.replayed.keys()], [z(1, 1), z(1, 2), z(1, 3)])
  })

  it('a stretch logged twice counts once, in one file and over two', () => {
    const entries = (numbers: readonly number[]): Uint8Array =>
      logFile(numbers.map((i) => transaction(z(1, i), 60)))
    const { recorder } = started(
      withLogs({
        'log.100000001': entries([1, 2, 3, 4, 2, 3, 4, 5]),
        'log.100000003': entries([3, 4, 5, 6]),
      }),
    )
    deepStrictEqual(
      [...recorder.replayed.keys()],
      [1, 2, 3, 4, 5, 6].map((i) => z(1, i)),
    )
  })

  it('files without an entry among others', () => {
    const disk = withLogs({
      'log.100000001': logFile([transaction(z(1, 1), 60)]),
      'log.100000002': logFile([]),
      'log.200000001': logFile([transaction(z(2, 1), 60)]),
    })
    strictEqual(started(disk).recorder.recoveredTo, z(2, 1))
  })
})

describe('snapshots', () => {
  it('comes first, then only what is after it', () => {
    const disk = withLogs({
      'log.100000001': logFile([1, 2, 3].map((i) => transaction(z(1, i), 60))),
      'log.100000004': logFile([4, 5].map((i) => transaction(z(1, i), 60))),
    })
    disk.put('snapshot', 'snapshot.100000003', snapshot(100_000))
    const { recorder } = started(disk)
    deepStrictEqual(recorder.effects, [
      ['snapshotBegin', '0x100000003'],
      ['snapshotEnd', '0x100000003'],
      ['replay', '0x100000004'],
      ['replay', '0x100000005'],
      ['recovered', '0x100000005'],
    ])
    deepStrictEqual(concat(recorder.body), snapshot(100_000).slice(16))
    ok(recorder.body.every((piece) => piece.length <= 65536))
  })

  it('a damaged one gives way to the one before, if the log makes up for it', () => {
    for (const size of [0, 5, 40, 100_000]) {
      for (const at of [0, 17, size + 16, size + 24, size + 28]) {
        const disk = withLogs({
          'log.100000002': logFile([2, 3, 4].map((i) => transaction(z(1, i), 60))),
        })
        const bytes = snapshot(size)
        bytes[at]! ^= 1
        disk.put('snapshot', 'snapshot.100000003', bytes)
        disk.put('snapshot', 'snapshot.100000001', snapshot(20))
        const { recorder } = started(disk)
        strictEqual(recorder.replayed.size, 3, `size ${size} at ${at}`)
        deepStrictEqual(concat(recorder.body), snapshot(20).slice(16))
      }
    }
  })

  it('a damaged one the log does not make up for is refused, a torn one is not', () => {
    const log = logFile([2, 3].map((i) => transaction(z(1, i), 60)))
    const disk = withLogs({ 'log.100000002': log })
    const bytes = snapshot(50)
    bytes[30]! ^= 1
    disk.put('snapshot', 'snapshot.100000009', bytes)
    disk.put('snapshot', 'snapshot.100000001', snapshot(20))
    throws(() => started(disk), /snapshot\.100000009: it is damaged/)
    disk.put('snapshot', 'snapshot.100000009', snapshot(50).subarray(0, 60))
    strictEqual(started(disk).recorder.recoveredTo, z(1, 3))
  })

  it('none, and a log that does not reach back: refused unless trusted (ZOOKEEPER-3644)', () => {
    const log = logFile([transaction(z(3, 1), 60)])
    const disk = new SimulatedDisk()
    disk.put('log', 'log.300000001', log)
    throws(() => started(disk), /trust\.empty/)
    strictEqual(started(disk, { snapshotTrustEmpty: true }).recorder.recoveredTo, z(3, 1))
    const first = new SimulatedDisk()
    first.put('log', 'log.1', logFile([transaction(z(0, 1), 60)]))
    strictEqual(started(first).recorder.recoveredTo, 1)
  })
})

/** A disk whose history is known to begin with the first log. */
function origin(): SimulatedDisk {
  const disk = new SimulatedDisk()
  disk.put('log', 'log.0', logFile([]))
  return disk
}

function withLogs(files: Record<string, Uint8Array>): SimulatedDisk {
  const disk = origin()
  for (const [name, bytes] of Object.entries(files)) disk.put('log', name, bytes)
  return disk
}

function snapshot(size: number): Uint8Array {
  return snapshotFile(Uint8Array.from({ length: size }, (_, i) => i % 239))
}

function refused(disk: SimulatedDisk, file: string, offset: number): void {
  const before = disk.contents('log')
  const made = bench(disk)
  throws(
    () => settle(made),
    (error: unknown) => {
      ok(error instanceof DamagedError, String(error))
      strictEqual(error.file, file)
      strictEqual(error.offset, offset)
      return true
    },
  )
  strictEqual(made.recorder.recoveredTo, null)
  deepStrictEqual(disk.contents('log'), before)
}
