// Bytes of varying length outside the JavaScript heap: node data and long names.
//
// A reference is page << 12 | unit, where a unit is 16 bytes: 31 bits, so 32 GiB. Values are cut
// from pages by size class, and a freed place is used again for its class. A value above half a
// page has a page of its own. Values are never changed in place, so only allocating and freeing
// touches pages.

import { assert } from '../../../protocol/assert.ts'
import { copyBytes } from '../../../protocol/bytes/copy-bytes.ts'
import { PAGE_BYTES, type Pages } from './pages.ts'

/** No value: data that is null or of length 0 needs no memory. */
export const NO_VALUE = -1

const UNIT_SHIFT = 4
const UNIT_BITS = 12
const UNIT_MASK = (1 << UNIT_BITS) - 1
const LARGE_BYTES = PAGE_BYTES / 2
const CLASS_BYTES: readonly number[] = makeClasses()
const CLASS_OF_UNITS: Uint8Array = makeClassTable()

export class ValueHeap {
  readonly pages: Pages
  readonly #free: number[][] = CLASS_BYTES.map(() => [])
  /** The page from which each class cuts places, and how many of its bytes are used. */
  readonly #openPage: number[] = CLASS_BYTES.map(() => -1)
  readonly #openUsed: number[] = CLASS_BYTES.map(() => 0)

  constructor(pages: Pages) {
    this.pages = pages
  }

  /** Copies the range in. Returns its reference; NO_VALUE for an empty range. */
  store(source: Uint8Array, start: number, end: number): number {
    const length = end - start
    if (length === 0) return NO_VALUE
    const ref = length > LARGE_BYTES ? this.#ownPage(length) : this.#slot(classOf(length))
    const page = ref >> UNIT_BITS
    this.pages.touch(page)
    copyBytes(source, start, end, this.pages.u8[page]!, (ref & UNIT_MASK) << UNIT_SHIFT)
    return ref
  }

  free(ref: number, length: number): void {
    if (ref === NO_VALUE) return
    if (length > LARGE_BYTES) this.pages.dropApart(ref >> UNIT_BITS)
    else this.#free[classOf(length)]!.push(ref)
  }

  #ownPage(length: number): number {
    const page = this.pages.addApart((length + 15) & -16)
    assert(page < 1 << 19, 'value heap full')
    return page << UNIT_BITS
  }

  #slot(sizeClass: number): number {
    const freed = this.#free[sizeClass]!.pop()
    if (freed !== undefined) return freed
    const size = CLASS_BYTES[sizeClass]!
    if (this.#openPage[sizeClass] === -1 || this.#openUsed[sizeClass]! + size > PAGE_BYTES) {
      const page = this.pages.add()
      assert(page < 1 << 19, 'value heap full')
      this.#openPage[sizeClass] = page
      this.#openUsed[sizeClass] = 0
    }
    const at = this.#openUsed[sizeClass]!
    this.#openUsed[sizeClass] = at + size
    return (this.#openPage[sizeClass]! << UNIT_BITS) | (at >> UNIT_SHIFT)
  }
}

export function valuePage(ref: number): number {
  return ref >> UNIT_BITS
}

export function valueOffset(ref: number): number {
  return (ref & UNIT_MASK) << UNIT_SHIFT
}

function classOf(length: number): number {
  return CLASS_OF_UNITS[(length + 15) >> UNIT_SHIFT]!
}

/** Multiples of 16 up to 256, then steps of an eighth: at most 12 % is unused. */
function makeClasses(): number[] {
  const classes: number[] = []
  let size = 16
  while (size <= LARGE_BYTES) {
    classes.push(size)
    size += Math.max(16, (size >> 3) & -16)
  }
  if (classes.at(-1) !== LARGE_BYTES) classes.push(LARGE_BYTES)
  return classes
}

function makeClassTable(): Uint8Array {
  const table = new Uint8Array((LARGE_BYTES >> UNIT_SHIFT) + 1)
  let sizeClass = 0
  for (let units = 0; units < table.length; units++) {
    while (CLASS_BYTES[sizeClass]! < units << UNIT_SHIFT) sizeClass++
    table[units] = sizeClass
  }
  return table
}
