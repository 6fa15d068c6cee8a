// The only place that reads a clock. Every thread counts from the same monotonic origin, so times
// that travel between threads (the table of last-heard connections) can be compared.

// The global of this name is looked up afresh on each use.
import { performance } from 'node:perf_hooks'
import type { HostClock } from '../thread/actor-host.ts'

const OFFSET_TRIES = 20
/** performance.now() counts from each thread's own start. Add this to it. */
const OFFSET_MS: number = offsetMs()

/** Two clocks cannot be read at the same time, and a thread may lose its core in between. So of
 * several tries we take the one in which least time passed. */
function offsetMs(): number {
  let leastMs = Number.POSITIVE_INFINITY
  let offset = 0
  for (let i = 0; i < OFFSET_TRIES; i++) {
    const before = performance.now()
    const monotonic = monotonicMs()
    const after = performance.now()
    if (after - before >= leastMs) continue
    leastMs = after - before
    offset = monotonic - (before + after) / 2
  }
  return offset
}

function monotonicMs(): number {
  const [seconds, nanos] = process.hrtime()
  return seconds * 1000 + nanos / 1e6
}

/** Monotonic milliseconds, the same on every thread of the machine. */
export function nowMs(): number {
  return performance.now() + OFFSET_MS
}

/** Milliseconds since 1970. */
export function wallMs(): number {
  return Date.now()
}

export class SystemClock implements HostClock {
  nowMs = 0
  #wallMs = 0
  /** `nowMs` when #wallMs was read. */
  #readMs = Number.NaN

  constructor() {
    this.advance()
  }

  advance(): void {
    this.nowMs = nowMs()
  }

  /** Read when it is first asked for. */
  get wallMs(): number {
    if (this.#readMs !== this.nowMs) {
      this.#readMs = this.nowMs
      this.#wallMs = wallMs()
    }
    return this.#wallMs
  }

  read(): number {
    return nowMs()
  }
}
