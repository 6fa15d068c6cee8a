// A disk that forgets what was not synced. Keeps what is durable and what is only written apart,
// and on a crash leaves a random state that a real disk and file system could leave too:
//
//  - an unsynced write is kept, lost or torn, sector by sector, in any order; the file may have
//    grown without its content (zeros, rarely garbage);
//  - an unsynced creation, removal or rename is kept or lost, whatever became of the file;
//  - what was synced stays.
//
// Every call counts as one operation; a crash or an error can be set for the n-th.

import { SPARE_NAMES } from '../../../actors/log/files/file-names.ts'
import type { ByteStream, Files, Folder, OpenFile } from '../../../actors/log/files/files.ts'
import { openSnapshotStream } from '../../../runtime/disk/snapshot-stream.ts'

const SECTOR_BYTES = 512
const LOG_PREFIX = 'log.'

/** An integer from 0 to bound - 1. */
export type Random = (bound: number) => number

/** The power went. Not an error of the disk: nothing under test may catch and survive it. */
export class PowerCut extends Error {
  override readonly name = 'PowerCut'
}

export class SimulatedDiskError extends Error {
  override readonly name = 'SimulatedDiskError'
  readonly code: string

  constructor(code: string) {
    super(`${code}: simulated`)
    this.code = code
  }
}

type FileChange =
  | { kind: 'write'; position: number; bytes: Uint8Array }
  | { kind: 'truncate'; size: number }

interface Inode {
  /** Each is the beginning of a buffer of its own, which is zeros behind it. */
  durable: Uint8Array
  current: Uint8Array
  unsynced: FileChange[]
}

type NameChange = { name: string; inode: Inode | null }

interface FolderState {
  durable: Map<string, Inode>
  current: Map<string, Inode>
  /** A rename is two changes that are kept or lost together. */
  unsynced: NameChange[][]
}

export class SimulatedDisk implements Files {
  operations = 0
  /** For whoever asks how often something rare has happened. */
  logsBegun = 0
  sparesTaken = 0
  filesRemoved = 0
  #generation = 0
  #cutAt = Infinity
  #errorAt = Infinity
  #errorCode = 'EIO'
  #broken = false
  /** Nothing new fits: what exists can be overwritten. */
  isFull = false
  #hasRefused = false
  readonly #folders: Record<Folder, FolderState>

  constructor() {
    const empty = (): FolderState => ({ durable: new Map(), current: new Map(), unsynced: [] })
    this.#folders = { log: empty(), snapshot: empty() }
  }

  /** The power goes instead of the n-th operation from now, 1 being the next. */
  cutPowerAt(operation: number): void {
    this.#cutAt = this.operations + operation
  }

  /** The n-th operation from now fails; the disk works again afterwards. */
  failAt(operation: number, code: 'EIO' | 'ENOSPC'): void {
    this.#errorAt = this.operations + operation
    this.#errorCode = code
  }

  /** Whether a cut or an error is still to come. */
  get armed(): boolean {
    return this.#cutAt !== Infinity || this.#errorAt !== Infinity
  }

  /** Whether the power has gone. */
  get dark(): boolean {
    return this.#broken
  }

  /** Whether an operation has failed since the last crash or kill. */
  get failed(): boolean {
    return this.operations >= this.#errorAt || this.#hasRefused
  }

