// A number that is a double in ZooKeeper's records, and prints like one.

export class Decimal {
  readonly value: number

  /** NaN becomes 0: an average of nothing. */
  constructor(value: number) {
    this.value = Number.isFinite(value) ? value : 0
  }

  /** At least one decimal, and at most four: 0.0, 4.5714. */
  toString(): string {
    const rounded = Math.round(this.value * 10_000) / 10_000
    return Number.isInteger(rounded) ? rounded.toFixed(1) : String(rounded)
  }
}
