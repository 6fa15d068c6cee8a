// Damage to what was acknowledged, at the end of the log as well: the synced mark tells it from a torn
// end. A server on its own stops and changes nothing.

import { deepStrictEqual, ok, strictEqual, throws } from 'node:assert'
import { describe, it } from 'node:test'
import { DamagedError, LossError } from '../../../actors/log/files/errors.ts'
import { MARK_NAME, readMark } from '../../../actors/log/files/synced-mark.ts'
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
  writeSnapshot,
  z,
} from './bench.ts'

const ENTRY = 12 + 36 + 20 + 1
const LOG = 'log.100000001'
const FILES = ['log', 'snapshot'] as const

type Contents = Map<string, Uint8Array>

describe('the end of a log that was surely synced', () => {
  it('is not lost in silence when a byte of the last entries is flipped or blank', () => {
    const { log } = written(5)
    const bytes = log.get(LOG)!
    for (let at = 16 + 2 * ENTRY; at < bytes.length; at++) {
      const start = 16 + Math.floor((at - 16) / ENTRY) * ENTRY
      for (const change of [0x01, 0x80, 0xff, 'blank'] as const) {
        const damaged = bytes.slice()
        damaged[at] = change === 'blank' ? 0 : damaged[at]! ^ change
        if (damaged[at] === bytes[at]) continue
        lost(withLogs({ ...Object.fromEntries(log), [LOG]: damaged }), LOG, start)
      }
    }
  })

  it('is not lost in silence when it is blank from some byte on, with zeros behind or none', () => {
    const { log } = written(5)
    const bytes = log.get(LOG)!
    for (let size = 0; size < bytes.length; size++) {
      const whole = Math.max(0, Math.floor((size - 16) / ENTRY))
      // The second half of the header is zero anyway.
      const startOf = (header: number): number => (size < header ? 0 : 16 + whole * ENTRY)
      const cut = bytes.subarray(0, size)
      lost(withLogs({ ...Object.fromEntries(log), [LOG]: cut }), LOG, startOf(16))
      const blank = concat([cut, new Uint8Array(bytes.length + 700 - size)])
      lost(withLogs({ ...Object.fromEntries(log), [LOG]: blank }), LOG, startOf(8))
    }
  })

  it('is cut behind the mark, where no client was surely told', () => {
    const { log } = written(3, 2)
    const bytes = log.get(LOG)!
    for (let size = 16 + 3 * ENTRY; size < bytes.length; size++) {
      const disk = withLogs({ ...Object.fromEntries(log), [LOG]: bytes.subarray(0, size) })
      strictEqual(started(disk).recorder.recoveredTo, z(1, Math.floor((size - 16) / ENTRY)))
    }
  })

  it('says file, offset and what to do', () => {
    const { log } = written(5)
    const bytes = log.get(LOG)!.slice()
    bytes[bytes.length - 30]! ^= 4
    const disk = withLogs({ ...Object.fromEntries(log), [LOG]: bytes })
    throws(
      () => started(disk),
      /log\.100000001 at offset 292: .*synced up to 361.*Restore.*'log\.100000001 292'.*accept-loss/,
    )
  })
})

