// The one place that draws from the system's random source.

import { randomInt } from 'node:crypto'

/** An integer from 0 to `bound` - 1. */
export function randomBelow(bound: number): number {
  return randomInt(bound)
}
