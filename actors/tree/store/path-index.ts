// From a path's hash to the nodes that have it, by linear hashing, so that growing never stops the
// tree: each insertion beyond the load factor splits one bucket, and a million entries are never
// hashed again at once. Chains run through the node records (node-store.ts), by way of the two
// callbacks.

const SEGMENT_SHIFT = 12
const SEGMENT_SIZE = 1 << SEGMENT_SHIFT
const SEGMENT_MASK = SEGMENT_SIZE - 1

export interface Chain {
  /** The node after this one in its bucket; 0 at the end. */
  next(node: number): number
  setNext(node: number, next: number): void
  /** The full hash of the node's path. */
  hash(node: number): number
}

export class PathIndex {
  count = 0
  readonly #chain: Chain
  readonly #segments: Int32Array[] = [new Int32Array(SEGMENT_SIZE)]
  /** How many buckets are in use: between `#level` and twice that. */
  #buckets = SEGMENT_SIZE
  #level = SEGMENT_SIZE

  constructor(chain: Chain) {
    this.#chain = chain
  }

  /** The first node of the bucket that a hash falls into; 0 if it is empty. */
  first(hash: number): number {
    const bucket = this.#bucket(hash)
    return this.#segments[bucket >> SEGMENT_SHIFT]![bucket & SEGMENT_MASK]!
  }

  insert(node: number, hash: number): void {
    this.#push(this.#bucket(hash), node)
    this.count++
    if (this.count > this.#buckets) this.#split()
  }

  remove(node: number, hash: number): void {
    const bucket = this.#bucket(hash)
    let previous = 0
    let current = this.first(hash)
    while (current !== node) {
      previous = current
      current = this.#chain.next(current)
    }
    const next = this.#chain.next(node)
    if (previous === 0) this.#setFirst(bucket, next)
    else this.#chain.setNext(previous, next)
    this.count--
  }

  #bucket(hash: number): number {
    const mixed = mix(hash)
    const bucket = mixed & (this.#level * 2 - 1)
    return bucket < this.#buckets ? bucket : mixed & (this.#level - 1)
  }

  #setFirst(bucket: number, node: number): void {
    this.#segments[bucket >> SEGMENT_SHIFT]![bucket & SEGMENT_MASK] = node
  }

  #push(bucket: number, node: number): void {
    const segment = this.#segments[bucket >> SEGMENT_SHIFT]!
    this.#chain.setNext(node, segment[bucket & SEGMENT_MASK]!)
    segment[bucket & SEGMENT_MASK] = node
  }

  #split(): void {
    const source = this.#buckets - this.#level
    const target = this.#buckets
    if (target >> SEGMENT_SHIFT === this.#segments.length) {
      this.#segments.push(new Int32Array(SEGMENT_SIZE))
    }
    let node = this.#segments[source >> SEGMENT_SHIFT]![source & SEGMENT_MASK]!
    this.#setFirst(source, 0)
    this.#buckets++
    while (node !== 0) {
      const next = this.#chain.next(node)
      const bucket =
        (mix(this.#chain.hash(node)) & (this.#level * 2 - 1)) === source ? source : target
      this.#push(bucket, node)
      node = next
    }
    if (this.#buckets === this.#level * 2) this.#level *= 2
  }
}

/** Spreads FNV's weak low bits (the finalizer of MurmurHash3). */
function mix(hash: number): number {
  let h = hash ^ (hash >>> 16)
  h = Math.imul(h, 0x85ebca6b)
  h ^= h >>> 13
  h = Math.imul(h, 0xc2b2ae35)
  return h ^ (h >>> 16)
}
