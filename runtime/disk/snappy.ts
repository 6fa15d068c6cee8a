// Snappy as in ZooKeeper's snapshots: the stream format of snappy-java (SnappyOutputStream), which
// is not Snappy's own framing format.
//
//   stream = magic (8 bytes) int version int oldest-reader, then chunks; the header may come again
//   chunk  = int length, then so many bytes: a block of raw snappy
//
// There are no checksums. The snapshot's own seal must do.

import { createRequire } from 'node:module'
import type { ByteStream, OpenFile } from '../../actors/log/files/files.ts'
import { COMPRESSED_BEGIN } from '../../actors/log/recovery/snapshot-reader.ts'

type Snappy = typeof import('snappy')

/** The same as in snappy-java. */
export const SNAPPY_BLOCK_BYTES: number = 32 * 1024
const MAGIC = COMPRESSED_BEGIN.get('snappy') ?? []
const VERSION = 1
const HEADER_BYTES = MAGIC.length + 8
/** ZooKeeper's chunks hold 32 KiB, and are hardly longer than that. */
const CHUNK_BYTES_MAX = 1 << 20

let loaded: Snappy | null = null

/** Native code that hardly anybody needs: loaded on first use. */
function snappy(): Snappy {
  loaded ??= createRequire(import.meta.url)('snappy') as Snappy
  return loaded
}

export function snappyHeader(): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES)
  header.set(MAGIC)
  const view = new DataView(header.buffer)
  view.setInt32(MAGIC.length, VERSION)
  view.setInt32(MAGIC.length + 4, VERSION)
  return header
}

/** A block, compressed into a chunk. */
export function snappyChunk(block: Uint8Array): Uint8Array {
  const compressed = snappy().compressSync(block)
  const chunk = new Uint8Array(4 + compressed.length)
  new DataView(chunk.buffer).setInt32(0, compressed.length)
  chunk.set(compressed, 4)
  return chunk
}

/** A truncated file ends at its last whole chunk. Damage that can be seen is thrown. */
export class SnappyStream implements ByteStream {
  readonly #file: OpenFile
  #position = 0

  constructor(file: OpenFile) {
    this.#file = file
  }

  next(): Uint8Array {
    for (;;) {
      const word = this.#read(4)
      if (word === null) return new Uint8Array(0)
      const length = new DataView(word.buffer).getInt32(0)
      if (MAGIC.slice(0, 4).every((byte, i) => word[i] === byte)) {
        if (this.#read(HEADER_BYTES - 4) === null) return new Uint8Array(0)
      } else {
        const chunk = this.#read(bounded(length, this.#position))
        if (chunk === null) return new Uint8Array(0)
        const block = this.#inflate(chunk)
        if (block.length > 0) return block
      }
    }
  }

  close(): void {
    this.#file.close()
  }

  #inflate(chunk: Uint8Array): Uint8Array {
    bounded(inflatedLength(chunk), this.#position - chunk.length)
    // Always a Buffer, unless text was asked for.
    return snappy().uncompressSync(chunk) as Buffer
  }

  /** Null if the file has fewer bytes. */
  #read(length: number): Uint8Array | null {
    const bytes = new Uint8Array(length)
    for (let filled = 0; filled < length; ) {
      const count = this.#file.read(bytes.subarray(filled), this.#position + filled)
      if (count === 0) return null
      filled += count
    }
    this.#position += length
    return bytes
  }
}

function bounded(length: number, position: number): number {
  if (length >= 0 && length <= CHUNK_BYTES_MAX) return length
  throw new Error(
    `a snappy chunk at ${position} is ${length} bytes long: at most ${CHUNK_BYTES_MAX}`,
  )
}

/** The uncompressed length, with which a raw block begins: seven bits a byte. */
function inflatedLength(chunk: Uint8Array): number {
  let length = 0
  for (let i = 0; i < 5; i++) {
    const byte = chunk[i] ?? 0
    length += (byte & 0x7f) * 2 ** (7 * i)
    if (byte < 0x80) return length
  }
  return Number.POSITIVE_INFINITY
}
