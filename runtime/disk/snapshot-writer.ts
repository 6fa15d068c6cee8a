// Writes a snapshot file that ZooKeeper reads, byte for byte. Runs in a pool's worker, so it may
// block.
//
// The file appears under its name only when it is complete and durable: temporary file, sync,
// rename, sync of the folder. So a snapshot of ours is never torn, and one that fails its
// checksum is damage (recovery.ts relies on it).

import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { constants, createGzip } from 'node:zlib'
import { snapshotName } from '../../actors/log/file-names.ts'
import { snapshotHeader } from '../../actors/log/segment.ts'
import { ADLER32_START, adler32 } from '../../protocol/adler32.ts'
import { JuteWriter } from '../../protocol/jute-writer.ts'
import type { Zxid } from '../../protocol/zxid.ts'
import { syncPath } from './files.ts'

const BUFFER_BYTES = 256 * 1024

export interface SnapshotContent {
  /** Names the file: every transaction up to this one is in it. */
  zxid: Zxid
  /** The body: sessions, ACLs, nodes and the "/" that ends them; no header, no seal. */
  chunks: Iterable<Uint8Array>
  /** Of the tree at `zxid`; null when digests are off. */
  digest: { version: number; value: bigint } | null
  /** Null leaves the trailer out (serializeLastProcessedZxid off). */
  lastProcessedZxid: Zxid | null
}

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
      writeContent(sink, content)
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

function writeContent(sink: Sink, content: SnapshotContent): void {
  let state = ADLER32_START
  const put = (bytes: Uint8Array): void => {
    state = adler32(state, bytes, 0, bytes.length)
    sink.write(bytes)
  }
  const trailer = new JuteWriter()
  // Running: a seal sums the seals before it too.
  const seal = (): void => {
    trailer.reset()
    trailer.longNumber(state)
    trailer.string('/')
    put(trailer.finish())
  }
  put(snapshotHeader())
  for (const chunk of content.chunks) put(chunk)
  seal()
  const { digest, lastProcessedZxid } = content
  if (digest !== null) {
    trailer.reset()
    trailer.zxid(content.zxid)
    trailer.int(digest.version)
    trailer.long(BigInt.asIntN(64, digest.value))
    put(trailer.finish())
    seal()
  }
  if (lastProcessedZxid !== null) {
    trailer.reset()
    trailer.zxid(lastProcessedZxid)
    put(trailer.finish())
    seal()
  }
}

/** Joins small writes. */
class PlainSink implements Sink {
  readonly #descriptor: number
  readonly #buffer = new Uint8Array(BUFFER_BYTES)
  #length = 0
  #written = 0

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
  }
}

interface ChunkwiseGzip {
  _processChunk(chunk: Uint8Array, flush: number): Uint8Array | null
  close(): void
}

/** Compresses without an event loop (see snapshot-stream.ts): the caller's chunks may be views of
 * memory that is only his until the call returns. */
class GzipSink implements Sink {
  readonly #gzip = createGzip({ level: constants.Z_BEST_SPEED }) as unknown as ChunkwiseGzip
  readonly #target: PlainSink
  readonly #buffer = new Uint8Array(BUFFER_BYTES)
  #length = 0

  constructor(descriptor: number) {
    this.#target = new PlainSink(descriptor)
  }

  write(bytes: Uint8Array): void {
    let done = 0
    while (done < bytes.length) {
      const count = Math.min(bytes.length - done, this.#buffer.length - this.#length)
      this.#buffer.set(bytes.subarray(done, done + count), this.#length)
      this.#length += count
      done += count
      if (this.#length === this.#buffer.length) this.#compress(constants.Z_NO_FLUSH)
    }
  }

  finish(): number {
    this.#compress(constants.Z_FINISH)
    this.#gzip.close()
    return this.#target.finish()
  }

  #compress(flush: number): void {
    const compressed = this.#gzip._processChunk(this.#buffer.subarray(0, this.#length), flush)
    this.#length = 0
    if (compressed !== null) this.#target.write(compressed)
  }
}
