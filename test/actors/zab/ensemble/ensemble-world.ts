// The simulated world: a clock, events in time order, random numbers, wires that keep order.

import { generator } from '../../election/mesh.ts'

interface Event {
  readonly ms: number
  readonly seq: number
  readonly run: () => void
}

export class World {
  readonly clock = { nowMs: 0, wallMs: 0 }
  readonly random: (bound: number) => number
  readonly #tracing: boolean
  readonly trace: string[] = []
  #heap: Event[] = []
  #seq = 0
  events = 0

  constructor(seed: number, tracing: boolean) {
    this.random = generator(Math.imul(seed + 1, 0x9e37_79b1))
    for (let i = 0; i < 8; i++) this.random(2)
    this.#tracing = tracing
  }

  /** From `least` to `most`, both possible. */
  between(least: number, most: number): number {
    return least + this.random(most - least + 1)
  }

  chance(percent: number): boolean {
    return this.random(100) < percent
  }

  note(text: () => string): void {
    if (this.#tracing) this.trace.push(`${String(this.clock.nowMs).padStart(6)} ${text()}`)
  }

  after(delayMs: number, run: () => void): void {
    const event = { ms: this.clock.nowMs + delayMs, seq: this.#seq++, run }
    const heap = this.#heap
    let at = heap.push(event) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!before(event, heap[parent]!)) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = event
  }

  /** Runs what is due within this time, or until `done`, asked after every event; whether it was. */
  run(boundMs: number, done: () => boolean): boolean {
    const endMs = this.clock.nowMs + boundMs
    while (this.#heap.length > 0 && this.#heap[0]!.ms <= endMs) {
      const event = this.#pop()
      this.clock.nowMs = event.ms
      this.events++
      event.run()
      if (done()) return true
    }
    this.clock.nowMs = endMs
    return done()
  }

  #pop(): Event {
    const heap = this.#heap
    const first = heap[0]!
    const last = heap.pop()!
    if (heap.length === 0) return first
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++
      if (!before(heap[child]!, last)) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = last
    return first
  }
}

function before(a: Event, b: Event): boolean {
  return a.ms !== b.ms ? a.ms < b.ms : a.seq < b.seq
}

/** Delivers in the order sent, each after a delay, not while it is blocked. */
export class Wire {
  readonly #world: World
  readonly #delayMs: () => number
  /** Until when nothing arrives; Infinity waits for `kick`. */
  readonly #blockedUntilMs: () => number
  #queue: { dueMs: number; run: () => void }[] = []
  #lastMs = 0

  constructor(world: World, delayMs: () => number, blockedUntilMs: () => number) {
    this.#world = world
    this.#delayMs = delayMs
    this.#blockedUntilMs = blockedUntilMs
  }

  /** `spacingMs`: how long it takes after what was sent before. */
  send(run: () => void, spacingMs: number = 0): void {
    const dueMs = Math.max(this.#lastMs, this.#world.clock.nowMs + this.#delayMs()) + spacingMs
    this.#lastMs = dueMs
    this.#queue.push({ dueMs, run })
    this.#world.after(dueMs - this.#world.clock.nowMs, () => this.kick())
  }

  /** Loses what has not arrived, from a random place on. */
  lose(): void {
    this.#queue.length = this.#world.random(this.#queue.length + 1)
  }

  kick(): void {
    const { nowMs } = this.#world.clock
    while (this.#queue.length > 0 && this.#queue[0]!.dueMs <= nowMs) {
      const blockedMs = this.#blockedUntilMs()
      if (blockedMs > nowMs) {
        if (blockedMs !== Number.POSITIVE_INFINITY) {
          this.#world.after(blockedMs - nowMs, () => this.kick())
        }
        return
      }
      this.#queue.shift()!.run()
    }
  }
}
