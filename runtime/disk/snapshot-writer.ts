// Writes a snapshot file that ZooKeeper reads, byte for byte. Runs in a pool's worker, so it may
// block.
//
// The file appears under its name only when it is complete and durable: temporary file, sync,
// rename, sync of the folder. So a snapshot of ours is never torn, and one that fails its
// checksum is damage (recovery.ts relies on it).

import {
  closeSync,
  fdatasyncSync,
  constants as flags,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { constants, gzipSync } from 'node:zlib'
import { SPARE_NAMES, snapshotName, snapshotTemporary } from '../../actors/log/file-names.ts'
import { SHRINK_BYTES } from '../../actors/log/spare.ts'
import { syncPath } from './files.ts'
import { type SnapshotContent, snapshotBytes } from './snapshot-content.ts'

const BUFFER_BYTES = 256 * 1024
/** Synced this often: the log's next sync waits for what is being flushed. 200 MB at once take 200 ms;
 * beside steps of 4 MB its 99th percentile was 4.7 ms, of 1 MB 1.8. */
const SYNC_BYTES = 1 << 20
const GZIP_BLOCK_BYTES = 1024 * 1024

export type Compression = 'none' | 'gz'

export interface SnapshotWritten {
  name: string
  /** On disk. */
  bytes: number
}

/** `folder` is dataDir/version-2. Durable on return; on an error nothing is left behind. */
export function writeSnapshot(
  folder: string,
  content: SnapshotContent,
  compression: Compression,
): SnapshotWritten {
  const name = snapshotName(content.zxid, compression === 'gz' ? '.gz' : '')
  const temporary = join(folder, snapshotTemporary(name))
  const descriptor = openOver(join(folder, SPARE_NAMES.snapshot), temporary)
  let bytes = 0
  try {
    try {
      const sink = compression === 'gz' ? new GzipSink(descriptor) : new PlainSink(descriptor)
      for (const bytes of snapshotBytes(content)) sink.write(bytes)
      bytes = sink.finish()
      shrink(descriptor, bytes)
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
    renameSync(temporary, join(folder, name))
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
  syncPath(folder)
  return { name, bytes }
}

/** Opens the temporary file: the spare one under its new name, where there is one (spare.ts). */
function openOver(spare: string, temporary: string): number {
  try {
    renameSync(spare, temporary)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  return openSync(temporary, flags.O_WRONLY | flags.O_CREAT, 0o644)
}

/** Frees what is left behind the content, in steps: the log's syncs come between them. */
function shrink(descriptor: number, bytes: number): void {
  for (let { size } = fstatSync(descriptor); size > bytes; ) {
    size = Math.max(bytes, size - SHRINK_BYTES)
    ftruncateSync(descriptor, size)
  }
}

interface Sink {
  write(bytes: Uint8Array): void
  /** Bytes on disk. */
  finish(): number
}

/** Joins small writes. */
class PlainSink implements Sink {
  readonly #descriptor: number
  readonly #buffer = new Uint8Array(BUFFER_BYTES)
  #length = 0
  #written = 0
  #unsynced = 0

  constructor(descriptor: number) {
    this.#descriptor = descriptor
  }

  write(bytes: Uint8Array): void {
    if (this.#length + bytes.length > this.#buffer.length) this.#flush()
    if (bytes.length > this.#buffer.length) {
      this.#writeAll(bytes)
      return
    }
    this.#buffer.set(bytes, this.#length)
    this.#length += bytes.length
  }

  finish(): number {
    this.#flush()
    return this.#written
  }

  #flush(): void {
    this.#writeAll(this.#buffer.subarray(0, this.#length))
    this.#length = 0
  }

  #writeAll(bytes: Uint8Array): void {
    let done = 0
    while (done < bytes.length) done += writeSync(this.#descriptor, bytes, done)
    this.#written += bytes.length
    this.#unsynced += bytes.length
    if (this.#unsynced < SYNC_BYTES) return
    fdatasyncSync(this.#descriptor)
    this.#unsynced = 0
  }
}

/** Compresses in blocks, each a gzip member of its own: gzip, Java and Node read members in a row
 * as one stream, and so neither an event loop nor the whole snapshot in memory is needed. */
class GzipSink implements Sink {
  readonly #target: PlainSink
  readonly #block = new Uint8Array(GZIP_BLOCK_BYTES)
  #length = 0

  constructor(descriptor: number) {
    this.#target = new PlainSink(descriptor)
  }

  write(bytes: Uint8Array): void {
    let done = 0
    while (done < bytes.length) {
      const count = Math.min(bytes.length - done, this.#block.length - this.#length)
      this.#block.set(bytes.subarray(done, done + count), this.#length)
      this.#length += count
      done += count
      if (this.#length === this.#block.length) this.#compress()
    }
  }

  finish(): number {
    if (this.#length > 0) this.#compress()
    return this.#target.finish()
  }

  #compress(): void {
    const block = this.#block.subarray(0, this.#length)
    this.#target.write(gzipSync(block, { level: constants.Z_BEST_SPEED }))
    this.#length = 0
  }
}
