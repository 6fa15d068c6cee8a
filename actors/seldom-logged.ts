// A log line that a client can provoke: written at most once a second. `unlogged` counts the lines
// left out.

import type { Clock, Journal } from './actor.ts'

const INTERVAL_MS = 1000

export class SeldomLogged {
  readonly #journal: Journal
  readonly #clock: Clock
  readonly #event: string
  #loggedMs = Number.NEGATIVE_INFINITY
  #unlogged = 0

  constructor(journal: Journal, clock: Clock, event: string) {
    this.#journal = journal
    this.#clock = clock
    this.#event = event
  }

  log(fields: Readonly<Record<string, string | number>>): void {
    if (this.#clock.nowMs - this.#loggedMs < INTERVAL_MS) {
      this.#unlogged++
      return
    }
    const unlogged = this.#unlogged
    this.#journal.log('warn', this.#event, { ...fields, ...(unlogged > 0 && { unlogged }) })
    this.#loggedMs = this.#clock.nowMs
    this.#unlogged = 0
  }
}
