// A data folder: whether a server would start with it, and with what; every snapshot and log, not only those that
// the next start needs. It is read by the log's own readers, and nothing is written.

import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { readDamaged } from '../../actors/log/files/damaged-note.ts'
import { readEpoch } from '../../actors/log/files/epoch-files.ts'
import { DamagedError, DiskError } from '../../actors/log/files/errors.ts'
import {
  isLogName,
  isSnapshotName,
  type NamedFile,
  ORIGIN_NAME,
  sortedLogs,
  sortedSnapshots,
} from '../../actors/log/files/file-names.ts'
import { LogScanner } from '../../actors/log/files/log-scanner.ts'
import { follows, formatZxid, hexOf, ZXID_NONE, type Zxid } from '../../protocol/zxid.ts'
import { NodeFiles } from '../../runtime/disk/files.ts'
import { snapshotItems } from '../../runtime/disk/snapshot-items.ts'
import { tryStart } from '../../runtime/disk/trial.ts'
import { Progress } from '../tools/output.ts'
import type { Report } from './finding.ts'

const VERSION_FOLDER = 'version-2'
const ENTRY_BYTES_MAX = 2 ** 30

export interface DataFolders {
  readonly dataDir: string
  readonly dataLogDir: string
}

export async function checkData(
  { dataDir, dataLogDir }: DataFolders,
  report: Report,
): Promise<void> {
  const snapshots = join(dataDir, VERSION_FOLDER)
  const logs = join(dataLogDir, VERSION_FOLDER)
  for (const folder of new Set([snapshots, logs])) {
    if (existsSync(folder)) continue
    report.note(`${folder} is not there yet: the server begins empty, or fetches the tree`)
    return
  }
  const files = new NodeFiles(logs, snapshots)
  checkPlaces(files, snapshots, logs, report)
  checkOwners(new Set([snapshots, logs]), report)
  await checkSnapshots(files, snapshots, report)
  checkLogs(files, report)
  checkEpochs(files, report)
  checkStart(files, report)
}

function checkPlaces(files: NodeFiles, snapshots: string, logs: string, report: Report): void {
  if (snapshots === logs) return
  const strayLogs = files.list('snapshot').filter(isLogName)
  const straySnapshots = files.list('log').filter(isSnapshotName)
  if (strayLogs.length + straySnapshots.length === 0) return
  report.stops(
    `${[...strayLogs, ...straySnapshots].join(', ')} are in the other's folder`,
    'dataDir and dataLogDir were swapped, or one of them was set later. Move the files.',
  )
}

function checkOwners(folders: ReadonlySet<string>, report: Report): void {
  for (const folder of folders) {
    const owner = statSync(folder).uid
    const others = readdirSync(folder).filter((name) => {
      const path = join(folder, name)
      return existsSync(path) && statSync(path).uid !== owner
    })
    if (others.length === 0) continue
    report.danger(
      `${others.slice(0, 3).join(', ')} in ${folder} belong to another user than the folder`,
      'A server of that user cannot remove or cut them: chown the whole folder.',
    )
  }
}

async function checkSnapshots(files: NodeFiles, folder: string, report: Report): Promise<void> {
  let sound = 0
  for (const { name } of sortedSnapshots(files.list('snapshot'))) {
    const path = join(folder, name)
    const progress = new Progress(name, statSync(path).size)
    let nodes = 0
    try {
      for await (const item of snapshotItems(path, (count) => progress.add(count))) {
        if (item.kind === 'node') nodes++
      }
      sound++
      report.fact(`${name}: ${nodes} nodes, ${statSync(path).size} bytes, sound`)
    } catch (error) {
      report.danger(
        error instanceof Error ? error.message : String(error),
        'An older snapshot and the log do instead, if they are whole: see below.',
      )
    }
  }
  if (sound === 1) {
    report.note('only one snapshot is sound', 'It is all there is if the disk loses a page of it.')
  }
}

