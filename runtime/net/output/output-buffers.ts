// Where replies are gathered until their socket is written to. A connection borrows a buffer from
// its first reply of a turn until the write, so thousands of idle connections hold none.

const BYTES = 4096
const BYTES_MAX = 1 << 16
const KEPT_MAX = 128

export class OutputBuffers {
  readonly #free: Buffer[] = []

  /** A buffer of at least this size, with arbitrary contents. */
  take(bytes: number): Buffer {
    const free = this.#free.pop()
    return free !== undefined && free.length >= bytes
      ? free
      : Buffer.allocUnsafeSlow(Math.max(bytes, BYTES))
  }

  /** The buffer is no longer used. */
  give(buffer: Buffer): void {
    if (buffer.length <= BYTES_MAX && this.#free.length < KEPT_MAX) this.#free.push(buffer)
  }
}