describe('what the mark knows', () => {
  it('nothing where there is none, or it is damaged in any byte: then the end is torn', () => {
    const { log } = written(5)
    const bytes = log.get(LOG)!
    const cut = bytes.subarray(0, bytes.length - 5)
    const mark = log.get(MARK_NAME)!
    const marks: (Uint8Array | null)[] = [null, new Uint8Array(0), mark.subarray(0, 31)]
    for (let at = 0; at < mark.length; at++) {
      const damaged = mark.slice()
      damaged[at]! ^= 0x11
      marks.push(damaged)
    }
    for (const each of marks) {
      const disk = withLogs({ [LOG]: cut })
      if (each !== null) disk.put('log', MARK_NAME, each)
      strictEqual(started(disk).recorder.recoveredTo, z(1, 4))
    }
  })

  it('less than is true when it is old, never more', () => {
    const { log } = written(3)
    const older = log.get(MARK_NAME)!
    const bytes = written(5).log.get(LOG)!
    const torn = withLogs({ [LOG]: bytes.subarray(0, bytes.length - 5), [MARK_NAME]: older })
    strictEqual(started(torn).recorder.recoveredTo, z(1, 4))
    const damaged = bytes.slice()
    damaged[16 + 2 * ENTRY + 20]! ^= 1
    lost(withLogs({ [LOG]: damaged, [MARK_NAME]: older }), LOG, 16 + 2 * ENTRY)
  })

  it('nothing of a folder in which ZooKeeper has written since', () => {
    const { log } = written(5)
    const disk = withLogs({
      [LOG]: log.get(LOG)!.subarray(0, 16 + 3 * ENTRY),
      'log.200000001': logFile([transaction(z(2, 1), 20)]),
      [MARK_NAME]: log.get(MARK_NAME)!,
    })
    const made = started(disk)
    strictEqual(made.recorder.recoveredTo, z(2, 1))
    append(made.log, z(2, 2), 20)
    settle(made)
    deepStrictEqual(
      readMark(disk).ends.map(({ zxid }) => zxid),
      [z(2, 1), z(2, 2)],
    )
  })

  it('what version 1 said of one file', () => {
    const { log } = written(5)
    const mark = new Uint8Array(
      Buffer.from('524b534d00000001000000010000000100000000000001690000000000000000', 'hex'),
    )
    const sum = Buffer.from(mark)
    let [a, b] = [1, 0]
    for (let i = 0; i < 24; i++) {
      a = (a + mark[i]!) % 65521
      b = (b + a) % 65521
    }
    sum.writeUInt32BE(b * 65536 + a, 28)
    const bytes = log.get(LOG)!
    const files = { [LOG]: bytes.subarray(0, bytes.length - 5), [MARK_NAME]: new Uint8Array(sum) }
    lost(withLogs(files), LOG, 16 + 4 * ENTRY)
  })

  it('goes with what is cut on purpose', () => {
    const { disk, made } = running(5)
    made.log.truncate(z(1, 3))
    strictEqual(started(disk).recorder.recoveredTo, z(1, 3))
    deepStrictEqual(readMark(disk).ends, [{ zxid: z(1, 1), offset: 16 + 3 * ENTRY, last: z(1, 3) }])
  })

  it('is not deceived by a file that a crash left without an entry', () => {
    const { log } = written(3)
    for (const size of [0, 7, 16]) {
      const disk = withLogs(Object.fromEntries(log))
      disk.put('log', 'log.100000004', logFile([]).subarray(0, size))
      strictEqual(started(disk).recorder.recoveredTo, z(1, 3))
      const again = withLogs({ ...Object.fromEntries(log), [LOG]: log.get(LOG)!.subarray(0, 200) })
      again.put('log', 'log.100000004', logFile([]).subarray(0, size))
      lost(again, LOG, 16 + 2 * ENTRY)
    }
  })
})

describe('a log file that is missing', () => {
  const names = ['log.100000001', 'log.200000001', 'log.300000001', 'log.400000001']

  it('is missed between any two, at the end, and at the beginning', () => {
    const { log, snapshot } = inEpochs()
    deepStrictEqual(
      [...log.keys()].filter((name) => names.includes(name)),
      names,
    )
    for (const name of names) {
      const disk = withLogs(Object.fromEntries([...log].filter(([each]) => each !== name)))
      for (const [each, bytes] of snapshot) disk.put('snapshot', each, bytes)
      lost(disk, name, 16)
    }
  })

  it('is missed with what the mark had not heard of before a restart', () => {
    for (const goesOn of [false, true]) {
      const { disk } = running(3, 2)
      const again = started(disk)
      strictEqual(again.recorder.recoveredTo, z(1, 5))
      if (goesOn) append(again.log, z(2, 1), 20)
      settle(again)
      const left = [...disk.contents('log')].filter(([name]) => name !== LOG)
      const without = withLogs(Object.fromEntries(left))
      without.put('snapshot', 'snapshot.100000004', snapshotFile(new Uint8Array(9)))
      lost(without, LOG, 16)
    }
  })

  it('is missed where it is shorter than it was, at an entry as well', () => {
    const { log } = inEpochs()
    for (const name of names) {
      const disk = withLogs(Object.fromEntries(log))
      disk.put('log', name, log.get(name)!.subarray(0, 16 + ENTRY))
      lost(disk, name, 16 + ENTRY)
    }
  })

  it('is not missed when the snapshot holds all of it', () => {
    const { log } = inEpochs()
    const disk = withLogs(Object.fromEntries([...log].filter(([each]) => each > names[1]!)))
    disk.put('snapshot', 'snapshot.200000002', snapshotFile(new Uint8Array(9)))
    strictEqual(started(disk).recorder.recoveredTo, z(4, 2))
  })
})

