// What will happen, in the order of its time: turns, arrivals, timers, faults. Time moves from one
// of these to the next, so an hour in which nothing is due costs nothing.

export interface Entry {
  readonly atMs: number
  readonly run: () => void
  cancelled: boolean
}

/** More than ever happen at one instant. */
const AT_ONCE_MAX = 100_000

export class Agenda {
  /** Milliseconds of the world's own clock; servers' clocks drift from it. */
  nowMs = 10_000
  /** Entries run so far. */
  count = 0
  /** A binary heap by time; what was entered first comes first among equals. */
  readonly #heap: (Entry & { readonly order: number })[] = []
  #order = 0
  #atOnce = 0

  at(atMs: number, run: () => void): Entry {
    const entry = { atMs: Math.max(atMs, this.nowMs), run, cancelled: false, order: this.#order++ }
    this.#heap.push(entry)
    this.#up(this.#heap.length - 1)
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
    if (this.#heap.length === 0) return
    this.#heap[0] = last
    this.#down()
  }

  #isBefore(a: number, b: number): boolean {
    const left = this.#heap[a]!
    const right = this.#heap[b]!
    return left.atMs < right.atMs || (left.atMs === right.atMs && left.order < right.order)
  }

  #swap(a: number, b: number): void {
    const heap = this.#heap
    ;[heap[a], heap[b]] = [heap[b]!, heap[a]!]
  }

  #up(from: number): void {
    let at = from
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!this.#isBefore(at, parent)) return
      this.#swap(at, parent)
      at = parent
    }
  }

  #down(): void {
    const { length } = this.#heap
    let at = 0
    for (;;) {
      let least = at
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < length && this.#isBefore(child, least)) least = child
      }
      if (least === at) return
      this.#swap(at, least)
      at = least
    }
  }
}
