// Copies of byte ranges, cut from chunks that many share, which is cheaper than an array each. A
// chunk is garbage once nobody holds one of its ranges.

import { copyBytes } from './copy-bytes.ts'

/** The size of a chunk. */
export const CHUNK_BYTES = 65536
/** What is longer has an array of its own where views are asked for: it would leave too much unused of
 * a chunk. */
const VIEW_BYTES_MAX = CHUNK_BYTES / 8

export class KeptBytes {
  /** Where the newest copy lies. */
  chunk: Uint8Array = new Uint8Array(0)
  #used = 0

  /** Copies the range into `chunk`. Returns where in it the copy begins. */
  copy(source: Uint8Array, start: number, end: number): number {
    const length = end - start
    if (this.#used + length > this.chunk.length) {
      this.chunk = new Uint8Array(Math.max(CHUNK_BYTES, length))
      this.#used = 0
    }
    const at = this.#used
    copyBytes(source, start, end, this.chunk, at)
    this.#used = at + length
    return at
  }

  /** A copy of the range, as an array: mostly a view of a chunk. */
  view(source: Uint8Array, start: number, end: number): Uint8Array {
    if (end - start > VIEW_BYTES_MAX) return source.slice(start, end)
    const at = this.copy(source, start, end)
    return this.chunk.subarray(at, at + end - start)
  }
}
