// Reads node records, live or frozen: a snapshot's writer reads the same layout from frozen pages
// on another thread.

import { assert } from '../../../protocol/assert.ts'
import { SLASH } from '../../../protocol/path.ts'
import * as layout from './node-layout.ts'
import type { Pages } from './pages.ts'
import { NO_VALUE, valueOffset, valuePage } from './value-heap.ts'

const NO_BYTES = new Uint8Array(0)

export class NodeReader {
  readonly nodes: Pages
  readonly valuePages: Pages

  constructor(nodes: Pages, valuePages: Pages) {
    this.nodes = nodes
    this.valuePages = valuePages
  }

  word(node: number, field: number): number {
    const page = this.nodes.i32[node >> layout.NODE_SHIFT]!
    return page[((node & layout.NODE_MASK) << layout.I32_SHIFT) + field]!
  }

  double(node: number, field: number): number {
    const page = this.nodes.f64[node >> layout.NODE_SHIFT]!
    return page[((node & layout.NODE_MASK) << layout.F64_SHIFT) + field]!
  }

  /** Where the data lies: the page's bytes and an offset. Its length is the word DATA_LENGTH. */
  dataBytes(node: number): Uint8Array {
    const ref = this.word(node, layout.DATA_REF)
    return ref === NO_VALUE ? NO_BYTES : this.valuePages.u8[valuePage(ref)]!
  }

  dataOffset(node: number): number {
    const ref = this.word(node, layout.DATA_REF)
    return ref === NO_VALUE ? 0 : valueOffset(ref)
  }

  nameBytes(node: number): Uint8Array {
    if (this.word(node, layout.NAME_LENGTH) > layout.NAME_INLINE_BYTES) {
      return this.valuePages.u8[valuePage(this.word(node, layout.NAME))]!
    }
    return this.nodes.u8[node >> layout.NODE_SHIFT]!
  }

  nameOffset(node: number): number {
    if (this.word(node, layout.NAME_LENGTH) > layout.NAME_INLINE_BYTES) {
      return valueOffset(this.word(node, layout.NAME))
    }
    return ((node & layout.NODE_MASK) << layout.U8_SHIFT) + layout.NAME_AT
  }

  /** Writes the path's bytes into `target`, from its end backwards, and returns where they begin.
   * The root is the empty path. */
  pathInto(node: number, target: Uint8Array): number {
    let at = target.length
    for (let n = node; n !== layout.ROOT; n = this.word(n, layout.PARENT)) {
      const length = this.word(n, layout.NAME_LENGTH)
      const name = this.nameBytes(n)
      const from = this.nameOffset(n)
      at -= length
      assert(at > 0, 'path longer than its buffer')
      for (let i = 0; i < length; i++) target[at + i] = name[from + i]!
      target[--at] = SLASH
    }
    return at
  }

  /** The path's length in bytes; 0 for the root. */
  pathLength(node: number): number {
    let length = 0
    for (let n = node; n !== layout.ROOT; n = this.word(n, layout.PARENT)) {
      length += 1 + this.word(n, layout.NAME_LENGTH)
    }
    return length
  }
}
