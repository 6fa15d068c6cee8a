// Items found by their path, without making a string of it: a map by the path's hash. Different
// paths with the same hash are rare; all but one of them are in a list.

/** The range of bytes is the path. The root's is empty. */
export interface Pathed {
  readonly hash: number
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
}

export class PathTable<T extends Pathed> {
  readonly #byHash: Map<number, T> = new Map()
  readonly #others: T[] = []

  get(hash: number, bytes: Uint8Array, start: number, end: number): T | undefined {
    const first = this.#byHash.get(hash)
    if (first !== undefined && isAt(first, bytes, start, end)) return first
    if (this.#others.length === 0) return undefined
    return this.#others.find((other) => isAt(other, bytes, start, end))
  }

  /** Takes the place of the item with the same path, which it returns. */
  set(item: T): T | undefined {
    const { hash, bytes, start, end } = item
    const previous = this.get(hash, bytes, start, end)
    if (previous === item) return previous
    const other = previous === undefined ? -1 : this.#others.indexOf(previous)
    if (other >= 0) this.#others[other] = item
    else if (previous === undefined && this.#byHash.has(hash)) this.#others.push(item)
    else this.#byHash.set(hash, item)
    return previous
  }

  /** Removes this very item, if it is there. */
  delete(item: T): void {
    if (this.#byHash.get(item.hash) === item) {
      this.#byHash.delete(item.hash)
      return
    }
    const at = this.#others.indexOf(item)
    if (at >= 0) this.#others.splice(at, 1)
  }

  clear(): void {
    this.#byHash.clear()
    this.#others.length = 0
  }
}

/** Whether this range is the item's path. */
export function isAt(item: Pathed, bytes: Uint8Array, start: number, end: number): boolean {
  if (item.bytes === bytes && item.start === start) return item.end === end
  if (item.end - item.start !== end - start) return false
  for (let i = item.start, j = start; j < end; i++, j++) {
    if (item.bytes[i] !== bytes[j]) return false
  }
  return true
}
