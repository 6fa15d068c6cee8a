// What an install and a cut do to the files, once the note about them is durable (unfinished.ts).
// Each can be repeated over whatever a crash left of it.

import { formatZxid, type Zxid } from '../../../protocol/zxid.ts'
import { LossError, REMEDY_RESTORE } from '../files/errors.ts'
import {
  isSnapshotTemporary,
  type NamedFile,
  ORIGIN_NAME,
  snapshotName,
  sortedLogs,
  sortedSnapshots,
} from '../files/file-names.ts'
import type { Files } from '../files/files.ts'
import { HEADER_BYTES, logHeader } from '../files/segment.ts'
import { cutMark, emptyMark } from '../files/synced-mark.ts'
import type { Cut, Unfinished } from '../files/unfinished.ts'
import { loadSnapshot } from './snapshot-reader.ts'

/** The snapshots of this zxid, with and without compression. */
export function snapshotsOf(files: Files, zxid: Zxid): readonly NamedFile[] {
  return sortedSnapshots(files.list('snapshot')).filter((file) => file.zxid === zxid)
}

/** The snapshot of an abandoned install has been written: remove it. Durable on return. */
export function removeAbandoned(files: Files, unfinished: Unfinished, zxid: Zxid): void {
  for (const { name } of snapshotsOf(files, zxid)) files.remove('snapshot', name)
  files.syncFolder('snapshot')
  unfinished.forget(zxid)
}

/** Without a snapshot, a log that begins with epoch 3 may be a whole history or the rest of one.
 * This file, which ZooKeeper takes for an empty log, says that it is whole. The first purge
 * removes it. */
export function writeOrigin(files: Files): void {
  const header = logHeader()
  const file = files.open('log', ORIGIN_NAME, 'write')
  file.write(header, 0, header.length, 0)
  file.sync()
  file.close()
  files.syncFolder('log')
}

/** Leaves only the snapshot of this zxid. */
export function keepOnly(files: Files, zxid: Zxid): void {
  emptyMark(files, zxid)
  // Newest first, so that ZooKeeper, started on what a crash left, finds no hole.
  for (const log of sortedLogs(files.list('log')).reverse()) files.remove('log', log.name)
  files.syncFolder('log')
  for (const snapshot of sortedSnapshots(files.list('snapshot'))) {
    if (snapshot.zxid !== zxid) files.remove('snapshot', snapshot.name)
  }
  files.syncFolder('snapshot')
}

/** Leaves no entry and no snapshot after the cut. */
export function carryOut(files: Files, cut: Cut): void {
  cutMark(files, cut)
  const place = cut.name === null ? undefined : sortedLogs([cut.name])[0]
  if (place !== undefined) cutLogs(files, place, cut.offset)
  files.syncFolder('log')
  for (const snapshot of sortedSnapshots(files.list('snapshot'))) {
    if (snapshot.zxid > cut.zxid) files.remove('snapshot', snapshot.name)
  }
  files.syncFolder('snapshot')
}

/** Finishes what the last process could not. A snapshot that was to replace everything is read
 * first: what it replaces may all still be there. */
export function* finish(files: Files, unfinished: Unfinished): Generator<void, void, void> {
  unfinished.read()
  const step = unfinished.step
  if (step?.kind === 'cut') carryOut(files, step.cut)
  if (step?.kind === 'install') {
    yield* refuseUnsound(files, step.zxid)
    keepOnly(files, step.zxid)
  }
  unfinished.end()
}

/** At a start nobody is writing snapshots: a half-written one is worthless, and one for an install
 * came too late. Returns the names of the latter. */
export function removeForeign(files: Files, unfinished: Unfinished): string[] {
  const { foreign } = unfinished
  for (const name of files.list('snapshot')) {
    if (isSnapshotTemporary(name)) files.remove('snapshot', name)
  }
  if (foreign.size === 0) return []
  const late = sortedSnapshots(files.list('snapshot')).filter(({ zxid }) => foreign.has(zxid))
  for (const { name } of late) files.remove('snapshot', name)
  files.syncFolder('snapshot')
  unfinished.clear()
  return late.map(({ name }) => name)
}

function cutLogs(files: Files, place: NamedFile, offset: number): void {
  const whole = offset <= HEADER_BYTES
  for (const log of sortedLogs(files.list('log')).reverse()) {
    const goes = log.zxid > place.zxid || (whole && log.name === place.name)
    if (goes && log.name !== ORIGIN_NAME) files.remove('log', log.name)
  }
  if (whole) return
  const file = files.open('log', place.name, 'write')
  try {
    if (file.size() > offset) file.truncate(offset)
    file.sync()
  } finally {
    file.close()
  }
}

function* refuseUnsound(files: Files, zxid: Zxid): Generator<void, void, void> {
  const nobody = { snapshotBegin: ignore, snapshotPiece: ignore, snapshotEnd: ignore }
  let problem = 'it is missing'
  for (const snapshot of snapshotsOf(files, zxid)) {
    const trial = yield* loadSnapshot(files, snapshot, nobody)
    if (trial.outcome === 'loaded') return
    problem = trial.detail
  }
  throw new LossError(
    snapshotName(zxid, ''),
    -1,
    `the snapshot at ${formatZxid(zxid)} was to replace all older files, and now ${problem}`,
    REMEDY_RESTORE,
  )
}

function ignore(): void {}
