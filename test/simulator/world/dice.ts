// The one source of chance in a simulation: everything drawn comes from the seed.

/** mulberry32, integers only. */
export class Dice {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** An integer from 0 to `bound` - 1. */
  readonly below = (bound: number): number => {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) % bound
  }

  /** An integer from `min` to `max`, both included. */
  between(min: number, max: number): number {
    return min + this.below(max - min + 1)
  }

  /** True once in `odds` times; never for 0. */
  oneIn(odds: number): boolean {
    return odds > 0 && this.below(odds) === 0
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!
  }

  /** A key by its weight. */
  weighted<K extends string>(weights: Readonly<Record<K, number>>): K {
    const entries = Object.entries(weights) as [K, number][]
    let at = this.below(entries.reduce((sum, [, weight]) => sum + weight, 0))
    for (const [key, weight] of entries) {
      if (at < weight) return key
      at -= weight
    }
    throw new Error('weights of zero')
  }

  /** A generator of its own, so that its draws do not shift anybody else's. */
  fork(): Dice {
    return new Dice(this.below(0x1_0000_0000))
  }
}
