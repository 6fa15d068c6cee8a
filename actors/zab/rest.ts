// A server that has handed over stands back from elections for a while, so that another is elected. If nobody is, it
// comes back.

export class Rest {
  #untilMs = Number.POSITIVE_INFINITY

  begin(untilMs: number): void {
    this.#untilMs = untilMs
  }

  /** It looks for a leader. */
  end(): void {
    this.#untilMs = Number.POSITIVE_INFINITY
  }

  /** When it ends; Infinity if there is none. */
  get untilMs(): number {
    return this.#untilMs
  }

  isUnderWay(nowMs: number): boolean {
    return this.#untilMs < Number.POSITIVE_INFINITY && nowMs < this.#untilMs
  }
}
