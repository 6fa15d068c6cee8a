// Lists of names as they are written down: words with blanks between them. A name that ends in a dot
// stands for every name that begins so.

export class NameList {
  /** Those that stand for themselves. */
  readonly exact: ReadonlySet<string>
  readonly #prefixes: readonly string[]

  constructor(text: string) {
    const names = text.trim().split(/\s+/)
    this.exact = new Set(names.filter((name) => !name.endsWith('.')))
    this.#prefixes = names.filter((name) => name.endsWith('.'))
  }

  has(name: string): boolean {
    return this.matchLength(name) > 0
  }

  /** How many of the name's letters the list has: all of them, or those of its longest prefix there;
   * 0 when the name is not in the list. */
  matchLength(name: string): number {
    if (this.exact.has(name)) return name.length
    const lengths = this.#prefixes.filter((prefix) => name.startsWith(prefix))
    return Math.max(0, ...lengths.map((prefix) => prefix.length))
  }
}