describe('a loss that the operator accepts', () => {
  it('cuts the log there, once, and what comes after is gone for good', () => {
    const { log } = inEpochs()
    const name = 'log.200000001'
    const damaged = log.get(name)!.slice()
    damaged[16 + ENTRY + 20]! ^= 1
    const disk = withLogs({ ...Object.fromEntries(log), [name]: damaged })
    lost(disk, name, 16 + ENTRY)
    disk.put('log', 'accept-loss', Buffer.from('log.200000001 16\n'))
    lost(disk, name, 16 + ENTRY)
    disk.put('log', 'accept-loss', Buffer.from(`log.200000001 ${16 + ENTRY}\n`))
    const { recorder } = started(disk)
    strictEqual(recorder.recoveredTo, z(2, 1))
    ok(recorder.events.includes('loss-accepted'))
    deepStrictEqual([...disk.contents('log').keys()].sort(), ['log.0', LOG, name, MARK_NAME])
    strictEqual(started(disk).recorder.recoveredTo, z(2, 1))
    append(started(disk).log, z(2, 2), 20)
  })

  it('of a missing file, and of a snapshot, names no offset within', () => {
    const { log } = inEpochs()
    const disk = withLogs(Object.fromEntries([...log].filter(([name]) => name !== 'log.300000001')))
    disk.put('log', 'accept-loss', Buffer.from('log.300000001 16'))
    strictEqual(started(disk).recorder.recoveredTo, z(2, 2))
    const snapshots = new SimulatedDisk()
    writeSnapshot(snapshots, z(1, 1), 1)
    const bytes = snapshotFile(new Uint8Array(50))
    bytes[30]! ^= 1
    snapshots.put('snapshot', 'snapshot.100000009', bytes)
    throws(() => started(snapshots), LossError)
    snapshots.put('log', 'accept-loss', Buffer.from('snapshot.100000009'))
    strictEqual(started(snapshots).recorder.recoveredTo, z(1, 1))
    deepStrictEqual([...snapshots.contents('snapshot').keys()], ['snapshot.100000001'])
  })

  it('leaves what was there or what was to be, at any crash', () => {
    const { log } = inEpochs()
    const damaged = log.get('log.200000001')!.slice()
    damaged[16 + ENTRY + 20]! ^= 1
    let cuts = 0
    for (let cutAt = 1; ; cutAt++) {
      const disk = withLogs({ ...Object.fromEntries(log), 'log.200000001': damaged })
      disk.put('log', 'accept-loss', Buffer.from(`log.200000001 ${16 + ENTRY}\n`))
      disk.cutPowerAt(cutAt)
      try {
        settle(bench(disk))
        break
      } catch {
        ok(disk.dark)
      }
      disk.crash((bound) => cutAt % bound)
      strictEqual(started(disk).recorder.recoveredTo, z(2, 1), `cut at ${cutAt}`)
      cuts++
    }
    ok(cuts > 20, `${cuts} cuts`)
  })
})

/** A log of so many entries that the mark knows of, and some that it does not. */
function running(count: number, unmarked = 0) {
  const disk = new SimulatedDisk()
  const made = started(disk, { preAllocSizeBytes: 0 })
  for (let i = 1; i <= count; i++) append(made.log, z(1, i), 20)
  settle(made)
  later(made)
  for (let i = 1; i <= unmarked; i++) append(made.log, z(1, count + i), 20)
  settle(made)
  return { disk, made }
}

function written(count: number, unmarked = 0): { log: Contents } {
  return { log: running(count, unmarked).disk.contents('log') }
}

/** Four epochs of two entries, a file for each. */
function inEpochs(): Record<(typeof FILES)[number], Contents> {
  const disk = new SimulatedDisk()
  for (let epoch = 1; epoch <= 4; epoch++) {
    const made = started(disk, { preAllocSizeBytes: 0 })
    for (let i = 1; i <= 2; i++) append(made.log, z(epoch, i), 20)
    settle(made)
    made.log.shutdown()
  }
  return { log: disk.contents('log'), snapshot: disk.contents('snapshot') }
}

function withLogs(files: Record<string, Uint8Array>): SimulatedDisk {
  const disk = new SimulatedDisk()
  disk.put('log', 'log.0', logFile([]))
  for (const [name, bytes] of Object.entries(files)) disk.put('log', name, bytes)
  return disk
}

function lost(disk: SimulatedDisk, file: string, offset: number): void {
  const before = FILES.map((folder) => disk.contents(folder))
  const made = bench(disk)
  throws(
    () => settle(made),
    (error: unknown) => {
      ok(error instanceof DamagedError, String(error))
      deepStrictEqual([error.file, error.offset], [file, offset], error.message)
      return true
    },
  )
  strictEqual(made.recorder.recoveredTo, null)
  deepStrictEqual(
    FILES.map((folder) => disk.contents(folder)),
    before,
  )
}
