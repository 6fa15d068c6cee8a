// The heaviest keys of an endless stream, in bounded memory: Space-Saving (Metwally, Agrawal, El
// Abbadi, "Efficient Computation of Frequent and Top-k Elements in Data Streams", 2005). A new key
// takes the place of the lightest key, and takes over its weight. So no key is lighter here than it
// truly is, and a key that has more than 1/capacity of all weight is never missed.

export interface Heavy<Tally> {
  readonly key: string
  /** At most `error` of it belongs to keys that were here before. */
  weight: number
  error: number
  /** What was added under this key since it took its place. */
  readonly tally: Tally
}

export class Sketch<Tally> {
  readonly #capacity: number
  readonly #empty: () => Tally
  readonly #heavy: Map<string, Heavy<Tally>> = new Map()
  /** A lower bound of all weights: weights only grow, and a new key takes over that of the
   * lightest. */
  #least = 0

  constructor(capacity: number, empty: () => Tally) {
    this.#capacity = capacity
    this.#empty = empty
  }

  /** Adds weight to a key. Returns its entry, whose tally the caller may change. */
  add(key: string, weight: number): Heavy<Tally> {
    const known = this.#heavy.get(key)
    if (known !== undefined) {
      known.weight += weight
      return known
    }
    const lightest = this.#heavy.size < this.#capacity ? null : this.#lightest()
    if (lightest !== null) this.#heavy.delete(lightest.key)
    const error = lightest?.weight ?? 0
    const heavy = { key, weight: error + weight, error, tally: this.#empty() }
    this.#heavy.set(key, heavy)
    return heavy
  }

  get(key: string): Heavy<Tally> | undefined {
    return this.#heavy.get(key)
  }

  /** At most `count` entries, the heaviest first. */
  top(count: number): Heavy<Tally>[] {
    return [...this.#heavy.values()].sort((a, b) => b.weight - a.weight).slice(0, count)
  }

  #lightest(): Heavy<Tally> | null {
    let found: Heavy<Tally> | null = null
    for (const heavy of this.#heavy.values()) {
      // It is mostly one of the first: a key that took another's place is at the end of the map.
      if (heavy.weight <= this.#least) return heavy
      if (found === null || heavy.weight < found.weight) found = heavy
    }
    this.#least = found?.weight ?? 0
    return found
  }
}
