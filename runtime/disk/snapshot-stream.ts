// The uncompressed bytes of a snapshot file, piece by piece, without an event loop.

import { constants, createGunzip, gunzipSync } from 'node:zlib'
import type { ByteStream, OpenFile } from '../../actors/log/files.ts'

const PLAIN_BYTES = 64 * 1024
/** Deflate expands a thousandfold at most, so a piece stays below 16 MiB whatever the file says. */
const COMPRESSED_BYTES = 16 * 1024

/** Takes over the file. Throws for a compression that is not known here. */
export function openSnapshotStream(file: OpenFile, name: string): ByteStream {
  if (name.endsWith('.snappy')) {
    file.close()
    throw new Error(`${name}: snapshots compressed with snappy cannot be read`)
  }
  return name.endsWith('.gz') ? new GunzipStream(file) : new PlainStream(file, PLAIN_BYTES)
}

class PlainStream implements ByteStream {
  readonly #file: OpenFile
  readonly #buffer: Uint8Array
  #position = 0

  constructor(file: OpenFile, pieceBytes: number) {
    this.#file = file
    this.#buffer = new Uint8Array(pieceBytes)
  }

  next(): Uint8Array {
    const count = this.#file.read(this.#buffer, this.#position)
    this.#position += count
    return this.#buffer.subarray(0, count)
  }

  close(): void {
    this.#file.close()
  }
}

/** What zlib's own synchronous functions are made of: inflates one chunk, keeping the state. */
interface ChunkwiseGunzip {
  _processChunk?(chunk: Uint8Array, flush: number): Uint8Array | null
  close(): void
}

/** Node inflates in pieces with callbacks, or at once without. A snapshot may be larger than memory
 * allows at once, and callbacks never come to a parked thread; hence the function beneath both,
 * which Node has had since 0.12 but does not document. Without it: all at once. */
class GunzipStream implements ByteStream {
  readonly #source: PlainStream
  readonly #gunzip = createGunzip() as unknown as ChunkwiseGunzip

  constructor(file: OpenFile) {
    this.#source = new PlainStream(file, COMPRESSED_BYTES)
  }

  next(): Uint8Array {
    if (this.#gunzip._processChunk === undefined) return this.#all()
    for (;;) {
      const chunk = this.#source.next()
      // A file cut short ends here as well; the seal that is missing then tells.
      if (chunk.length === 0) return chunk
      const inflated = this.#gunzip._processChunk(chunk, constants.Z_SYNC_FLUSH)
      if (inflated !== null && inflated.length > 0) return inflated
    }
  }

  close(): void {
    this.#gunzip.close()
    this.#source.close()
  }

  #all(): Uint8Array {
    const chunks: Uint8Array[] = []
    for (let chunk = this.#source.next(); chunk.length > 0; chunk = this.#source.next()) {
      chunks.push(chunk.slice())
    }
    return chunks.length === 0 ? new Uint8Array(0) : gunzipSync(Buffer.concat(chunks))
  }
}
