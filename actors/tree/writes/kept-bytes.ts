// Copies of byte ranges, cut from chunks that many share, which is cheaper than an array each. A
// chunk is garbage once nobody holds one of its ranges.

import { copyBytes } from '../../../protocol/bytes/copy-bytes.ts'

/** The size of a chunk. */
export const CHUNK_BYTES = 65536

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
}
