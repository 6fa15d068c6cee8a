// Where the log goes: standard output, which may be a file on a full disk, a pipe that nobody reads
// any more or only slowly, a terminal that is gone or was stopped with Ctrl-S. None of these may
// end the server, nor hold up the thread that writes. So what cannot be written is lost and counted,
// and how much was lost is said as soon as something can be written again; what finds a slow reader
// waits a little, within a bound.

import { constants, fstatSync, openSync, writeSync } from 'node:fs'

/** What waits for a slow reader at most. */
const WAITING_BYTES_MAX = 256 * 1024
/** When nobody logs anything, how often what waits is tried again. */
const RETRY_MS = 500
/** For the last lines of a process, in steps. */
const LAST_MS_MAX = 200
const LAST_STEP_MS = 10

export interface LogOutputHooks {
  /** Writes some of the bytes, as writeSync does; throws with a code. */
  write(bytes: Uint8Array): number
  /** The line that says how many lines could not be written, and why. */
  lostLine(count: number, code: string): string
  /** Calls back later, once. */
  after(ms: number, callback: () => void): void
}

interface Waiting {
  bytes: Uint8Array
  /** Lost lines that it tells of; 0 for a line of the log. */
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

  /** Lines that could not be written, since the start. */
  get lost(): number {
    return this.#lost
  }

  /** A line with its end. Never throws, never blocks. */
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

  /** Tries once; true when nothing waits any more. */
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

/** Standard output as such. Errors of what others write there, or to standard error (Node its
 * warnings, workers what they print), have no listener but this one. */
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

/** A pipe or terminal that takes nothing more must say so instead of blocking this thread. Opened
 * anew, it does, and nobody else who has it notices. Sockets cannot be opened, and Node has made
 * them so already. */
function openNonBlocking(): number {
  const STDOUT = 1
  try {
    const stat = fstatSync(STDOUT)
    if (!stat.isFIFO() && !stat.isCharacterDevice()) return STDOUT
    const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants
    return openSync(`/proc/self/fd/${STDOUT}`, O_WRONLY | O_NONBLOCK | O_NOCTTY)
  } catch {
    return STDOUT
  }
}
