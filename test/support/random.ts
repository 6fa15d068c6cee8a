// Choices that a seed replays.

/** An integer from 0 to below `limit`. */
export type Random = (limit: number) => number

/** mulberry32 */
export function seeded(seed: number): Random {
  let state = seed | 0
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * limit)
  }
}
