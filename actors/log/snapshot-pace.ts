// When a snapshot is due: after so many transactions or bytes were logged since the last was asked
// for (SyncRequestProcessor.shouldSnapshot).

import type { LogOptions } from './options.ts'

/** A random integer from 0 to `bound` - 1. */
type Random = (bound: number) => number

export class SnapshotPace {
  /** One was asked for, and is neither saved nor failed yet. */
  pending = false

  readonly #options: LogOptions
  readonly #random: Random
  #count = 0
  #bytes = 0
  #atCount = 0
  #atBytes = 0

  constructor(options: LogOptions, random: Random) {
    this.#options = options
    this.#random = random
    this.#draw()
  }

  /** The disk holds this much behind its newest snapshot. */
  restart(count: number, bytes: number): void {
    this.pending = false
    this.#count = count
    this.#bytes = bytes
  }

  logged(count: number, bytes: number): void {
    this.#count += count
    this.#bytes += bytes
  }

  /** Whether it is time to ask for one. If so, it is pending from now on. */
  isDue(): boolean {
    if (this.pending) return false
    const manyBytes = this.#atBytes >= 0 && this.#bytes > this.#atBytes
    if (this.#count <= this.#atCount && !manyBytes) return false
    this.restart(0, 0)
    this.pending = true
    this.#draw()
    return true
  }

  describe(): string {
    return `snapshot after ${this.#count}/${this.#atCount}${this.pending ? ' (under way)' : ''}`
  }

  /** Draws the next threshold at random, so that the members of an ensemble do not all write at
   * once. */
  #draw(): void {
    const { snapCount, snapSizeLimitBytes } = this.#options
    this.#atCount = Math.floor(snapCount / 2) + this.#random(half(snapCount))
    this.#atBytes =
      snapSizeLimitBytes < 0
        ? -1
        : Math.floor(snapSizeLimitBytes / 2) + this.#random(half(snapSizeLimitBytes))
  }
}

function half(value: number): number {
  return Math.max(1, Math.floor(value / 2))
}
