// Where replies are gathered until their socket is written to. A connection borrows a buffer from its
// first reply of a turn to the write: thousands of idle ones hold none.

const BYTES = 4096
const BYTES_MAX = 1 << 16
const KEPT_MAX = 128

export class OutputBuffers {
  readonly #free: Buffer[] = []

  /** At least so large. What it holds is anything. */
  take(bytes: number): Buffer {
    const free = this.#free.pop()
    return free !== undefined && free.length >= bytes
      ? free
      : Buffer.allocUnsafeSlow(Math.max(bytes, BYTES))
  }

  /** Nobody uses it any more. */
  give(buffer: Buffer): void {
    if (buffer.length <= BYTES_MAX && this.#free.length < KEPT_MAX) this.#free.push(buffer)
  }
}
