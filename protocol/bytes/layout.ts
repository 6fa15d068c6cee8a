// Assigns places in memory, one after the other, each on a multiple of its size. So the order of
// the declarations is the layout, and a layout that does not fit fails when it is loaded.

import { assert } from '../assert.ts'

export const WORD_BYTES = 4
export const DOUBLE_BYTES = 8

export class Layout {
  readonly #end: number
  #at: number

  /** Bytes of the memory. */
  constructor(start: number, end: number) {
    this.#at = start
    this.#end = end
  }

  /** An index into an Int32Array of the memory. */
  word(): number {
    return this.#place(WORD_BYTES)
  }

  /** An index into a Float64Array of the memory. */
  double(): number {
    return this.#place(DOUBLE_BYTES)
  }

  #place(bytes: number): number {
    const index = Math.ceil(this.#at / bytes)
    this.#at = (index + 1) * bytes
    assert(this.#at <= this.#end, 'layout: no room for what is declared')
    return index
  }
}
