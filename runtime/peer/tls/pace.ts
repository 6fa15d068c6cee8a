// How many handshakes may begin: some one after the other, and after that one now and then. So whoever
// connects, and however often, there is time left for what the thread is for.

import type { QueueTime } from '../../tls/handshake-queue.ts'

/** How many at once. */
export const BURST = 16
/** Until one more may begin. */
export const PACE_MS = 10

/** The same time, whose `soon` is later once there was too much of it. */
export function paced(time: QueueTime, nowMs: () => number): QueueTime {
  let paidMs = Number.NEGATIVE_INFINITY
  return {
    after: (ms, run) => time.after(ms, run),
    soon: (run) => {
      const now = nowMs()
      paidMs = Math.max(paidMs, now - BURST * PACE_MS) + PACE_MS
      if (paidMs <= now) time.soon(run)
      else time.after(paidMs - now, run)
    },
  }
}
