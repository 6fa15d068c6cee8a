// Deadlines in buckets of one tick. A session is moved at most once a tick, and is found when it is
// due without looking at any other (ExpiryQueue). Times are the caller's; nothing here reads a
// clock.
//
//   bucket of a deadline t = (floor(t / interval) + 1) * interval       never early, one tick late

import { assert } from '../../protocol/assert.ts'

/** What can be queued. Only the queue writes `bucketMs`. */
export interface Expiring {
  /** When it is due; `BUCKET_NONE` while it is not queued. */
  bucketMs: number
}

export const BUCKET_NONE = -1

export class ExpiryQueue<Item extends Expiring> {
  readonly #intervalMs: number
  readonly #buckets = new Map<number, Set<Item>>()
  /** No bucket is earlier. Meaningless while there is no bucket. */
  #nextMs = 0
  #size = 0

  constructor(intervalMs: number) {
    assert(Number.isInteger(intervalMs) && intervalMs > 0, 'expiry interval')
    this.#intervalMs = intervalMs
  }

  get size(): number {
    return this.#size
  }

  /** The bucket that a deadline falls into. */
  bucketOf(deadlineMs: number): number {
    return (Math.floor(deadlineMs / this.#intervalMs) + 1) * this.#intervalMs
  }

  /** Queues the item, or moves it, to the bucket of this deadline. */
  update(item: Item, deadlineMs: number): void {
    const bucketMs = this.bucketOf(deadlineMs)
    assert(bucketMs >= 0, 'a deadline before the clock began')
    if (bucketMs === item.bucketMs) return
    this.remove(item)
    let bucket = this.#buckets.get(bucketMs)
    if (bucket === undefined) {
      bucket = new Set()
      this.#buckets.set(bucketMs, bucket)
    }
    bucket.add(item)
    item.bucketMs = bucketMs
    if (this.#size === 0 || bucketMs < this.#nextMs) this.#nextMs = bucketMs
    this.#size++
  }

  /** The same, but does nothing if that would bring the item forward. */
  postpone(item: Item, deadlineMs: number): void {
    if (this.bucketOf(deadlineMs) > item.bucketMs) this.update(item, deadlineMs)
  }

  /** Does nothing if the item is not queued. */
  remove(item: Item): void {
    if (item.bucketMs === BUCKET_NONE) return
    const bucket = this.#buckets.get(item.bucketMs)
    assert(bucket?.delete(item) === true, 'a queued item is in its bucket')
    if (bucket.size === 0) this.#buckets.delete(item.bucketMs)
    item.bucketMs = BUCKET_NONE
    this.#size--
  }

  /** When to poll next: a multiple of the interval, and no later than the first bucket. Infinity if
   * nothing is queued. */
  nextDueMs(): number {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : this.#nextMs
  }

  /** Takes out the earliest bucket that is due; null if there is none. */
  poll(nowMs: number): Set<Item> | null {
    while (this.#size > 0 && this.#nextMs <= nowMs) {
      const bucket = this.#buckets.get(this.#nextMs)
      this.#buckets.delete(this.#nextMs)
      this.#nextMs += this.#intervalMs
      if (bucket === undefined) continue
      for (const item of bucket) item.bucketMs = BUCKET_NONE
      this.#size -= bucket.size
      assert(this.#size >= 0, 'queue size')
      return bucket
    }
    return null
  }
}