  /** What is left when the power comes back. Open files are gone. */
  crash(random: Random): void {
    this.#generation++
    this.#cutAt = Infinity
    this.#errorAt = Infinity
    this.#broken = false
    this.#hasRefused = false
    const inodes = new Set<Inode>()
    for (const folder of Object.values(this.#folders)) {
      for (const inode of folder.durable.values()) inodes.add(inode)
      for (const inode of folder.current.values()) inodes.add(inode)
    }
    for (const inode of inodes) crashInode(inode, random)
    for (const folder of Object.values(this.#folders)) crashFolder(folder, random)
  }

  /** The process died and the machine did not: everything written is there. */
  kill(): void {
    this.#generation++
    this.#cutAt = Infinity
    this.#errorAt = Infinity
    this.#broken = false
    this.#hasRefused = false
  }

  list(folder: Folder): string[] {
    this.#count()
    return [...this.#folders[folder].current.keys()]
  }

  open(folder: Folder, name: string, mode: 'read' | 'write'): OpenFile {
    this.#count()
    const state = this.#folders[folder]
    let inode = state.current.get(name)
    if (inode === undefined) {
      if (mode === 'read') throw new SimulatedDiskError('ENOENT')
      this.#grow()
      inode = { durable: new Uint8Array(0), current: new Uint8Array(0), unsynced: [] }
      if (name.startsWith(LOG_PREFIX)) this.logsBegun++
      state.current.set(name, inode)
      state.unsynced.push([{ name, inode }])
    }
    return this.#handle(inode)
  }

  /** Nobody makes hard links here. */
  isShared(): boolean {
    return false
  }

  remove(folder: Folder, name: string): void {
    this.#count()
    const state = this.#folders[folder]
    if (!state.current.delete(name)) throw new SimulatedDiskError('ENOENT')
    this.filesRemoved++
    state.unsynced.push([{ name, inode: null }])
  }

  rename(folder: Folder, from: string, to: string): void {
    this.#count()
    const state = this.#folders[folder]
    const inode = state.current.get(from)
    if (inode === undefined) throw new SimulatedDiskError('ENOENT')
    state.current.delete(from)
    state.current.set(to, inode)
    if (from === SPARE_NAMES.log) {
      this.logsBegun++
      this.sparesTaken++
    }
    state.unsynced.push([
      { name: from, inode: null },
      { name: to, inode },
    ])
  }

  syncFolder(folder: Folder): void {
    this.#count()
    const state = this.#folders[folder]
    state.durable = new Map(state.current)
    state.unsynced = []
  }

  openSnapshot(name: string): ByteStream {
    return openSnapshotStream(this.open('snapshot', name, 'read'), name)
  }

  /** What a reader sees now of one file, for assertions: no fault that is set strikes here. */
  peek(folder: Folder, name: string): Uint8Array | null {
    return this.#folders[folder].current.get(name)?.current ?? null
  }

  /** A copy of what a reader sees now, for assertions. */
  contents(folder: Folder): Map<string, Uint8Array> {
    const copy = new Map<string, Uint8Array>()
    for (const [name, inode] of this.#folders[folder].current) {
      copy.set(name, inode.current.slice())
    }
    return copy
  }

  /** Puts a file there, durable. */
  put(folder: Folder, name: string, bytes: Uint8Array): void {
    const inode: Inode = { durable: bytes.slice(), current: bytes.slice(), unsynced: [] }
    this.#folders[folder].durable.set(name, inode)
    this.#folders[folder].current.set(name, inode)
  }

  #handle(inode: Inode): OpenFile {
    const generation = this.#generation
    const enter = (): void => {
      if (generation !== this.#generation) throw new Error('file of before the crash used')
      this.#count()
    }
    return {
      size: () => {
        enter()
        return inode.current.length
      },
      read: (target, position) => {
        enter()
        const part = inode.current.subarray(position, position + target.length)
        target.set(part)
        return part.length
      },
      write: (source, start, end, position) => {
        const bytes = source.slice(start, end)
        try {
          enter()
        } catch (error) {
          // The power may go in the middle of a write as well as before it.
          if (error instanceof PowerCut) inode.unsynced.push({ kind: 'write', position, bytes })
          throw error
        }
        if (position + bytes.length > inode.current.length) this.#grow()
        inode.unsynced.push({ kind: 'write', position, bytes })
        inode.current = written(inode.current, position, bytes)
      },
      truncate: (size) => {
        enter()
        inode.unsynced.push({ kind: 'truncate', size })
        inode.current = resized(inode.current, size)
      },
      sync: () => {
        enter()
        for (const change of inode.unsynced) inode.durable = changed(inode.durable, change)
        inode.unsynced = []
      },
      close: () => undefined,
    }
  }

  #grow(): void {
    if (!this.isFull) return
    this.#hasRefused = true
    throw new SimulatedDiskError('ENOSPC')
  }

  #count(): void {
    this.operations++
    if (this.#broken || this.operations >= this.#cutAt) {
      this.#broken = true
      throw new PowerCut('power cut')
    }
    if (this.operations !== this.#errorAt) return
    throw new SimulatedDiskError(this.#errorCode)
  }
}

function crashInode(inode: Inode, random: Random): void {
  // All, nothing or some of each write: the extremes are what real machines do most.
  const mode = random(4)
  let left = inode.durable
  for (const change of inode.unsynced) {
    if (mode === 0) continue
    if (change.kind === 'truncate') {
      if (mode === 1 || random(2) === 0) left = resized(left, change.size)
    } else if (mode === 1) {
      left = written(left, change.position, change.bytes)
    } else {
      left = tornWrite(left, change.position, change.bytes, random)
    }
  }
  inode.durable = left.slice()
  inode.current = left.slice()
  inode.unsynced = []
}

function tornWrite(
  before: Uint8Array,
  position: number,
  bytes: Uint8Array,
  random: Random,
): Uint8Array {
  const end = position + bytes.length
  let left = before
  // The size may be there before the content is.
  if (random(2) === 0 && end > left.length) left = resized(left, end)
  const oddsOfLoss = 1 + random(4)
  for (let start = position; start < end; ) {
    const sectorEnd = Math.min(end, (Math.floor(start / SECTOR_BYTES) + 1) * SECTOR_BYTES)
    if (random(oddsOfLoss) === 0) {
      left = written(left, start, bytes.subarray(start - position, sectorEnd - position))
    } else if (start >= before.length && start < left.length && random(16) === 0) {
      const garbage = new Uint8Array(Math.min(sectorEnd, left.length) - start)
      for (let i = 0; i < garbage.length; i++) garbage[i] = random(256)
      left = written(left, start, garbage)
    }
    start = sectorEnd
  }
  return left
}

function crashFolder(folder: FolderState, random: Random): void {
  // A journal keeps the order; other file systems do not.
  const ordered = random(2) === 0
  const keep = random(folder.unsynced.length + 1)
  folder.unsynced.forEach((changes, i) => {
    const kept = ordered ? i < keep : random(2) === 0
    if (!kept) return
    for (const { name, inode } of changes) {
      if (inode === null) folder.durable.delete(name)
      else folder.durable.set(name, inode)
    }
  })
  folder.current = new Map(folder.durable)
  folder.unsynced = []
}

function changed(before: Uint8Array, change: FileChange): Uint8Array {
  if (change.kind === 'truncate') return resized(before, change.size)
  return written(before, change.position, change.bytes)
}

/** In place of `before`, which is not to be used any more; likewise below. */
function written(before: Uint8Array, position: number, bytes: Uint8Array): Uint8Array {
  const end = position + bytes.length
  const after = end > before.length ? resized(before, end) : before
  after.set(bytes, position)
  return after
}

function resized(before: Uint8Array, size: number): Uint8Array {
  before.fill(0, size)
  if (size <= before.buffer.byteLength) return new Uint8Array(before.buffer, 0, size)
  const after = new Uint8Array(new ArrayBuffer(Math.max(size, 2 * before.length)), 0, size)
  after.set(before)
  return after
}
