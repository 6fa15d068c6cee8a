// A socket as the links between members use it, without a network below: what it is given goes to a
// pipe, at once or when the "kernel" takes it. Bytes that are not taken yet are not copied, so that
// whoever reuses a buffer too early is found out.

import { EventEmitter } from 'node:events'

/** Where the bytes go: to the other end, in order. */
export interface Pipe {
  push(bytes: Uint8Array): void
  /** Nothing more comes: `orderly` after all that was pushed, or instead of it. */
  end(orderly: boolean): void
  /** The kernel takes no more for now; it says `roomy` when it does again. */
  readonly isFull: boolean
}

export interface SocketHost {
  /** Calls `run` soon, unless the process is gone by then. */
  soon(run: () => void): void
  /** Whether the kernel takes the next bytes at once. */
  takesAtOnce(): boolean
}

interface Untaken {
  readonly bytes: Uint8Array
  readonly taken: (() => void) | undefined
}

export class SimulatedSocket extends EventEmitter {
  destroyed = false
  readonly #host: SocketHost
  readonly #pipe: Pipe
  #untaken: Untaken[] = []
  #untakenBytes = 0
  #taking = false
  #paused = false
  #ending = false
  /** Arrived and not yet told: null is the end of the stream. */
  readonly #arrived: (Uint8Array | null)[] = []

  constructor(host: SocketHost, pipe: Pipe) {
    super()
    this.#host = host
    this.#pipe = pipe
  }

  /** Bytes the kernel has not taken yet. */
  get writableLength(): number {
    return this.#untakenBytes
  }

  write(bytes: Uint8Array, taken?: () => void): boolean {
    if (this.destroyed || this.#ending) return false
    const isFree = this.#untaken.length === 0 && !this.#pipe.isFull
    if (isFree && this.#host.takesAtOnce()) {
      this.#pipe.push(bytes.slice())
      if (taken !== undefined) this.#host.soon(taken)
      return true
    }
    this.#untaken.push({ bytes, taken })
    this.#untakenBytes += bytes.length
    this.#takeSoon()
    return false
  }

  /** Sends what is left and then the end of the stream. */
  end(bytes?: Uint8Array): void {
    if (bytes !== undefined) this.write(bytes)
    this.#ending = true
    if (this.#untaken.length === 0) this.#pipe.end(true)
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#host.soon(() => this.#tell())
  }

  /** `orderly`: the other end hears what was sent, then the end of the stream. */
  destroy(orderly: boolean = true): void {
    if (this.destroyed) return
    this.destroyed = true
    this.#untaken = []
    this.#untakenBytes = 0
    this.#pipe.end(orderly)
    this.#host.soon(() => this.emit('close'))
  }

  /** From the pipe of the other end; null is the end of the stream. */
  receive(bytes: Uint8Array | null): void {
    if (this.destroyed) return
    this.#arrived.push(bytes)
    this.#tell()
  }

  /** The pipe takes more again. */
  roomy(): void {
    if (this.#untaken.length > 0) this.#takeSoon()
  }

  /** The connection is lost. */
  reset(): void {
    this.destroy(false)
  }

  /** The process is gone: nobody hears anything any more. */
  forget(): void {
    this.destroyed = true
    this.removeAllListeners()
  }

  #tell(): void {
    while (!this.#paused && !this.destroyed) {
      const bytes = this.#arrived.shift()
      if (bytes === undefined) return
      if (bytes === null) this.emit('end')
      else this.emit('data', bytes)
    }
  }

  #takeSoon(): void {
    if (this.#taking) return
    this.#taking = true
    this.#host.soon(() => {
      this.#taking = false
      if (this.destroyed) return
      while (this.#untaken.length > 0 && !this.#pipe.isFull) {
        const { bytes, taken } = this.#untaken.shift()!
        this.#untakenBytes -= bytes.length
        this.#pipe.push(bytes.slice())
        if (taken !== undefined) this.#host.soon(taken)
      }
      if (this.#ending && this.#untaken.length === 0) this.#pipe.end(true)
    })
  }
}
