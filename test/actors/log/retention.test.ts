// Which old files stay: so many bytes of logs, those of so long a time, and the snapshots that they continue.

import { deepStrictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { purgeable } from '../../../actors/log/purge.ts'
import { beyondRetention } from '../../../actors/log/retention.ts'
import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { OpCode } from '../../../protocol/op-code.ts'
import { SESSION_NONE } from '../../../protocol/session-id.ts'
import { writeTxnHeader } from '../../../protocol/txn.ts'
import { SimulatedDisk } from '../../simulator/world/disk.ts'
import { logFile, snapshotFile, z } from './bench.ts'

const HOUR_MS = 3_600_000
const NOW_MS = 1_800_000_000_000
const FILE_BYTES = 1000

/** One that was made so many hours ago. */
function transaction(counter: number, hoursAgo: number): Uint8Array {
  const writer = new JuteWriter()
  const timeMs = NOW_MS - hoursAgo * HOUR_MS
  const header = { sessionId: SESSION_NONE, cxid: 1, zxid: z(1, counter), timeMs }
  writeTxnHeader(writer, { ...header, type: OpCode.error })
  writer.int(-101)
  return writer.finish()
}

/** A log of 1000 bytes for each of the last nine hours, and a snapshot at the end of each. */
function filled(): SimulatedDisk {
  const disk = new SimulatedDisk()
  for (let i = 1; i <= 9; i++) {
    const bytes = new Uint8Array(FILE_BYTES)
    bytes.set(logFile([transaction(i * 10 + 1, 10 - i)]))
    disk.put('log', `log.1${(i * 10 + 1).toString(16).padStart(8, '0')}`, bytes)
    const name = `snapshot.1${(i * 10 + 10).toString(16).padStart(8, '0')}`
    disk.put('snapshot', name, snapshotFile(Uint8Array.of(i)))
  }
  return disk
}

/** By their numbers, logs and snapshots. */
function gone(logRetentionBytes: number, logRetentionMs: number): string {
  const disk = filled()
  const all = purgeable(disk, 3, new Set())
  const removals = beyondRetention(disk, all, { logRetentionBytes, logRetentionMs }, NOW_MS)
  const numbers = (folder: string): string =>
    removals
      .filter((removal) => removal.folder === folder)
      .map(({ name }) => Math.floor((Number.parseInt(name.slice(-8), 16) - 1) / 10))
      .join('')
  return `${numbers('log')} ${numbers('snapshot')}`
}

describe('old files', () => {
  const TABLE: readonly (readonly [what: string, bytes: number, ms: number, gone: string])[] = [
    ['go if nothing else is said', 0, 0, '123456 123456'],
    ['stay up to a size', 2 * FILE_BYTES, 0, '1234 123'],
    ['stay up to a size that is not reached', 3 * FILE_BYTES - 1, 0, '1234 123'],
    ['all stay', 100 * FILE_BYTES, 0, ''],
    // The log of hour 5 ends where that of hour 6 begins, four hours ago.
    ['stay for a time', 0, 4 * HOUR_MS, '1234 123'],
    ['stay for a time, or up to a size', 4 * FILE_BYTES, 4 * HOUR_MS, '12 1'],
    ['stay for a time, whatever their size', FILE_BYTES, 6 * HOUR_MS, '12 1'],
  ]
  for (const [what, bytes, ms, expected] of TABLE) {
    test(what, () => deepStrictEqual(gone(bytes, ms).trim(), expected))
  }
})
