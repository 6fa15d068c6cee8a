// How many file descriptors the process may have, and how many a server needs to start. It imports
// nothing of ours, because it is asked before anything else is loaded.

import { readFileSync } from 'node:fs'

/** Of a standalone server. To load its code, each thread opens a few dozen files at once: 121
 * descriptors were seen open in all. */
export const START_ALONE = 160

/** Node has raised the soft limit to the hard one. */
export function descriptorLimit(): number {
  try {
    const limits = readFileSync('/proc/self/limits', 'latin1')
    const number = /^Max open files\s+(\d+)/m.exec(limits)?.[1]
    return number === undefined ? Number.POSITIVE_INFINITY : Number(number)
  } catch {
    return Number.POSITIVE_INFINITY
  }
}

export function tooFew(limit: number, needed: number): string {
  return (
    `the process may have ${limit} file descriptors (ulimit -n), but a server needs ${needed} ` +
    'before the first client: raise the limit'
  )
}
