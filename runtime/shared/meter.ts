// A meter: the count, sum and extremes of a value that is observed again and again, and a histogram
// of the last minute that quantiles are read from. It is in shared memory; one thread writes, and
// any thread may read.
//
// The histogram's buckets are those of HDR histograms, from the bits of a double: 16 to each power of
// two, so a quantile is off by 3 % at most. To observe is three additions and two comparisons.
// The minute is six slices of ten seconds and the one that is being filled; a slice is emptied when the
// writer comes to it again.

import type { Meter } from '../../actors/actor.ts'

const SUB_BITS = 4
const EXPONENT_BIAS = 1023
/** Buckets cover 2^-7 (8 us, if the unit is a millisecond) to 2^33. Values outside are in the first
 * or the last bucket. */
const EXPONENT_MIN = -7
const EXPONENT_MAX = 33
const BUCKETS = (EXPONENT_MAX - EXPONENT_MIN) << SUB_BITS
const FIRST = (EXPONENT_BIAS + EXPONENT_MIN) << SUB_BITS

const SLICE_MS = 10_000
const SLICES_READ = 7
const SLICES = SLICES_READ + 1
/** The head is doubles: count, sum, min, max, then for each slice the number of its ten seconds. */
const HEAD_DOUBLES = 4
const HEAD_BYTES = (HEAD_DOUBLES + SLICES) * 8
/** Bytes of one meter. */
export const METER_BYTES: number = HEAD_BYTES + SLICES * BUCKETS * 4

const bits = new Float64Array(1)
/** On a little-endian machine the second word has the sign, the exponent, and the first bits of the
 * mantissa. */
const words = new Uint32Array(bits.buffer)

function bucketOf(value: number): number {
  bits[0] = value
  const index = (words[1]! >>> (20 - SUB_BITS)) - FIRST
  return index < 0 ? 0 : index < BUCKETS ? index : BUCKETS - 1
}

/** The middle of a bucket. */
function middleOf(bucket: number): number {
  const exponent = EXPONENT_MIN + (bucket >> SUB_BITS)
  const part = (bucket & ((1 << SUB_BITS) - 1)) + 0.5
  return 2 ** exponent * (1 + part / (1 << SUB_BITS))
}

class Layout {
  readonly head: Float64Array
  readonly counts: Uint32Array

  constructor(memory: SharedArrayBuffer, at: number) {
    this.head = new Float64Array(memory, at, HEAD_DOUBLES + SLICES)
    this.counts = new Uint32Array(memory, at + HEAD_BYTES, SLICES * BUCKETS)
  }
}

/** The writing end. Values below 0 count as 0. */
export class MeterWriter implements Meter {
  readonly #head: Float64Array
  readonly #counts: Uint32Array
  readonly #clock: { readonly nowMs: number }
  #sliceEndMs = Number.NEGATIVE_INFINITY
  #slice = 0
  /** The last value and its index in `#counts`. Most replies of a turn have waited equally long, so
   * the next value is often the same. */
  #last = Number.NaN
  #at = 0

  constructor(memory: SharedArrayBuffer, at: number, clock: { readonly nowMs: number }) {
    const { head, counts } = new Layout(memory, at)
    this.#head = head
    this.#counts = counts
    this.#clock = clock
  }

  observe(value: number, times: number = 1): void {
    const head = this.#head
    const at = value > 0 ? value : 0
    if (this.#clock.nowMs >= this.#sliceEndMs) this.#turnPage()
    if (at !== this.#last) this.#move(at)
    head[0]! += times
    head[1]! += at * times
    this.#counts[this.#at]! += times
  }

  #move(to: number): void {
    const head = this.#head
    if (head[0] === 0 || to < head[2]!) head[2] = to
    if (to > head[3]!) head[3] = to
    this.#last = to
    this.#at = this.#slice * BUCKETS + bucketOf(to)
  }

  #turnPage(): void {
    this.#last = Number.NaN
    const number = Math.floor(this.#clock.nowMs / SLICE_MS)
    this.#sliceEndMs = (number + 1) * SLICE_MS
    this.#slice = number % SLICES
    if (this.#head[HEAD_DOUBLES + this.#slice] === number) return
    this.#counts.fill(0, this.#slice * BUCKETS, (this.#slice + 1) * BUCKETS)
    this.#head[HEAD_DOUBLES + this.#slice] = number
  }
}

/** What a meter has observed since it began, and the quantiles of its last minute. */
export interface MeterReading {
  readonly count: number
  readonly sum: number
  /** 0 if nothing was observed. */
  readonly min: number
  readonly max: number
  /** `share`: from 0 to 1. NaN if nothing was observed in the last minute. */
  quantile(share: number): number
}

/** `at`: the meter's offset in bytes. `nowMs`: on the writer's clock. */
export function readMeter(memory: SharedArrayBuffer, at: number, nowMs: number): MeterReading {
  const { head, counts } = new Layout(memory, at)
  const [count, sum, min, max] = [head[0]!, head[1]!, head[2]!, head[3]!]
  let minute: Uint32Array | null = null
  return {
    count,
    sum,
    min,
    max,
    quantile: (share) => {
      if (count === 0) return Number.NaN
      minute ??= lastMinute(head, counts, nowMs)
      return quantileOf(minute, share)
    },
  }
}

/** How many values of the last minute are in each bucket or in one before it. */
function lastMinute(head: Float64Array, counts: Uint32Array, nowMs: number): Uint32Array {
  const sums = new Uint32Array(BUCKETS)
  const number = Math.floor(nowMs / SLICE_MS)
  for (let slice = 0; slice < SLICES; slice++) {
    const age = number - head[HEAD_DOUBLES + slice]!
    if (age < 0 || age >= SLICES_READ) continue
    const at = slice * BUCKETS
    for (let i = 0; i < BUCKETS; i++) sums[i]! += counts[at + i]!
  }
  for (let i = 1; i < BUCKETS; i++) sums[i]! += sums[i - 1]!
  return sums
}

function quantileOf(sums: Uint32Array, share: number): number {
  const total = sums[BUCKETS - 1]!
  if (total === 0) return Number.NaN
  const wanted = Math.max(1, Math.ceil(share * total))
  const bucket = sums.findIndex((sum) => sum >= wanted)
  return bucket === 0 ? 0 : middleOf(bucket)
}
