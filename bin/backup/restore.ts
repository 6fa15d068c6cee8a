// Makes a data folder that holds what another one, or a backup, held after one transaction: a snapshot from before
// it, and the logs behind that, cut after it.
//
// For an ensemble the epoch files get an epoch that nobody has had. So members that were restored outvote those
// that were not, whose history is longer.

import { closeSync, existsSync, fsyncSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { logsOf } from '../../actors/log/files/entry-reader.ts'
import { EPOCH_NAMES, epochBytes, readEpoch } from '../../actors/log/files/epoch-files.ts'
import { ORIGIN_NAME, sortedSnapshots } from '../../actors/log/files/file-names.ts'
import { LogScanner } from '../../actors/log/files/log-scanner.ts'
import { logHeader, PREFIX_BYTES } from '../../actors/log/files/segment.ts'
import { JuteReader } from '../../protocol/bytes/jute-reader.ts'
import { EPOCH } from '../../protocol/quorum/ranges.ts'
import { readTxnHeader } from '../../protocol/txn.ts'
import {
  belowZxid,
  epochOf,
  follows,
  formatZxid,
  ZXID_NONE,
  ZXID_ZERO,
  type Zxid,
} from '../../protocol/zxid.ts'
import { NodeFiles } from '../../runtime/disk/files.ts'
import { snapshotItems } from '../../runtime/disk/snapshot-items.ts'
import { tryStart } from '../../runtime/disk/trial.ts'
import { txnText } from '../../runtime/disk/txn-text.ts'
import { ToolError } from '../tools/output.ts'
import { beginReplacement, replace, versionFolder } from './folders.ts'

const ENTRY_BYTES_MAX = 2 ** 30
const EPOCHS = ['accepted', 'current'] as const
const UNDONE_SHOWN_MAX = 20

export type Moment = { readonly zxid: Zxid } | { readonly timeMs: number } | 'latest'

export interface Plan {
  readonly source: NodeFiles
  /** The name of the snapshot to begin with; null: the log reaches back to the first transaction. */
  readonly snapshot: string | null
  readonly snapshotZxid: Zxid
  /** The last transaction that is kept, and its leader's clock; 0 if it is not in a log. */
  readonly lastZxid: Zxid
  readonly lastTimeMs: number
  /** How many later transactions the source holds, and the first of them as text. */
  readonly undone: number
  readonly undoneTexts: readonly string[]
  /** Null for a standalone server. */
  readonly epoch: number | null
}

/** What would be restored. Throws ToolError. */
export async function planRestore(source: NodeFiles, moment: Moment): Promise<Plan> {
  const found = scan(source, moment)
  const { snapshot, zxid: snapshotZxid } = await snapshotFor(source, found.lastZxid)
  const lastZxid = found.lastZxid === ZXID_NONE ? snapshotZxid : found.lastZxid
  if (typeof moment === 'object' && 'zxid' in moment && lastZxid !== moment.zxid) {
    throw new ToolError(
      `${formatZxid(moment.zxid)} is not there: the nearest before it is ${formatZxid(lastZxid)}`,
      1,
    )
  }
  return {
    source,
    snapshot,
    snapshotZxid,
    epoch: nextEpoch(source, found.newest),
    ...found,
    lastZxid,
  }
}

interface Scanned {
  readonly lastZxid: Zxid
  readonly lastTimeMs: number
  readonly newest: Zxid
  readonly undone: number
  readonly undoneTexts: readonly string[]
}

/** Looks through all logs: where the moment is, and what comes after it. */
function scan(source: NodeFiles, moment: Moment): Scanned {
  let [lastZxid, lastTimeMs, newest, undone] = [ZXID_NONE, 0, ZXID_NONE, 0]
  let isAfter = false
  const undoneTexts: string[] = []
  for (const { zxid, timeMs, text } of transactions(source)) {
    newest = zxid > newest ? zxid : newest
    isAfter ||=
      moment !== 'latest' && ('zxid' in moment ? zxid > moment.zxid : timeMs > moment.timeMs)
    if (isAfter) {
      undone++
      if (undoneTexts.length < UNDONE_SHOWN_MAX) undoneTexts.push(text())
    } else {
      lastZxid = zxid
      lastTimeMs = timeMs
    }
  }
  const snapshots = sortedSnapshots(source.list('snapshot'))
  for (const { zxid } of snapshots) if (zxid > newest) newest = zxid
  if (typeof moment === 'object' && 'zxid' in moment) {
    // It may be the last one of a snapshot whose log is gone.
    const isNamed = snapshots.some(({ zxid }) => zxid === moment.zxid)
    if (isNamed && lastZxid !== moment.zxid) lastZxid = moment.zxid
  }
  return { lastZxid, lastTimeMs, newest, undone, undoneTexts }
}

function* transactions(
  source: NodeFiles,
): Generator<{ zxid: Zxid; timeMs: number; text: () => string }> {
  let previous = ZXID_NONE
  for (const { name } of logsOf(source)) {
    const file = source.open('log', name, 'read')
    try {
      const scanner = new LogScanner(name, file, ENTRY_BYTES_MAX)
      if (scanner.header() !== 'valid') continue
      while (scanner.next() === 'entry') {
        if (scanner.zxid <= previous) continue
        previous = scanner.zxid
        const { bytes, start, end, zxid } = scanner
        const { timeMs } = readTxnHeader(new JuteReader(bytes, start, end))
        const text = (): string => txnText(bytes, start, end, (ms) => new Date(ms).toISOString())
        yield { zxid, timeMs, text }
      }
    } finally {
      file.close()
    }
  }
}

/** The newest sound snapshot that holds nothing later. ZooKeeper writes snapshots while it works, so one may hold
 * changes that came after the zxid in its name. */
async function snapshotFor(
  source: NodeFiles,
  lastZxid: Zxid,
): Promise<{ snapshot: string | null; zxid: Zxid }> {
  for (const { name, zxid } of sortedSnapshots(source.list('snapshot'))) {
    if (lastZxid !== ZXID_NONE && zxid > lastZxid) continue
    try {
      const newest = await newestIn(source.path('snapshot', name))
      if (newest > BigInt(lastZxid === ZXID_NONE ? zxid : lastZxid)) continue
      return { snapshot: name, zxid }
    } catch (error) {
      process.stderr.write(`passed over: ${error instanceof Error ? error.message : error}\n`)
    }
  }
  const first = logsOf(source)[0]?.zxid
  const isWhole = first === 1 || source.list('log').includes(ORIGIN_NAME)
  if (lastZxid !== ZXID_NONE && first !== undefined && isWhole)
    return { snapshot: null, zxid: ZXID_ZERO }
  throw new ToolError(
    'no sound snapshot is old enough, and the logs do not reach back far enough',
    1,
  )
}

async function newestIn(path: string): Promise<bigint> {
  let newest = 0n
  for await (const item of snapshotItems(path)) {
    if (item.kind !== 'node') continue
    const { czxid, mzxid, pzxid } = item.stat
    for (const zxid of [czxid, mzxid, pzxid]) if (zxid > newest) newest = zxid
  }
  return newest
}

/** One that nobody has had, as far as the source shows; null if it is no member's. Throws ToolError if there is
 * none left, LossError for a damaged file. */
function nextEpoch(source: NodeFiles, newest: Zxid): number | null {
  const epochs = EPOCHS.map((which) => readEpoch(source, which)).filter((epoch) => epoch !== null)
  return epochs.length === 0 ? null : Math.max(...epochs, epochOf(newest)) + 1
}

/** Puts what the plan says in place of what is there. `epochAbove`: epochs that the old data has seen. Throws
 * ToolError, and then the old data is as it was. */
export async function restore(
  plan: Plan,
  { dataDir, dataLogDir }: { dataDir: string; dataLogDir: string },
): Promise<void> {
  const folders = [...new Set([dataLogDir, dataDir])]
  const fresh = beginReplacement(folders)
  const [log = ''] = fresh
  const snapshots = fresh.at(-1) ?? log
  const { source, snapshot, lastZxid } = plan
  if (snapshot !== null)
    await copySynced(source.path('snapshot', snapshot), join(snapshots, snapshot))
  else writeSynced(join(log, ORIGIN_NAME), logHeader())
  copyLogs(plan, log)
  if (plan.epoch !== null) {
    const epoch = Math.max(plan.epoch, epochAfter(dataDir))
    if (epoch > EPOCH.max) throw new ToolError('there is no epoch left', 1)
    for (const which of EPOCHS) {
      writeSynced(join(snapshots, EPOCH_NAMES[which]), epochBytes(which, epoch))
    }
  }
  const found = tryStart(new NodeFiles(log, snapshots), Number.MAX_SAFE_INTEGER as Zxid, NO_TREE)
  if (found.lastZxid !== lastZxid) {
    throw new ToolError(
      `a start would find ${formatZxid(found.lastZxid)}, not ${formatZxid(lastZxid)}; nothing was changed`,
      1,
    )
  }
  replace(folders)
}

function copyLogs({ source, snapshotZxid, lastZxid }: Plan, into: string): void {
  const logs = logsOf(source)
  const needed = logs.findLastIndex(({ zxid }) => zxid <= snapshotZxid + 1)
  for (const { name, zxid } of logs.slice(Math.max(0, needed))) {
    if (zxid > lastZxid) break
    copyLog(source, name, join(into, name), lastZxid)
  }
}

function copyLog(source: NodeFiles, name: string, to: string, lastZxid: Zxid): void {
  const file = source.open('log', name, 'read')
  const target = openSync(to, 'wx')
  try {
    const scanner = new LogScanner(name, file, ENTRY_BYTES_MAX)
    writeSync(target, logHeader())
    if (scanner.header() !== 'valid') return
    let previous = belowZxid(ZXID_ZERO)
    while (scanner.next() === 'entry' && scanner.zxid <= lastZxid) {
      if (previous > ZXID_ZERO && scanner.zxid > previous && !follows(previous, scanner.zxid)) {
        throw new ToolError(`${name}: a hole behind ${formatZxid(previous)}`, 1)
      }
      previous = scanner.zxid
      writeAll(target, scanner.bytes.subarray(scanner.start - PREFIX_BYTES, scanner.end + 1))
    }
    fsyncSync(target)
  } finally {
    file.close()
    closeSync(target)
  }
}

/** The first epoch that the data to be replaced has not seen. */
function epochAfter(dataDir: string): number {
  const folder = versionFolder(dataDir)
  if (!existsSync(folder)) return 0
  const files = new NodeFiles(folder, folder)
  return Math.max(0, ...EPOCHS.map((which) => readEpoch(files, which) ?? -1)) + 1
}

async function copySynced(from: string, to: string): Promise<void> {
  await copyFile(from, to)
  syncFile(to)
}

function writeSynced(path: string, bytes: Uint8Array): void {
  writeFileSync(path, bytes)
  syncFile(path)
}

function syncFile(path: string): void {
  const descriptor = openSync(path, 'r')
  fsyncSync(descriptor)
  closeSync(descriptor)
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(descriptor, bytes, done, bytes.length - done)
  }
}

const NO_TREE = {
  snapshotBegin: () => undefined,
  snapshotPiece: () => undefined,
  snapshotEnd: () => undefined,
  replay: () => undefined,
}
