// Which files no kept snapshot needs (ZooKeeper's PurgeTxnLog, and the same caution).

import type { Zxid } from '../../protocol/zxid.ts'
import { type NamedFile, sortedLogs, sortedSnapshots } from './file-names.ts'
import type { Files, Folder } from './files.ts'
import { looksFinished } from './snapshot-reader.ts'

export const SNAPSHOTS_KEPT_MIN = 3

export interface Removal {
  folder: Folder
  name: string
}

/** What may go, oldest first, so that a purge cut short leaves no hole. Nothing, when there are
 * fewer finished snapshots than are to be kept. */
export function purgeable(files: Files, snapshotsKept: number): Removal[] {
  const count = Math.max(snapshotsKept, SNAPSHOTS_KEPT_MIN)
  const snapshots = sortedSnapshots(files.list('snapshot'))
  let oldestKept: Zxid | null = null
  let finished = 0
  let previous: NamedFile | null = null
  for (const snapshot of snapshots) {
    // The same state written twice, plain and compressed, is one snapshot.
    if (snapshot.zxid === previous?.zxid) continue
    previous = snapshot
    if (snapshot.name.endsWith('.snappy') || !looksFinished(files, snapshot.name)) continue
    finished++
    if (finished < count) continue
    oldestKept = snapshot.zxid
    break
  }
  if (oldestKept === null) return []
  const removals: Removal[] = []
  for (const log of unneededLogs(sortedLogs(files.list('log')), oldestKept)) {
    removals.push({ folder: 'log', name: log.name })
  }
  for (const snapshot of snapshots.reverse()) {
    if (snapshot.zxid < oldestKept) removals.push({ folder: 'snapshot', name: snapshot.name })
  }
  return removals
}

/** All before the last file that begins at or before the snapshot: that one may reach beyond it,
 * and holds its successor unless a file was begun exactly there. */
export function unneededLogs(logs: readonly NamedFile[], snapshot: Zxid): NamedFile[] {
  let needed = 0
  for (let i = 0; i < logs.length; i++) if (logs[i]!.zxid <= snapshot) needed = i
  return logs.slice(0, needed)
}
