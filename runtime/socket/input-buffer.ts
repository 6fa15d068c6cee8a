// Bytes that were received and not yet understood. A chunk that is understood at once is never
// copied. What is left of a chunk is kept, and grows by doubling, so that a peer that sends byte by
// byte costs no more than another. The reader bounds how much may be left, and calls keep() before
// the chunk's buffer is read into again.

export class InputBuffer {
  /** `bytes` from `start` to `end` is what waits. */
  bytes: Uint8Array = NO_BYTES
  start = 0
  end = 0
  /** Whether `bytes` is a copy with room behind `end`. */
  #roomy = false

  get length(): number {
    return this.end - this.start
  }

  /** The chunk stays the caller's, which calls keep(). */
  append(chunk: Uint8Array): void {
    const waiting = this.length
    if (waiting === 0) {
      // Not as the Buffer that it is: its slice() would give a view to callers that want a copy.
      this.bytes = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length)
      this.start = 0
      this.end = chunk.length
      this.#roomy = false
      return
    }
    if (!this.#roomy || this.bytes.length - this.end < chunk.length) {
      this.#copy((waiting + chunk.length) * 2)
    }
    this.bytes.set(chunk, this.end)
    this.end += chunk.length
  }

  /** What is left is ours from now on. */
  keep(): void {
    if (!this.#roomy && this.length > 0) this.#copy(this.length * 2)
  }

  /** Forgets what was understood, up to `at`. */
  consume(at: number): void {
    this.start = at
    if (at === this.end) this.clear()
  }

  clear(): void {
    this.bytes = NO_BYTES
    this.start = 0
    this.end = 0
    this.#roomy = false
  }

  #copy(capacity: number): void {
    const copy = new Uint8Array(capacity)
    copy.set(this.bytes.subarray(this.start, this.end))
    this.end = this.length
    this.start = 0
    this.bytes = copy
    this.#roomy = true
  }
}

const NO_BYTES = new Uint8Array(0)
