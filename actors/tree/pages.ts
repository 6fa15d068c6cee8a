// Memory in shared pages of 64 KiB that can be frozen for a reader on another thread.
//
// A snapshot freezes all pages: the writer of the snapshot gets the list of buffers as they are,
// and from then on the tree copies a page before its first change to it. The snapshot sees one
// instant of the tree without stopping it, and costs a page copy (about 6 us) per page touched.

import { assert } from '../../protocol/assert.ts'

export const PAGE_BYTES = 65536
export const PAGE_SHIFT = 16

export class Pages {
  /** The same page as bytes, 32-bit words and doubles. */
  readonly u8: Uint8Array[] = []
  readonly i32: Int32Array[] = []
  readonly f64: Float64Array[] = []
  /** 1: a snapshot may be reading the page's buffer; copy before writing. */
  readonly frozen: number[] = []
  bytes = 0
  readonly #vacant: number[] = []

  /** A read-only copy of another instance, from what its `freeze` returned. */
  static over(buffers: readonly SharedArrayBuffer[]): Pages {
    const pages = new Pages()
    for (const [page, buffer] of buffers.entries()) pages.#map(page, buffer)
    return pages
  }

  /** A new page, zeroed; its index. `byteLength` is for values too large for a common page. */
  add(byteLength: number = PAGE_BYTES): number {
    const page = this.#vacant.pop() ?? this.u8.length
    this.#map(page, new SharedArrayBuffer(byteLength))
    this.frozen[page] = 0
    this.bytes += byteLength
    return page
  }

  /** Gives a page back. A frozen reader keeps its buffer alive. */
  drop(page: number): void {
    this.bytes -= this.u8[page]!.length
    this.#map(page, EMPTY)
    this.#vacant.push(page)
  }

  /** To be called before every change of a page. */
  touch(page: number): void {
    if (this.frozen[page] === 1) this.#copy(page)
  }

  /** The buffers as they are now; they will not change until `thaw`, nor after. */
  freeze(): SharedArrayBuffer[] {
    this.frozen.fill(1)
    return this.u8.map((bytes) => bytes.buffer as SharedArrayBuffer)
  }

  /** The reader is done: writing in place is safe again. */
  thaw(): void {
    this.frozen.fill(0)
  }

  #copy(page: number): void {
    const source = this.u8[page]!
    assert(source.length > 0, 'write to a dropped page')
    const buffer = new SharedArrayBuffer(source.length)
    new Uint8Array(buffer).set(source)
    this.#map(page, buffer)
    this.frozen[page] = 0
  }

  #map(page: number, buffer: SharedArrayBuffer): void {
    this.u8[page] = new Uint8Array(buffer)
    this.i32[page] = new Int32Array(buffer)
    this.f64[page] = new Float64Array(buffer)
  }
}

const EMPTY = new SharedArrayBuffer(0)
