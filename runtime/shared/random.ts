// The one place that draws by chance; nothing that must not be guessed.

/** An integer from 0 to `bound` - 1. */
export function randomBelow(bound: number): number {
  return Math.floor(Math.random() * bound)
}
