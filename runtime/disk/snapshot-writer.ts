// Writes a snapshot file that ZooKeeper reads, byte for byte. Runs in a pool's worker, so it may
// block.
//
// The file appears under its name only when it is complete and durable: temporary file, sync,
// rename, sync of the folder. So a snapshot of ours is never torn, and one that fails its
// checksum is damage (recovery.ts relies on it).

import {
  closeSync,
  fdatasyncSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { constants, gzipSync } from 'node:zlib'
import { snapshotName } from '../../actors/log/file-names.ts'
import { syncPath } from './files.ts'
import { type SnapshotContent, snapshotBytes } from './snapshot-content.ts'

const BUFFER_BYTES = 256 * 1024
/** Synced this often: a file system that flushes a whole snapshot at once lets the log's next sync
 * wait for it, 200 ms for 200 MB. */
const SYNC_BYTES = 4 << 20
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
  const temporary = join(folder, `${name}.tmp`)
  const descriptor = openSync(temporary, 'w', 0o644)
  let bytes = 0
  try {
    try {
      const sink = compression === 'gz' ? new GzipSink(descriptor) : new PlainSink(descriptor)
      for (const bytes of snapshotBytes(content)) sink.write(bytes)
      bytes = sink.finish()
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
