// Where the log goes: standard output. That may be a file on a full disk, a pipe that nobody reads
// any more or only slowly, or a terminal that is gone or was stopped with Ctrl-S. None of these may
// end the server, or block the thread that writes. So lines that cannot be written are lost and
// counted, and the count is logged as soon as a line can be written again. For a slow reader some
// lines wait, within a bound.

import { constants, fstatSync, openSync, writeSync } from 'node:fs'
import { logDescriptor } from './log-descriptor.ts'

/** The most that waits for a slow reader. */
const WAITING_BYTES_MAX = 256 * 1024
/** How often lines that wait are tried again while nobody logs anything. */
const RETRY_MS = 500
/** How long the last lines of a process are tried, in steps. */
const LAST_MS_MAX = 200
const LAST_STEP_MS = 10

export interface LogOutputHooks {
  /** Writes some of the bytes, as writeSync does. Throws with a code. */
  write(bytes: Uint8Array): number
  /** The line that says how many lines could not be written, and why. */
  lostLine(count: number, code: string): string
  /** Calls back later, once. */
  after(ms: number, callback: () => void): void
}

interface Waiting {
  bytes: Uint8Array
  /** How many lost lines this line reports; 0 for an ordinary line. */
  readonly says: number
}

export class LogOutput {
  readonly #hooks: LogOutputHooks
  #waiting: Waiting[] = []
  #waitingBytes = 0
  #lost = 0
  #unsaid = 0
  #code = ''
  /** A line was begun whose end is lost. */
  #torn = false
  #retrying = false

  constructor(hooks: LogOutputHooks) {
    this.#hooks = hooks
  }

  /** How many lines could not be written since the start. */
  get lost(): number {
    return this.#lost
  }

  /** Writes a line, which includes its line end. Never throws, and never blocks. */
  write(line: string): void {
    const bytes = Buffer.from(line)
    if (this.#waitingBytes + bytes.length > WAITING_BYTES_MAX) {
      this.#lose(1, 'EAGAIN')
    } else {
      if (this.#waiting.length === 0) this.#sayLost()
      this.#wait(bytes, 0)
      this.#drain()
    }
    this.#retryLater()
  }

  /** Tries once. True if nothing waits any more. */
  flush(): boolean {
    if (this.#waiting.length === 0) this.#sayLost()
    this.#drain()
    return this.#waiting.length === 0
  }

  #wait(bytes: Uint8Array, says: number): void {
    this.#waiting.push({ bytes, says })
    this.#waitingBytes += bytes.length
  }

  #sayLost(): void {
    if (this.#unsaid === 0) return
    const line = this.#hooks.lostLine(this.#unsaid, this.#code)
    this.#wait(Buffer.from(this.#torn ? `\n${line}` : line), this.#unsaid)
  }

  #drain(): void {
    while (this.#waiting.length > 0) {
      const first = this.#waiting[0]!
      let count: number
      try {
        count = this.#hooks.write(first.bytes)
      } catch (error) {
        this.#failed((error as NodeJS.ErrnoException).code ?? 'an error without a code')
        return
      }
      this.#waitingBytes -= count
      this.#torn = count < first.bytes.length
      if (this.#torn) {
        first.bytes = first.bytes.subarray(count)
        continue
      }
      this.#waiting.shift()
      this.#unsaid -= first.says
      if (this.#waiting.length === 0) this.#sayLost()
    }
  }

  #failed(code: string): void {
    if (code === 'EAGAIN' || code === 'EINTR') return
    const lines = this.#waiting.filter(({ says }) => says === 0).length
    this.#waiting = []
    this.#waitingBytes = 0
    this.#lose(lines, code)
  }

  #lose(lines: number, code: string): void {
    this.#lost += lines
    this.#unsaid += lines
    this.#code = code
  }

  #retryLater(): void {
    const isDone = this.#waiting.length === 0 && this.#unsaid === 0
    if (isDone || this.#retrying) return
    this.#retrying = true
    this.#hooks.after(RETRY_MS, () => {
      this.#retrying = false
      this.flush()
      this.#retryLater()
    })
  }
}

/** Standard output itself, or what stands for it (log-descriptor.ts). What others write there or to standard error (Node its warnings, workers
 * what they print) has no other listener for errors than this one. */
export function standardOutput(lostLine: LogOutputHooks['lostLine']): LogOutput {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
  const descriptor = openNonBlocking()
  const output = new LogOutput({
    write: (bytes) => writeSync(descriptor, bytes),
    lostLine,
    after: (ms, callback) => setTimeout(callback, ms).unref(),
  })
  process.on('exit', () => {
    const pause = new Int32Array(new SharedArrayBuffer(4))
    for (let ms = 0; !output.flush() && ms < LAST_MS_MAX; ms += LAST_STEP_MS) {
      Atomics.wait(pause, 0, 0, LAST_STEP_MS)
    }
  })
  return output
}

/** A pipe or terminal that takes nothing more must say so instead of blocking this thread. If we
 * open it again, ours does, and nobody else who has it notices. Sockets cannot be opened, but Node
 * has made them non-blocking already. */
function openNonBlocking(): number {
  const descriptor = logDescriptor()
  try {
    const stat = fstatSync(descriptor)
    if (!stat.isFIFO() && !stat.isCharacterDevice()) return descriptor
    const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants
    return openSync(`/proc/self/fd/${descriptor}`, O_WRONLY | O_NONBLOCK | O_NOCTTY)
  } catch {
    return descriptor
  }
}
