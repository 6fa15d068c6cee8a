// Whether a history of concurrent operations has an order that explains it: the search of Wing and
// Gong with Lowe's memory of configurations already tried, as Porcupine does it. It trusts no zxid
// and knows nothing of ZooKeeper: a model says what a state answers.
//
// The calls and returns that are left stand in a doubly linked list in the order of time. An
// operation whose call stands before the first return may come next. If the state allows what it
// answered, both are lifted out and the search begins at the front again; a return that is reached
// means a wrong turn, and the last operation is put back.

export interface Operation<Action> {
  /** What was asked and answered; the model understands it. */
  readonly action: Action
  readonly start: number
  /** Infinity if no answer came: it happens at any time after its start, or at the very end. */
  readonly end: number
}

export interface Model<State, Action> {
  readonly initial: State
  /** The state after it; undefined when this state would have answered something else. */
  step(state: State, action: Action): State | undefined
  /** The same for equal states, and for no others. */
  nameOf(state: State): string
}

export type Verdict = 'linearizable' | 'violated' | 'unknown'

/** Bits to a character of a configuration's name. */
const BITS = 16

export class Search<State, Action> {
  readonly #model: Model<State, Action>
  readonly #operations: readonly Operation<Action>[]
  /** Entry 2i is the call of operation i, 2i + 1 its return; the last one is both ends. */
  readonly #next: Int32Array
  readonly #previous: Int32Array
  readonly #ends: number
  readonly #placed: Uint8Array
  readonly #tried: Set<string> = new Set()
  /** The operations in the order tried now, and the state before each. */
  readonly #order: number[] = []
  readonly #before: State[] = []
  /** The highest operation that was ever placed: nothing beyond it is. */
  #highest = -1
  #longest = 0
  #state: State
  #at: number
  #verdict: Verdict = 'unknown'

  constructor(model: Model<State, Action>, operations: readonly Operation<Action>[]) {
    this.#model = model
    this.#operations = [...operations].sort((a, b) => a.start - b.start)
    const count = operations.length
    this.#ends = 2 * count
    this.#next = new Int32Array(2 * count + 1)
    this.#previous = new Int32Array(2 * count + 1)
    this.#placed = new Uint8Array(count)
    this.#state = model.initial
    let last = this.#ends
    for (const entry of this.#entries()) {
      this.#next[last] = entry
      this.#previous[entry] = last
      last = entry
    }
    this.#next[last] = this.#ends
    this.#previous[this.#ends] = last
    this.#at = this.#next[this.#ends]!
  }

  /** Goes on for so many steps at most. */
  run(stepsMax: number): Verdict {
    const next = this.#next
    for (let step = 0; step < stepsMax && this.#verdict === 'unknown'; step++) {
      const entry = this.#at
      if (next[this.#ends] === this.#ends) this.#verdict = 'linearizable'
      else if ((entry & 1) === 0 && entry !== this.#ends) {
        this.#at = this.#place(entry >> 1) ? next[this.#ends]! : next[entry]!
      } else if (this.#order.length === 0) this.#verdict = 'violated'
      else this.#at = next[this.#putBack() * 2]!
    }
    return this.#verdict
  }

  /** The longest order that could be explained, and what could not follow it. */
  describe(): string {
    const open = this.#operations.filter((_, i) => this.#placed[i] === 0).slice(0, 5)
    const stuck = open.map(({ action }) => JSON.stringify(action)).join(', ')
    return `${this.#longest} of ${this.#operations.length} explained; open at the front: ${stuck}`
  }

  /** In the order of time; at the same moment, calls come before returns. */
  *#entries(): Generator<number> {
    const all = this.#operations
    const byEnd = all.map((_, i) => i).sort((a, b) => all[a]!.end - all[b]!.end)
    let ended = 0
    for (let i = 0; i < all.length; i++) {
      while (all[byEnd[ended]!]!.end < all[i]!.start) yield byEnd[ended++]! * 2 + 1
      yield i * 2
    }
    while (ended < all.length) yield byEnd[ended++]! * 2 + 1
  }

  /** Lets the operation come next, if it may and this was not tried before. */
  #place(index: number): boolean {
    const { action } = this.#operations[index]!
    const state = this.#model.step(this.#state, action)
    if (state === undefined) return false
    this.#placed[index] = 1
    const highest = Math.max(this.#highest, index)
    const name = this.#nameOf(highest, state)
    if (this.#tried.has(name)) {
      this.#placed[index] = 0
      return false
    }
    this.#tried.add(name)
    this.#highest = highest
    this.#order.push(index)
    this.#longest = Math.max(this.#longest, this.#order.length)
    this.#before.push(this.#state)
    this.#state = state
    this.#lift(index * 2)
    this.#lift(index * 2 + 1)
    return true
  }

  /** Takes the last one back. */
  #putBack(): number {
    const index = this.#order.pop()!
    this.#state = this.#before.pop()!
    this.#placed[index] = 0
    this.#unlift(index * 2 + 1)
    this.#unlift(index * 2)
    return index
  }

  /** What is placed, and the state: all below the first one that is not, and bits beyond it. */
  #nameOf(highest: number, state: State): string {
    const placed = this.#placed
    // The list begins with the call of the lowest operation that was open until now.
    let first = this.#next[this.#ends]! >> 1
    while (placed[first] === 1) first++
    let name = `${first} `
    for (let from = first + 1; from <= highest; from += BITS) {
      let bits = 0
      for (let i = 0; i < BITS; i++) bits |= (placed[from + i] ?? 0) << i
      name += String.fromCharCode(bits)
    }
    // Zeros at the end depend on what else was tried.
    return `${name.replace(/\0+$/, '')} ${this.#model.nameOf(state)}`
  }

  #lift(entry: number): void {
    const [before, after] = [this.#previous[entry]!, this.#next[entry]!]
    this.#next[before] = after
    this.#previous[after] = before
  }

  #unlift(entry: number): void {
    this.#next[this.#previous[entry]!] = entry
    this.#previous[this.#next[entry]!] = entry
  }
}

export interface Findings {
  readonly verdict: Verdict
  /** Of the part that decided it, when it is not linearizable. */
  readonly part: string
  readonly reason: string
}

/** Steps of each part in a round: a hard part must not hide an easy violation in another. */
const ROUNDS: readonly number[] = [10_000, 100_000, 1_000_000, 10_000_000]

/** Of histories that do not touch each other, such as those of different keys. */
export function linearizes<State, Action>(
  model: Model<State, Action>,
  parts: ReadonlyMap<string, readonly Operation<Action>[]>,
): Findings {
  let open = [...parts].map(([name, operations]) => {
    return { name, search: new Search(model, operations) }
  })
  for (const steps of ROUNDS) {
    const still: typeof open = []
    for (const part of open) {
      const verdict = part.search.run(steps)
      if (verdict === 'violated') {
        return { verdict, part: part.name, reason: part.search.describe() }
      }
      if (verdict === 'unknown') still.push(part)
    }
    open = still
  }
  const [undecided] = open
  if (undecided === undefined) return { verdict: 'linearizable', part: '', reason: '' }
  return { verdict: 'unknown', part: undecided.name, reason: undecided.search.describe() }
}
