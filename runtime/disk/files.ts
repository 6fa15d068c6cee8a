// The real disk under the log actor: node:fs, synchronous, because the log's thread parks on
// Atomics.wait and runs no event loop.

import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { isLogName, isSnapshotName } from '../../actors/log/files/file-names.ts'
import type { ByteStream, Files, Folder, OpenFile } from '../../actors/log/files/files.ts'
import { DataWatch } from './data-watch.ts'
import { openSnapshotStream } from './snapshot-stream.ts'

const VERSION_FOLDER = 'version-2'
/** Where a restore keeps what it replaces: a server must not begin empty in between. */
export const REPLACED_ENDING = '.replaced'

export interface FoldersOptions {
  /** dataLogDir; dataDir if that is not set. */
  dataLogDir: string
  /** dataDir. */
  dataDir: string
  /** Whether missing folders are created. */
  datadirAutocreate: boolean
}

/** The folders cannot be what the configuration says. */
export class FolderError extends Error {
  override readonly name = 'FolderError'
}

/** Creates the two folders if they are missing and may be created. Refuses them if each holds the
 * other's files: then dataDir and dataLogDir were swapped, and the server would start empty. */
export function openFolders(options: FoldersOptions): NodeFiles {
  const log = join(options.dataLogDir, VERSION_FOLDER)
  const snapshot = join(options.dataDir, VERSION_FOLDER)
  for (const folder of new Set([log, snapshot])) ensureFolder(folder, options.datadirAutocreate)
  if (realpathSync(log) !== realpathSync(snapshot)) {
    refuseMisplaced(log, isSnapshotName, 'The log folder holds a snapshot')
    refuseMisplaced(snapshot, isLogName, 'The snapshot folder holds a transaction log')
  }
  return new NodeFiles(log, snapshot)
}

function ensureFolder(folder: string, autocreate: boolean): void {
  if (!existsSync(folder)) {
    if (existsSync(folder + REPLACED_ENDING)) {
      throw new FolderError(
        `${folder} is missing, and ${folder}${REPLACED_ENDING} is there: a restore was cut short. Run it ` +
          'again, or rename that folder back',
      )
    }
    if (!autocreate) {
      throw new FolderError(
        `${folder} is missing and zookeeper.datadir.autocreate is false: create it, or check ` +
          'dataDir and dataLogDir',
      )
    }
    const first = mkdirSync(folder, { recursive: true })
    if (first !== undefined) syncCreated(dirname(first), folder)
  }
  try {
    accessSync(folder, constants.W_OK | constants.R_OK)
  } catch (error) {
    throw new FolderError(`${folder} cannot be read and written by this user`, { cause: error })
  }
}

/** Makes the names of all folders from below `top` down to `folder` durable. */
function syncCreated(top: string, folder: string): void {
  for (let parent = dirname(folder); ; parent = dirname(parent)) {
    syncPath(parent)
    if (parent === top || parent === dirname(parent)) return
  }
}

function refuseMisplaced(
  folder: string,
  isMisplaced: (name: string) => boolean,
  problem: string,
): void {
  const name = readdirSync(folder).find(isMisplaced)
  if (name === undefined) return
  throw new FolderError(`${problem}, ${join(folder, name)}: check dataDir and dataLogDir`)
}

export class NodeFiles implements Files {
  readonly #folders: Readonly<Record<Folder, string>>
  #watch: DataWatch | null = null

  constructor(logFolder: string, snapshotFolder: string) {
    this.#folders = { log: logFolder, snapshot: snapshotFolder }
  }

  /** From now on looks after the folders, and after these files besides. */
  watch(files: readonly string[]): DataWatch {
    this.#watch = new DataWatch(Object.values(this.#folders), files)
    return this.#watch
  }

  path(folder: Folder, name: string): string {
    return join(this.#folders[folder], name)
  }

  list(folder: Folder): string[] {
    return readdirSync(this.#folders[folder])
  }

  open(folder: Folder, name: string, mode: 'read' | 'write'): OpenFile {
    const flags = mode === 'read' ? constants.O_RDONLY : constants.O_RDWR | constants.O_CREAT
    const descriptor = openSync(this.path(folder, name), flags, 0o644)
    if (mode === 'write') this.#watch?.opened(descriptor, name)
    return new NodeFile(descriptor, () => this.#watch?.closed(descriptor))
  }

  isShared(folder: Folder, name: string): boolean {
    return statSync(this.path(folder, name)).nlink > 1
  }

  remove(folder: Folder, name: string): void {
    unlinkSync(this.path(folder, name))
    this.#watch?.removed(name)
  }

  rename(folder: Folder, from: string, to: string): void {
    renameSync(this.path(folder, from), this.path(folder, to))
    this.#watch?.renamed(from, to)
  }

  syncFolder(folder: Folder): void {
    syncPath(this.#folders[folder])
  }

  openSnapshot(name: string): ByteStream {
    return openSnapshotStream(this.open('snapshot', name, 'read'), name)
  }
}

/** Makes the names in a folder durable. */
export function syncPath(folder: string): void {
  const descriptor = openSync(folder, constants.O_RDONLY)
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

class NodeFile implements OpenFile {
  readonly #descriptor: number

  readonly #onClose: () => void

  constructor(descriptor: number, onClose: () => void) {
    this.#descriptor = descriptor
    this.#onClose = onClose
  }

  size(): number {
    return fstatSync(this.#descriptor).size
  }

  read(target: Uint8Array, position: number): number {
    return readSync(this.#descriptor, target, 0, target.length, position)
  }

  /** The system may write less than asked. Near a full disk, writing the rest then says why. */
  write(source: Uint8Array, start: number, end: number, position: number): void {
    let done = start
    while (done < end) {
      done += writeSync(this.#descriptor, source, done, end - done, position + done - start)
    }
  }

  truncate(size: number): void {
    ftruncateSync(this.#descriptor, size)
  }

  sync(): void {
    fdatasyncSync(this.#descriptor)
  }

  close(): void {
    this.#onClose()
    closeSync(this.#descriptor)
  }
}
