// Memory in pages of 64 KiB that can be frozen for a reader on another thread.
//
// Pages lie in shared slabs: two small ones, then large ones, which the system can back by huge
// pages. A snapshot freezes them: its reader gets the slabs, and a copy of the table that says
// where each page lies. That takes a few microseconds, however large the tree is. From then on a
// page is copied elsewhere before its first change, which takes about 10 us a page. So the reader
// sees one instant of the tree, and stops nobody. Pages given up by a copy are used again when the
// reader is done.

import { assert } from '../../../protocol/assert.ts'

export const PAGE_BYTES = 65536
/** Enough for an empty tree. */
const FIRST_SLAB_PAGES = 16
/** The first two slabs together. */
const SMALL_SLABS_PAGES = 64
const SLAB_PAGES = 512
/** In the table: the page has memory of its own, because it is larger than others; or has none any
 * more. */
const APART = -1

/** What a reader needs. Plain data, which can be posted to another thread. */
export interface FrozenPages {
  readonly slabs: readonly SharedArrayBuffer[]
  /** Where each page lies, counted in pages from the start of the first slab; APART for those in
   * `apart`. */
  readonly table: Int32Array
  readonly apart: ReadonlyMap<number, SharedArrayBuffer>
}

export class Pages {
  /** Each page as bytes, as 32-bit words, and as doubles. */
  readonly u8: Uint8Array[] = []
  readonly i32: Int32Array[] = []
  readonly f64: Float64Array[] = []
  /** 1: a reader may be looking at the page, so it must be copied before it is written. */
  readonly #frozen: number[] = []
  readonly #table: number[] = []
  readonly #slabs: SharedArrayBuffer[] = []
  readonly #apart: Map<number, SharedArrayBuffer> = new Map()
  /** Places in slabs that are not in use any more, and those that nobody has used: all zeros. */
  readonly #free: number[] = []
  readonly #fresh: number[] = []
  /** Places that were given up while frozen. */
  #outdated: number[] = []
  readonly #vacant: number[] = []

  /** A read-only view of another instance, as it was frozen. */
  static over(frozen: FrozenPages): Pages {
    const pages = new Pages()
    pages.#slabs.push(...frozen.slabs)
    for (const [page, place] of frozen.table.entries()) {
      const own = frozen.apart.get(page)
      if (place !== APART) pages.#mapPlace(page, place)
      else pages.#map(page, own ?? NO_MEMORY, 0, own?.byteLength ?? 0)
    }
    return pages
  }

  /** Adds a page of zeros; returns its index. */
  add(): number {
    const page = this.#vacant.pop() ?? this.u8.length
    const used = this.#free.pop()
    this.#mapPlace(page, used ?? this.#freshPlace())
    // To touch all of a page that is zeros would make the system find memory for it.
    if (used !== undefined) this.u8[page]!.fill(0)
    this.#frozen[page] = 0
    return page
  }

  /** Adds a page of its own size. */
  addApart(byteLength: number): number {
    const page = this.#vacant.pop() ?? this.u8.length
    const memory = new SharedArrayBuffer(byteLength)
    this.#apart.set(page, memory)
    this.#map(page, memory, 0, byteLength)
    this.#table[page] = APART
    this.#frozen[page] = 0
    return page
  }

  /** Gives back a page of its own size. */
  dropApart(page: number): void {
    assert(this.#apart.delete(page), 'dropped a common page')
    this.#map(page, NO_MEMORY, 0, 0)
    this.#vacant.push(page)
  }

  /** Call it before every change of a page. */
  touch(page: number): void {
    if (this.#frozen[page] === 1) this.#copy(page)
  }

  freeze(): FrozenPages {
    this.#frozen.fill(1)
    return {
      slabs: [...this.#slabs],
      table: Int32Array.from(this.#table),
      apart: new Map(this.#apart),
    }
  }

  /** The reader is done. */
  thaw(): void {
    this.#frozen.fill(0)
    for (const place of this.#outdated) this.#free.push(place)
    this.#outdated = []
  }

  #copy(page: number): void {
    this.#frozen[page] = 0
    // A page of its own size is written only before anybody can freeze it.
    if (this.#table[page] === APART) return
    const source = this.u8[page]!
    this.#outdated.push(this.#table[page]!)
    this.#mapPlace(page, this.#free.pop() ?? this.#freshPlace())
    this.u8[page]!.set(source)
  }

  #freshPlace(): number {
    const fresh = this.#fresh.pop()
    if (fresh !== undefined) return fresh
    const first = firstPlace(this.#slabs.length)
    const next = firstPlace(this.#slabs.length + 1)
    this.#slabs.push(new SharedArrayBuffer((next - first) * PAGE_BYTES))
    for (let place = next - 1; place > first; place--) this.#fresh.push(place)
    return first
  }

  #mapPlace(page: number, place: number): void {
    const index = slabOf(place)
    this.#map(page, this.#slabs[index]!, (place - firstPlace(index)) * PAGE_BYTES, PAGE_BYTES)
    this.#table[page] = place
  }

  #map(page: number, memory: SharedArrayBuffer, start: number, byteLength: number): void {
    this.u8[page] = new Uint8Array(memory, start, byteLength)
    this.i32[page] = new Int32Array(memory, start, byteLength >> 2)
    this.f64[page] = new Float64Array(memory, start, byteLength >> 3)
  }
}

const NO_MEMORY = new SharedArrayBuffer(0)

function slabOf(place: number): number {
  if (place < FIRST_SLAB_PAGES) return 0
  return 2 + Math.max(-1, Math.floor((place - SMALL_SLABS_PAGES) / SLAB_PAGES))
}

/** The first place of the slab with this index, counted over all slabs. */
function firstPlace(slab: number): number {
  if (slab < 2) return slab * FIRST_SLAB_PAGES
  return SMALL_SLABS_PAGES + (slab - 2) * SLAB_PAGES
}
