// The uncompressed bytes of a snapshot file, piece by piece, without an event loop.

import { constants, gunzipSync } from 'node:zlib'
import type { ByteStream, OpenFile } from '../../actors/log/files/files.ts'
import { SnappyStream } from './snappy.ts'

const PLAIN_BYTES = 64 * 1024

/** Takes over the file. */
export function openSnapshotStream(file: OpenFile, name: string): ByteStream {
  if (name.endsWith('.snappy')) return new SnappyStream(file)
  return name.endsWith('.gz') ? new GunzipStream(file) : new PlainStream(file)
}

class PlainStream implements ByteStream {
  readonly #file: OpenFile
  readonly #buffer = new Uint8Array(PLAIN_BYTES)
  #position = 0

  constructor(file: OpenFile) {
    this.#file = file
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

/** Inflates everything at once: Node has no public way to inflate piece by piece without callbacks,
 * which never come on a parked thread. So while it is loaded, a compressed snapshot takes its full
 * size in memory besides the tree. Above 4 GiB Node refuses. */
class GunzipStream implements ByteStream {
  readonly #file: OpenFile
  #inflated: Uint8Array | null = null
  #position = 0

  constructor(file: OpenFile) {
    this.#file = file
  }

  next(): Uint8Array {
    this.#inflated ??= this.#inflate()
    const start = this.#position
    this.#position = Math.min(start + PLAIN_BYTES, this.#inflated.length)
    return this.#inflated.subarray(start, this.#position)
  }

  close(): void {
    this.#inflated = null
    this.#file.close()
  }

  #inflate(): Uint8Array {
    const compressed = new Uint8Array(this.#file.size())
    for (let filled = 0; filled < compressed.length; ) {
      const count = this.#file.read(compressed.subarray(filled), filled)
      if (count === 0) throw new Error('the file became shorter while it was read')
      filled += count
    }
    // A truncated file gives what it has. The missing seal then shows it.
    return gunzipSync(compressed, { finishFlush: constants.Z_SYNC_FLUSH })
  }
}
