// When somebody's next turn is due: it may become earlier at any time. An alarm that the agenda has stays
// there, and looks when it comes whether the turn is due later by now. That costs less than an entry that
// is cancelled each time that something rings before it.

import type { Agenda } from './agenda.ts'

const NEVER = Number.POSITIVE_INFINITY

export class Alarm {
  readonly #agenda: Agenda
  readonly #isOn: () => boolean
  readonly #ring: () => void
  #dueMs = NEVER
  /** What the agenda has, the next last. */
  readonly #armedMs: number[] = []

  /** `ring` is called when it is due; nothing happens any more once `isOn` is false. */
  constructor(agenda: Agenda, isOn: () => boolean, ring: () => void) {
    this.#agenda = agenda
    this.#isOn = isOn
    this.#ring = ring
  }

  /** It is due in so many milliseconds, unless it is sooner anyway. Infinity: never. */
  set(ms: number): void {
    const atMs = this.#agenda.nowMs + ms
    if (this.#dueMs <= atMs) return
    this.#dueMs = atMs
    this.#arm()
  }

  #arm(): void {
    const dueMs = this.#dueMs
    if (dueMs === NEVER || !this.#isOn()) return
    const armed = this.#armedMs
    if (armed.length > 0 && armed[armed.length - 1]! <= dueMs) return
    armed.push(dueMs)
    this.#agenda.at(dueMs, this.#come)
  }

  readonly #come = (): void => {
    this.#armedMs.pop()
    if (this.#dueMs > this.#agenda.nowMs) {
      this.#arm()
      return
    }
    this.#dueMs = NEVER
    this.#ring()
  }
}
