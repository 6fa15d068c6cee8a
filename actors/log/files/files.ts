// The disk as the log actor sees it: synchronous, no paths beyond names within two folders. The
// real one is runtime/disk/files.ts; the simulator's loses what was not synced.

/** `log` is dataLogDir/version-2, `snapshot` is dataDir/version-2; they may be the same folder. */
export type Folder = 'log' | 'snapshot'

/** Every method throws on an I/O error. For the log such an error is fatal: see log.ts. */
export interface Files {
  /** Names in a folder, any order. */
  list(folder: Folder): string[]
  /** `read` needs the file to exist; `write` reads and writes, and creates it if missing, never
   * cutting what is there. */
  open(folder: Folder, name: string, mode: 'read' | 'write'): OpenFile
  /** Whether the file has another name as well, in a backup made of hard links: what is changed in
   * it changes there. */
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
  /** Bytes. */
  size(): number
  /** Reads up to `target.length` bytes at `position`; the count read, 0 at the end. */
  read(target: Uint8Array, position: number): number
  /** Writes all of the range at `position`. */
  write(source: Uint8Array, start: number, end: number, position: number): void
  truncate(size: number): void
  /** Data and what is needed to read it back (fdatasync). */
  sync(): void
  close(): void
}

export interface ByteStream {
  /** The next bytes, valid until the next call; empty at the end. */
  next(): Uint8Array
  close(): void
}
