// Lists of names, written as words with blanks between them. A name that ends in a dot stands for
// every name that begins with it.

export class NameList {
  /** The names that stand only for themselves. */
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

  /** How many of the name's letters the list matches: all of them, or those of its longest prefix
   * in the list; 0 if the name is not in the list. */
  matchLength(name: string): number {
    if (this.exact.has(name)) return name.length
    const lengths = this.#prefixes.filter((prefix) => name.startsWith(prefix))
    return Math.max(0, ...lengths.map((prefix) => prefix.length))
  }
}
