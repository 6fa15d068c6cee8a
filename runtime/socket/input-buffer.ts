// Bytes that were received and not yet understood. A chunk that is understood at once is never
// copied. What is left of a chunk is kept, and grows by doubling, so that a peer that sends byte by
// byte costs no more than another. The reader bounds how much may be left, and calls keep() before
// the chunk's buffer is read into again.
//
// Memory that was just asked of the system costs more than what is copied into it. So large arrays are
// used again by whichever of the thread's connections has as much to keep next.

export class InputBuffer {
  /** `bytes` from `start` to `end` is what waits. What was understood stays there until the next chunk is
   * appended, to this buffer or to another of the same thread. */
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
      this.bytes = plain(chunk)
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
    if (this.#roomy) giveBack(this.bytes)
    this.bytes = NO_BYTES
    this.start = 0
    this.end = 0
    this.#roomy = false
  }

  #copy(capacity: number): void {
    const copy = arrayOf(capacity)
    copy.set(this.bytes.subarray(this.start, this.end))
    if (this.#roomy) giveBack(this.bytes)
    this.end = this.length
    this.start = 0
    this.bytes = copy
    this.#roomy = true
  }
}

const NO_BYTES = new Uint8Array(0)

/** Not as a Buffer: its slice() would give a view to callers that want a copy. */
function plain(chunk: Uint8Array): Uint8Array {
  if (!(chunk instanceof Buffer)) return chunk
  return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length)
}

/** Smaller ones the system gives quickly. */
const SPARE_BYTES_MIN = 1 << 17
const SPARE_BYTES_MAX = 1 << 22
/** Nobody gets an array of more than so many times what it needs: of a request that never becomes
 * whole, not much more is held than has come. */
const SURPLUS_MAX = 4
/** Of this thread, in no order. Together no more than SPARE_BYTES_MAX. */
const spares: Uint8Array[] = []
let spareBytes = 0

function giveBack(bytes: Uint8Array): void {
  if (bytes.length < SPARE_BYTES_MIN || spareBytes + bytes.length > SPARE_BYTES_MAX) return
  spares.push(bytes)
  spareBytes += bytes.length
}

function arrayOf(capacity: number): Uint8Array {
  const at = spares.findIndex(
    ({ length }) => length >= capacity && length <= capacity * SURPLUS_MAX,
  )
  const [spare] = at < 0 ? [] : spares.splice(at, 1)
  if (spare === undefined) return new Uint8Array(capacity)
  spareBytes -= spare.length
  return spare
}
