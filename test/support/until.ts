// Waiting in tests: for a condition, with a bound, never for a time.

import { setTimeout as pause } from 'node:timers/promises'

const POLL_MS = 10

/** Polls until `condition` holds; fails after `boundMs` with `what` was waited for. */
export async function until(
  what: string,
  boundMs: number,
  condition: () => boolean | Promise<boolean>,
): Promise<void> {
  const deadline = performance.now() + boundMs
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited ${boundMs} ms in vain until ${what}`)
    await pause(POLL_MS)
  }
}

/** The promise's value; fails after `boundMs` with `what` was waited for. */
export async function within<T>(what: string, boundMs: number, promise: Promise<T>): Promise<T> {
  const abort = new AbortController()
  const late = pause(boundMs, undefined, { signal: abort.signal }).then(
    () => {
      throw new Error(`waited ${boundMs} ms in vain for ${what}`)
    },
    () => undefined as never,
  )
  try {
    return await Promise.race([promise, late])
  } finally {
    abort.abort()
  }
}
