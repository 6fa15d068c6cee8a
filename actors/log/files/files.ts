// The disk as the log actor sees it: synchronous, and limited to names within two folders. The real
// one is runtime/disk/files.ts; the simulator's loses what was not synced.

/** `log` is dataLogDir/version-2, `snapshot` is dataDir/version-2. They may be the same folder. */
export type Folder = 'log' | 'snapshot'

/** Every method throws on an I/O error. To the log such an error is fatal (log.ts). */
export interface Files {
  /** Names in a folder, in any order. */
  list(folder: Folder): string[]
  /** `read` needs the file to exist. `write` reads and writes; it creates a missing file, and never
   * cuts an existing one. */
  open(folder: Folder, name: string, mode: 'read' | 'write'): OpenFile
  /** Whether the file has another name as well, for example in a backup made of hard links. A
   * change to it would change the backup. */
  isShared(folder: Folder, name: string): boolean
  remove(folder: Folder, name: string): void
  rename(folder: Folder, from: string, to: string): void
  /** Makes creations, removals and renames in the folder durable. */
  syncFolder(folder: Folder): void
  /** The uncompressed bytes of a snapshot file from its beginning, whatever its suffix says about
   * compression. Throws for a compression it does not know. */
  openSnapshot(name: string): ByteStream
}

export interface OpenFile {
  /** The file's size in bytes. */
  size(): number
  /** Reads up to `target.length` bytes at `position`. Returns how many were read, 0 at the end. */
  read(target: Uint8Array, position: number): number
  /** Writes the whole range at `position`. */
  write(source: Uint8Array, start: number, end: number, position: number): void
  truncate(size: number): void
  /** Makes the data durable, and whatever is needed to read it back (fdatasync). */
  sync(): void
  close(): void
}

export interface ByteStream {
  /** The next bytes, valid until the next call; empty at the end. */
  next(): Uint8Array
  close(): void
}
