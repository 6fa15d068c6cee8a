// Whether the data is still where a restart would look for it. A server that writes to removed
// files or in renamed folders does not notice. So the log's host looks after its data about once a
// second.
//
// A folder must be the one that was opened. It must hold everything that the next start needs and
// that it held at the last look (the newest snapshot, and the logs from there on), except what the
// server itself removed. A folder is listed only when it has changed, and then once more, to see
// changes within the same tick of the system's clock. A log that is being written must still have
// its name: it may have been made and lost between two looks. Folders are kept open so that they
// can be compared: some file systems number a file afresh each time they meet it, but not while it
// is open.

import { fstatSync, openSync, readdirSync, type Stats, statSync } from 'node:fs'
import { isLogName, sortedLogs, sortedSnapshots } from '../../actors/log/files/file-names.ts'

interface Watched {
  readonly path: string
  readonly descriptor: number
}

interface WatchedFolder extends Watched {
  changedMs: number
  listAgain: boolean
  names: ReadonlySet<string>
}

export class DataWatch {
  readonly #folders: readonly WatchedFolder[]
  readonly #files: readonly Watched[]
  readonly #removed: Set<string> = new Set()
  /** Descriptors of files that are being written, and their names. */
  readonly #written: Map<number, string> = new Map()

  /** `files`: files that matter outside the folders. */
  constructor(folders: readonly string[], files: readonly string[]) {
    this.#folders = [...new Set(folders)].map((path) => ({
      ...toCompare(path),
      changedMs: 0,
      listAgain: true,
      names: new Set(),
    }))
    this.#files = files.map(toCompare)
  }

  /** The server itself has removed a file of this name. */
  removed(name: string): void {
    this.#removed.add(name)
  }

  renamed(from: string, to: string): void {
    this.#removed.add(from)
    for (const [descriptor, name] of this.#written) {
      if (name === from) this.#written.set(descriptor, to)
    }
  }

  /** A file has been opened for writing. */
  opened(descriptor: number, name: string): void {
    this.#written.set(descriptor, name)
  }

  closed(descriptor: number): void {
    this.#written.delete(descriptor)
  }

  /** What is missing, as a sentence; null if everything is there. */
  problem(): string | null {
    for (const each of [...this.#folders, ...this.#files]) {
      if (!isThere(each)) return `${each.path} was removed, renamed or replaced`
    }
    for (const [descriptor, name] of this.#written) {
      if (!isLogName(name) || fstatSync(descriptor).nlink > 0) continue
      return `${name}, which is being written, was removed`
    }
    const before = this.#needed()
    for (const folder of this.#folders) list(folder)
    const missing = before.find(({ folder, name }) => {
      return !folder.names.has(name) && !this.#removed.has(name)
    })
    this.#removed.clear()
    return missing === undefined ? null : `${missing.folder.path} has lost ${missing.name}`
  }

  #needed(): { folder: WatchedFolder; name: string }[] {
    const all = this.#folders.flatMap((folder) =>
      [...folder.names].map((name) => ({ folder, name })),
    )
    const names = all.map(({ name }) => name)
    const [snapshot] = sortedSnapshots(names)
    const logs = sortedLogs(names)
    const from = logs.findLastIndex(({ zxid }) => snapshot !== undefined && zxid <= snapshot.zxid)
    const needed = new Set(logs.slice(Math.max(0, from)).map(({ name }) => name))
    if (snapshot !== undefined) needed.add(snapshot.name)
    return all.filter(({ name }) => needed.has(name))
  }
}

function toCompare(path: string): Watched {
  return { path, descriptor: openSync(path, 'r') }
}

function isThere({ path, descriptor }: Watched): boolean {
  const is = statOf(path)
  if (is === 'unknown') return true
  const was = fstatSync(descriptor)
  return is !== 'gone' && is.dev === was.dev && is.ino === was.ino
}

function list(folder: WatchedFolder): void {
  const stat = statOf(folder.path)
  if (typeof stat === 'string') return
  const hasChanged = stat.mtimeMs !== folder.changedMs
  if (!hasChanged && !folder.listAgain) return
  folder.changedMs = stat.mtimeMs
  folder.listAgain = hasChanged
  folder.names = new Set(readdirSync(folder.path))
}

/** If the disk fails in another way, it is the log that reports it. */
function statOf(path: string): Stats | 'gone' | 'unknown' {
  try {
    return statSync(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code === 'ENOENT' || code === 'ENOTDIR' ? 'gone' : 'unknown'
  }
}
