// What does an entry cost before the disk, and a batch on it? One JSON line.
//
//   node dist/perf/log-append.js [folder]       default: a temporary folder

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EntryBuffer } from '../actors/log/files/segment.ts'
import { Log } from '../actors/log/log.ts'
import type { LogHooks, LogOptions } from '../actors/log/options.ts'
import { ZXID_NONE, type Zxid, zxidOf } from '../protocol/zxid.ts'
import { openFolders } from '../runtime/disk/files.ts'

const ENTRIES = 200_000
const ENTRY_BYTES = 150
const BATCHES = 3000

const OPTIONS: LogOptions = {
  entryBytesMax: 2 * 1024 * 1024,
  batchBytesMax: 1024 * 1024,
  preAllocSizeBytes: 64 * 1024 * 1024,
  txnLogSizeLimitBytes: -1,
  snapCount: 1e9,
  snapSizeLimitBytes: -1,
  snapshotTrustEmpty: false,
  forceSync: true,
  fsyncWarningThresholdMs: 1000,
  purge: false,
  snapRetainCount: 3,
  logRetentionBytes: 0,
  logRetentionMs: 0,
  ensemble: false,
  rejoins: false,
  commitLogCount: 0,
  pieceBytesMax: 256 * 1024,
  nearBytesMax: 16 * 1024 * 1024,
  snapshotSizeFactor: 0.33,
  heldBytesMax: 2 ** 32,
}

function encodeNs(): number {
  const payload = Uint8Array.from({ length: ENTRY_BYTES }, (_, i) => (i * 31) & 255)
  const buffer = new EntryBuffer(64 * 1024)
  let best = Infinity
  for (let round = 0; round < 5; round++) {
    const before = performance.now()
    for (let i = 0; i < ENTRIES; i++) {
      if (buffer.length > 60_000) buffer.reset()
      buffer.add(payload, 0, ENTRY_BYTES)
    }
    best = Math.min(best, ((performance.now() - before) * 1e6) / ENTRIES)
  }
  return Math.round(best)
}

function recoveredLog(folder: string): { log: Log; replayed: () => number } {
  const files = openFolders({ dataLogDir: folder, dataDir: folder, datadirAutocreate: true })
  const nothing = (): void => undefined
  const gauge = { set: nothing, add: nothing }
  const meter = { observe: nothing }
  const hooks: LogHooks = {
    log: nothing,
    stopwatchMs: () => performance.now(),
    random: (bound) => bound - 1,
    gauges: {
      ...{ appended: gauge, syncs: gauge, bytesWritten: gauge, syncMicros: gauge },
      ...{ fsyncTime: meter, batchSize: meter },
    },
  }
  let replayed = 0
  const tree = {
    loading: () => undefined,
    snapshotBegin: nothing,
    snapshotPiece: nothing,
    snapshotEnd: nothing,
    replay: () => {
      replayed++
    },
    recovered: nothing,
    snapshotWanted: nothing,
    snapshotDue: nothing,
    snapshotNow: nothing,
    fenced: nothing,
    committed: nothing,
  }
  const zab = {
    synced: nothing,
    epochs: nothing,
    recalled: nothing,
    epochSaved: nothing,
    truncated: nothing,
    installed: nothing,
    damaged: nothing,
    fenced: nothing,
    readBegun: nothing,
    pieceRead: nothing,
    entriesRead: nothing,
    readFailed: nothing,
  }
  const clock = { nowMs: 0, wallMs: 0 }
  const log = new Log(OPTIONS, files, clock, { zab, tree }, hooks)
  while (log.endTurn());
  return { log, replayed: () => replayed }
}

/** Microseconds a turn of so many entries takes; idle turns between them, as on a quiet server. */
function appendMicros(folder: string, entriesABatch: number): Record<string, number> {
  const { log } = recoveredLog(folder)
  const payload = new Uint8Array(ENTRY_BYTES)
  const view = new DataView(payload.buffer)
  const times: number[] = []
  let zxid: Zxid = ZXID_NONE
  for (let batch = 0; batch < BATCHES; batch++) {
    const before = performance.now()
    for (let i = 0; i < entriesABatch; i++) {
      zxid = zxidOf(1, batch * entriesABatch + i + 1)
      view.setInt32(12, 1)
      view.setInt32(16, batch * entriesABatch + i + 1)
      log.append(zxid, payload, 0, ENTRY_BYTES)
    }
    log.endTurn()
    times.push((performance.now() - before) * 1000)
    while (log.endTurn());
  }
  times.sort((a, b) => a - b)
  const at = (share: number): number => Math.round(times[Math.floor(BATCHES * share)] ?? 0)
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1 - 1 / BATCHES) }
}

const root = mkdtempSync(join(process.argv[2] ?? tmpdir(), 'ringkeeper-perf-'))
const results: Record<string, unknown> = { node: process.version, encodeNs: encodeNs() }
for (const entries of [1, 10, 100]) {
  results[`micros${entries}`] = appendMicros(mkdtempSync(join(root, 'a-')), entries)
}
const folder = mkdtempSync(join(root, 'r-'))
appendMicros(folder, 100)
const before = performance.now()
const { replayed } = recoveredLog(folder)
results['recovered'] = { entries: replayed(), ms: Math.round(performance.now() - before) }
rmSync(root, { recursive: true })
console.log(JSON.stringify(results))
