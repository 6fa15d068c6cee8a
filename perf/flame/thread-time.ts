// How long threads ran, waited for a core, and how often they were given one, as Linux counts it:
// unlike a profile it costs nothing and misses nothing.

import { readFileSync } from 'node:fs'
import type { NamedThread } from './name-thread.ts'

export interface ThreadTime {
  readonly runMs: number
  /** Ready to run, but no core was free. */
  readonly queuedMs: number
  /** How often it began to run: about its wake-ups. */
  readonly times: number
}

/** Since the thread began; null where the system does not say, and of a thread that has ended. */
export function threadTime({ pid, tid }: NamedThread): ThreadTime | null {
  if (tid === null) return null
  try {
    const text = readFileSync(`/proc/${pid}/task/${tid}/schedstat`, 'latin1')
    const [run = 0, queued = 0, times = 0] = text.split(' ').map(Number)
    return { runMs: run / 1e6, queuedMs: queued / 1e6, times }
  } catch {
    return null
  }
}

export function between(from: ThreadTime | null, to: ThreadTime | null): ThreadTime | null {
  if (from === null || to === null) return null
  return {
    runMs: to.runMs - from.runMs,
    queuedMs: to.queuedMs - from.queuedMs,
    times: to.times - from.times,
  }
}
