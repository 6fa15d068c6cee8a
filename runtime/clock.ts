// The one place that reads a clock. Every thread counts from the same monotonic origin, so times
// that travel between threads (the table of last-heard connections) compare.

import type { HostClock } from './actor-host.ts'

/** performance.now() counts from each thread's own start: this is what to add to it. */
const OFFSET_MS: number = monotonicMs() - performance.now()

function monotonicMs(): number {
  const [seconds, nanos] = process.hrtime()
  return seconds * 1000 + nanos / 1e6
}

/** Monotonic milliseconds, the same on every thread of the machine. */
export function nowMs(): number {
  return performance.now() + OFFSET_MS
}

export class SystemClock implements HostClock {
  nowMs = 0
  wallMs = 0

  constructor() {
    this.advance()
  }

  advance(): void {
    this.nowMs = nowMs()
    this.wallMs = Date.now()
  }

  read(): number {
    return nowMs()
  }
}
