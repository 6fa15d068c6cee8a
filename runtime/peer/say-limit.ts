// What is said of strangers, and of members that fail: of each address there is at most one line a second. So
// strangers cannot fill the log, and a member that is kept out is heard of.

const INTERVAL_MS = 1000
/** As many addresses are told apart; of more, nothing is said for the moment. */
const ADDRESSES_MAX = 64

export class SayLimit {
  /** When each was last said, oldest first. */
  readonly #said: Map<string, number> = new Map()
  #unsaid = 0

  /** Null: say nothing now. Otherwise how often nothing was said since the last line. `who`: an address, and
   * perhaps which way. */
  ask(who: string, nowMs: number): number | null {
    for (const [other, saidMs] of this.#said) {
      if (nowMs - saidMs < INTERVAL_MS) break
      this.#said.delete(other)
    }
    if (this.#said.has(who) || this.#said.size >= ADDRESSES_MAX) {
      this.#unsaid++
      return null
    }
    this.#said.set(who, nowMs)
    const unsaid = this.#unsaid
    this.#unsaid = 0
    return unsaid
  }
}
