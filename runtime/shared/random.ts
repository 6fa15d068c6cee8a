// The only place that draws at random; not for anything that must not be guessed.

/** An integer from 0 to `bound` - 1. */
export function randomBelow(bound: number): number {
  return Math.floor(Math.random() * bound)
}
