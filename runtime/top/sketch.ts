// The heaviest keys of an endless stream, in bounded memory: Space-Saving (Metwally, Agrawal, El Abbadi,
// "Efficient Computation of Frequent and Top-k Elements in Data Streams", 2005). A key that is not known
// takes the place of the lightest, and its weight: so no key is lighter here than it truly is, and one
// that has more than 1/capacity of all weight is never missed.

export interface Heavy<Tally> {
  readonly key: string
  /** Of which at most `error` is somebody else's. */
  weight: number
  error: number
  /** What was added under this key since it took its place. */
  readonly tally: Tally
}

export class Sketch<Tally> {
  readonly #capacity: number
  readonly #empty: () => Tally
  readonly #heavy: Map<string, Heavy<Tally>> = new Map()
  /** Nobody is lighter: weights only grow, and who is new takes over that of the lightest. */
  #least = 0

  constructor(capacity: number, empty: () => Tally) {
    this.#capacity = capacity
    this.#empty = empty
  }

  /** Returns the key's entry, for its tally. */
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

  /** The heaviest first. */
  top(count: number): Heavy<Tally>[] {
    return [...this.#heavy.values()].sort((a, b) => b.weight - a.weight).slice(0, count)
  }

  #lightest(): Heavy<Tally> | null {
    let found: Heavy<Tally> | null = null
    for (const heavy of this.#heavy.values()) {
      // Mostly one of the first: who took somebody's place is behind the others.
      if (heavy.weight <= this.#least) return heavy
      if (found === null || heavy.weight < found.weight) found = heavy
    }
    this.#least = found?.weight ?? 0
    return found
  }
}
