// The facts of this server, the newest of them: in memory, and on disk for after a restart.

import type { Fact, Fields } from './fact.ts'

/** An hour of trouble, years of peace. */
const FACTS_MAX = 4000

/** Where facts outlive the process. */
export interface FactStore {
  append(fact: Fact): void
}

export class FactBook {
  #facts: Fact[]
  readonly #wallMs: () => number
  readonly #listener: (fact: Fact) => void
  #store: FactStore | null = null

  /** `listener` hears each new fact. */
  constructor(wallMs: () => number, listener: (fact: Fact) => void) {
    this.#facts = []
    this.#wallMs = wallMs
    this.#listener = listener
  }

  /** Facts of earlier lives of this server, oldest first; from now on `store` gets each. */
  open(earlier: readonly Fact[], store: FactStore): void {
    const own = this.#facts
    this.#facts = [...earlier, ...own].slice(-FACTS_MAX)
    this.#store = store
    for (const fact of own) store.append(fact)
  }

  /** Of the main thread's own; now, unless it says when. */
  note(event: string, fields: Fields = {}): void {
    this.add({ wallMs: this.#wallMs(), actor: 'server', event, fields })
  }

  add(fact: Fact): void {
    this.#facts.push(fact)
    if (this.#facts.length > FACTS_MAX * 2) this.#facts = this.#facts.slice(-FACTS_MAX)
    this.#store?.append(fact)
    this.#listener(fact)
  }

  /** Oldest first. */
  since(wallMs: number): readonly Fact[] {
    return this.#facts.filter((fact) => fact.wallMs >= wallMs)
  }
}
