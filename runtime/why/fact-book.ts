// The newest facts of this server: in memory for reports, and in a store on disk that survives a
// restart.

import type { Fact, Fields } from './fact.ts'

/** Facts in memory: those of an hour of trouble, or of years of peace. At most twice as many before
 * the oldest go. */
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

  /** `wallMs`: milliseconds since 1970. `listener` hears each new fact. */
  constructor(wallMs: () => number, listener: (fact: Fact) => void) {
    this.#facts = []
    this.#wallMs = wallMs
    this.#listener = listener
  }

  /** `earlier`: facts of earlier processes of this server, oldest first. From now on `store` gets
   * every fact. */
  open(earlier: readonly Fact[], store: FactStore): void {
    const own = this.#facts
    this.#facts = [...earlier, ...own].slice(-FACTS_MAX)
    this.#store = store
    for (const fact of own) store.append(fact)
  }

  /** Adds a fact of the main thread, with the present time. */
  note(event: string, fields: Fields = {}): void {
    this.add({ wallMs: this.#wallMs(), actor: 'server', event, fields })
  }

  add(fact: Fact): void {
    this.#facts.push(fact)
    if (this.#facts.length > FACTS_MAX * 2) this.#facts = this.#facts.slice(-FACTS_MAX)
    this.#store?.append(fact)
    this.#listener(fact)
  }

  /** The facts from `wallMs` on (milliseconds since 1970), oldest first. */
  since(wallMs: number): readonly Fact[] {
    return this.#facts.filter((fact) => fact.wallMs >= wallMs)
  }
}
