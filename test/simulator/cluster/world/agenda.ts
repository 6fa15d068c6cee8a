// What will happen, in the order of its time: turns, arrivals, timers, faults. Time moves from one
// of these to the next, so an hour in which nothing is due costs nothing.

export class Entry {
  readonly atMs: number
  readonly run: () => void
  cancelled = false
  /** Among those of one instant. */
  readonly order: number

  constructor(atMs: number, order: number, run: () => void) {
    this.atMs = atMs
    this.order = order
    this.run = run
  }
}

/** More than ever happen at one instant. */
const AT_ONCE_MAX = 100_000

export class Agenda {
  /** Milliseconds of the world's own clock; servers' clocks drift from it. */
  nowMs = 10_000
  /** Entries run so far. */
  count = 0
  /** A binary heap by time; what was entered first comes first among equals. */
  readonly #heap: Entry[] = []
  #order = 0
  #atOnce = 0

  at(atMs: number, run: () => void): Entry {
    const entry = new Entry(Math.max(atMs, this.nowMs), this.#order++, run)
    this.#heap.push(entry)
    this.#up(entry)
    return entry
  }

  after(ms: number, run: () => void): Entry {
    return this.at(this.nowMs + ms, run)
  }

  /** Runs what is due next; false when that is later than `untilMs`, where time then stands. Throws
   * when time does not go on, because something is due again as soon as it was done. */
  step(untilMs: number): boolean {
    for (;;) {
      const first = this.#heap[0]
      if (first === undefined || first.atMs > untilMs) {
        this.nowMs = Math.max(this.nowMs, untilMs)
        return false
      }
      this.#pop()
      if (first.cancelled) continue
      this.#atOnce = first.atMs === this.nowMs ? this.#atOnce + 1 : 0
      if (this.#atOnce > AT_ONCE_MAX) throw new Error(`time stands still at ${this.nowMs} ms`)
      this.nowMs = first.atMs
      this.count++
      first.run()
      return true
    }
  }

  #pop(): void {
    const last = this.#heap.pop()!
    if (this.#heap.length > 0) this.#down(last)
  }

  /** From the last place to its own: who comes later makes room. */
  #up(entry: Entry): void {
    const heap = this.#heap
    let at = heap.length - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      const other = heap[parent]!
      if (!isBefore(entry, other)) break
      heap[at] = other
      at = parent
    }
    heap[at] = entry
  }

  /** From the first place to its own: who comes sooner moves up. */
  #down(entry: Entry): void {
    const heap = this.#heap
    const { length } = heap
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= length) break
      if (child + 1 < length && isBefore(heap[child + 1]!, heap[child]!)) child++
      const other = heap[child]!
      if (!isBefore(other, entry)) break
      heap[at] = other
      at = child
    }
    heap[at] = entry
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)
}