function checkLogs(files: NodeFiles, report: Report): void {
  const logs = sortedLogs(files.list('log')).filter(({ name }) => name !== ORIGIN_NAME)
  let last: Zxid = ZXID_NONE
  for (const [i, log] of logs.entries())
    last = checkLog(files, log, i === logs.length - 1, last, report)
}

/** The last zxid that was read. */
function checkLog(
  files: NodeFiles,
  { name }: NamedFile,
  isLast: boolean,
  before: Zxid,
  report: Report,
): Zxid {
  const file = files.open('log', name, 'read')
  let last = before
  let count = 0
  try {
    const scanner = new LogScanner(name, file, ENTRY_BYTES_MAX)
    if (scanner.header() !== 'valid') {
      if (!scanner.hasNoEntry() || !isLast) report.danger(`${name}: this is no transaction log`)
      return last
    }
    const progress = new Progress(name, scanner.size)
    for (let from = scanner.offset; scanner.next() === 'entry'; from = scanner.offset) {
      if (last !== ZXID_NONE && scanner.zxid > last && !follows(last, scanner.zxid)) {
        report.danger(
          `${name} at offset ${from}: ${formatZxid(scanner.zxid)} stands after ${formatZxid(last)}: a hole in the log`,
          'What a start says below counts. Without a snapshot beyond the hole, restore the missing file from a copy.',
        )
      }
      if (scanner.zxid > last) last = scanner.zxid
      count++
      progress.add(scanner.offset - from)
    }
    const next = scanner.entryFrom(scanner.offset, last)
    if (next >= 0) {
      report.danger(
        `${name} at offset ${scanner.offset}: damaged, and a whole entry follows at ${next}`,
        'docs/data.md, Damage, says what a start does about it.',
      )
    } else if (isLast && scanner.nonZeroFrom(scanner.offset) >= 0) {
      report.note(
        `${name} ends in an entry that is cut short, at ${scanner.offset}: a start cuts it off`,
      )
    }
    report.fact(`${name}: ${count} transactions, up to ${formatZxid(last)}`)
  } finally {
    file.close()
  }
  return last
}

function checkEpochs(files: NodeFiles, report: Report): void {
  const values = (['accepted', 'current'] as const).map((which) => {
    try {
      return readEpoch(files, which)
    } catch (error) {
      if (!(error instanceof DamagedError)) throw error
      report.stops(error.message)
      return null
    }
  })
  const [accepted, current] = values
  if (typeof accepted !== 'number' || typeof current !== 'number') return
  report.fact(`epochs: accepted ${accepted}, current ${current}`)
  if (accepted >= current) return
  report.stops(
    `acceptedEpoch ${accepted} is less than currentEpoch ${current}`,
    'The files are of different times: restore both, or move the folder away and let the member fetch the tree.',
  )
}

/** What a start would find. */
function checkStart(files: NodeFiles, report: Report): void {
  const upTo = Number.MAX_SAFE_INTEGER as Zxid
  try {
    const damaged = readDamaged(files)
    if (damaged !== null) throw damaged
    const found = tryStart(files, upTo, NO_TREE, (_, event, fields) => {
      if (event === 'snapshot-unusable') report.note(`a start passes over ${fields['file']}`)
    })
    const { snapshotZxid, replayedCount } = found
    const from = snapshotZxid === ZXID_NONE ? 'no snapshot' : `snapshot.${hexOf(snapshotZxid)}`
    report.fact(
      found.fresh
        ? 'a start begins empty'
        : `a start finds ${formatZxid(found.lastZxid)}: ${from}, and ${replayedCount} transactions`,
    )
  } catch (error) {
    if (!(error instanceof DamagedError || error instanceof DiskError)) throw error
    report.stops(`a start is refused: ${error.message}`)
  }
}

const NO_TREE = {
  snapshotBegin: () => undefined,
  snapshotPiece: () => undefined,
  snapshotEnd: () => undefined,
  replay: () => undefined,
}
