// Which files no kept snapshot needs (ZooKeeper's PurgeTxnLog, with the same caution).

import { SNAPSHOTS_KEPT_MIN } from '../../protocol/limits.ts'
import type { Zxid } from '../../protocol/zxid.ts'
import { type NamedFile, sortedLogs, sortedSnapshots } from './files/file-names.ts'
import type { Files, Folder, OpenFile } from './files/files.ts'
import { SHRINK_BYTES, Spares } from './files/spare.ts'
import type { ZxidSet } from './files/unfinished.ts'
import { looksFinished } from './recovery/snapshot-reader.ts'

/** What a file is called while it is being removed. Nobody reads such a name. */
const PURGED_PREFIX = 'purged.'

export interface Removal {
  folder: Folder
  name: string
}

/** Removes files, or keeps them to be used again, in steps short enough to come between two syncs.
 * Of a file that has a second name only our name is removed, and its content stays as it was. */
export class Purge {
  readonly spares: Spares
  readonly #files: Files
  readonly #isHeld: (removal: Removal) => boolean
  #removals: Removal[] = []
  #current: { folder: Folder; name: string; file: OpenFile; size: number } | null = null

  /** `spareLogBytesMax`: see spare.ts. `isHeld`: whether somebody still reads the file. */
  constructor(
    files: Files,
    spareLogBytesMax: number,
    isHeld: (removal: Removal) => boolean = () => false,
  ) {
    this.#files = files
    this.#isHeld = isHeld
    this.spares = new Spares(files, spareLogBytesMax)
  }

  get pending(): boolean {
    return this.#current !== null || this.#removals.length > 0 || this.spares.pending
  }

  /** What is to go now. What a crash left half removed goes first. */
  begin(removals: readonly Removal[]): void {
    this.spares.begin()
    const left: Removal[] = []
    for (const folder of ['log', 'snapshot'] as const) {
      for (const name of this.#files.list(folder)) {
        if (name.startsWith(PURGED_PREFIX)) left.push({ folder, name })
      }
    }
    this.#removals = [...left.filter(({ name }) => name !== this.#current?.name), ...removals]
  }

  /** One step. The name of the file that it began to remove, or null. */
  step(): string | null {
    if (this.#current !== null) {
      this.#shrink(this.#current)
      return null
    }
    const removal = this.#removals.shift()
    if (removal === undefined) {
      this.spares.step()
      return null
    }
    // A later purge may remove it.
    if (this.#isHeld(removal)) return null
    const { folder, name } = removal
    if (name.startsWith(PURGED_PREFIX)) {
      this.#open(folder, name)
      return null
    }
    if (this.#files.isShared(folder, name)) {
      this.#files.remove(folder, name)
      this.#files.syncFolder(folder)
    } else if (!this.spares.keep(folder, name)) {
      const purged = PURGED_PREFIX + name
      this.#files.rename(folder, name, purged)
      // One after the other. If a file were gone while an older one comes back after a crash, the
      // hole could lie between two epochs, where nobody would see it.
      this.#files.syncFolder(folder)
      this.#open(folder, purged)
    }
    return name
  }

  /** Forgets what was to go. The next snapshot tries again. */
  abandon(): void {
    const current = this.#current
    this.#removals = []
    this.#current = null
    current?.file.close()
    this.spares.abandon()
  }

  /** Begins to shrink the file. */
  #open(folder: Folder, name: string): void {
    const file = this.#files.open(folder, name, 'write')
    this.#current = { folder, name, file, size: file.size() }
  }

  #shrink(current: { folder: Folder; name: string; file: OpenFile; size: number }): void {
    if (current.size > SHRINK_BYTES) {
      current.size -= SHRINK_BYTES
      current.file.truncate(current.size)
      return
    }
    this.#current = null
    current.file.close()
    this.#files.remove(current.folder, current.name)
  }
}

/** What may go, oldest first, and a snapshot before the logs behind it. So a purge that is cut
 * short leaves no snapshot whose log begins later, and a cut never starts from one. Nothing may go
 * if there are fewer finished snapshots than are to be kept. `foreign` snapshots do not count. */
export function purgeable(files: Files, snapshotsKept: number, foreign: ZxidSet): Removal[] {
  const count = Math.max(snapshotsKept, SNAPSHOTS_KEPT_MIN)
  const snapshots = sortedSnapshots(files.list('snapshot')).filter(({ zxid }) => !foreign.has(zxid))
  let oldestKept: Zxid | null = null
  let finished = 0
  let previous: NamedFile | null = null
  for (const snapshot of snapshots) {
    // The same state in two files, plain and compressed, is one snapshot.
    if (snapshot.zxid === previous?.zxid) continue
    previous = snapshot
    if (!looksFinished(files, snapshot.name)) continue
    finished++
    if (finished < count) continue
    oldestKept = snapshot.zxid
    break
  }
  if (oldestKept === null) return []
  const removals: Removal[] = []
  for (const snapshot of snapshots.reverse()) {
    if (snapshot.zxid < oldestKept) removals.push({ folder: 'snapshot', name: snapshot.name })
  }
  for (const log of unneededLogs(sortedLogs(files.list('log')), oldestKept)) {
    removals.push({ folder: 'log', name: log.name })
  }
  return removals
}

/** All logs before the last one that begins at or before the snapshot. That one may reach beyond
 * it, and holds its successor unless a file was begun exactly there. */
export function unneededLogs(logs: readonly NamedFile[], snapshot: Zxid): NamedFile[] {
  let needed = 0
  for (let i = 0; i < logs.length; i++) if (logs[i]!.zxid <= snapshot) needed = i
  return logs.slice(0, needed)
}
