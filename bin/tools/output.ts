// Where a tool prints: standard output, in large pieces, and without filling memory when the reader is slow.
// Long work says on standard error how far it is.

import { writeSync } from 'node:fs'

const PIECE_CHARS = 64 * 1024
const STDOUT = 1
const SAY_EVERY_MS = 5000
const FULL_PIPE_PAUSE_MS = 5

/** A tool ends with this code, and says this on standard error. */
export class ToolError extends Error {
  override readonly name = 'ToolError'
  readonly code: number

  constructor(message: string, code: number) {
    super(message)
    this.code = code
  }
}

export class Output {
  #text = ''

  line(text: string): void {
    this.write(`${text}\n`)
  }

  write(text: string): void {
    this.#text += text
    if (this.#text.length >= PIECE_CHARS) this.flush()
  }

  /** Writes what has been collected. Ends the process if nobody reads on. */
  flush(): void {
    const bytes = Buffer.from(this.#text)
    this.#text = ''
    for (let done = 0; done < bytes.length; ) {
      try {
        done += writeSync(STDOUT, bytes, done)
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        if (code === 'EPIPE') process.exit(1)
        if (code !== 'EAGAIN') throw error
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FULL_PIPE_PAUSE_MS)
      }
    }
  }
}

/** Says every few seconds how much of the work is done. */
export class Progress {
  readonly #what: string
  readonly #total: number
  #done = 0
  #saidMs: number = performance.now()

  /** `total`: bytes; 0 if it is not known. */
  constructor(what: string, total: number) {
    this.#what = what
    this.#total = total
  }

  add(count: number): void {
    this.#done += count
    const nowMs = performance.now()
    if (nowMs - this.#saidMs < SAY_EVERY_MS) return
    this.#saidMs = nowMs
    const megabytes = `${Math.round(this.#done / 1e6)} MB`
    const share = this.#total === 0 ? '' : ` of ${Math.round(this.#total / 1e6)} MB`
    process.stderr.write(`${this.#what}: ${megabytes}${share}\n`)
  }
}
