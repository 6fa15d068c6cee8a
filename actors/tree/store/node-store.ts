// The znodes: records in shared pages, found by path, and linked as a tree. No node is a JavaScript
// object, so a million of them cost neither heap nor garbage collection.
//
// A node is named by its index. Paths come as ranges of UTF-8. This file knows structure and bytes;
// what a create or a delete does to a stat is the business of data-tree.ts.

import { assert } from '../../../protocol/assert.ts'
import { hashOn, hashSlash, pathHash, ROOT_HASH } from '../../../protocol/bytes/path-hash.ts'
import { SLASH } from '../../../protocol/path.ts'
import * as layout from './node-layout.ts'
import { NodeReader } from './node-reader.ts'
import { Pages } from './pages.ts'
import { PathIndex } from './path-index.ts'
import { NO_VALUE, ValueHeap } from './value-heap.ts'

/** A field that is a 32-bit word, by its offset in node-layout.ts. */
type WordField = number

export class NodeStore extends NodeReader {
  readonly values: ValueHeap
  readonly index: PathIndex
  /** How many records were ever handed out. Freed ones are used again. */
  #length: number = layout.ROOT + 1
  readonly #vacant: number[] = []
  /** The parent that `findParent` found last. */
  #lastParent: number = layout.ROOT

  constructor() {
    super(new Pages(), new Pages())
    this.values = new ValueHeap(this.valuePages)
    this.nodes.add()
    this.index = new PathIndex({
      next: (node) => this.word(node, layout.HASH_NEXT),
      setNext: (node, next) => this.setWord(node, layout.HASH_NEXT, next),
      hash: (node) => this.word(node, layout.HASH),
    })
    this.setWord(layout.ROOT, layout.HASH, ROOT_HASH)
    this.setWord(layout.ROOT, layout.DATA_REF, NO_VALUE)
    this.index.insert(layout.ROOT, ROOT_HASH)
  }

  /** How many nodes there are, the root included. */
  get count(): number {
    return this.index.count
  }

  setWord(node: number, field: WordField, value: number): void {
    const page = node >> layout.NODE_SHIFT
    this.nodes.touch(page)
    this.nodes.i32[page]![layout.recordAt(node) + field] = value
  }

  setDouble(node: number, field: number, value: number): void {
    const page = node >> layout.NODE_SHIFT
    this.nodes.touch(page)
    this.nodes.f64[page]![((node & layout.NODE_MASK) << layout.F64_SHIFT) + field] = value
  }

  /** The words of the node's page, ready to be changed. The node's own begin at `layout.recordAt`. For
   * setting many fields at once. */
  record(node: number): Int32Array {
    const page = node >> layout.NODE_SHIFT
    this.nodes.touch(page)
    return this.nodes.i32[page]!
  }

  /** The same page as doubles. The node's own begin at half of that. */
  recordDoubles(node: number): Float64Array {
    return this.nodes.f64[node >> layout.NODE_SHIFT]!
  }

  /** The node at a path ("" and "/" are the root), or NO_NODE. The range may be any bytes. */
  find(
    bytes: Uint8Array,
    start: number,
    end: number,
    hash: number = pathHash(bytes, start, end),
  ): number {
    if (end === start || (end - start === 1 && bytes[start] === SLASH)) return layout.ROOT
    let node = this.index.first(hash)
    while (node !== layout.NO_NODE) {
      if (this.word(node, layout.HASH) === hash && this.#isPath(node, bytes, start, end))
        return node
      node = this.word(node, layout.HASH_NEXT)
    }
    return layout.NO_NODE
  }

  /** The same, for a caller that expects this node. */
  confirm(node: number, bytes: Uint8Array, start: number, end: number): number {
    const isRight = node !== layout.NO_NODE && this.#isPath(node, bytes, start, end)
    return isRight ? node : this.find(bytes, start, end)
  }

  /** `find` for parents: siblings are usually made one after the other. */
  findParent(bytes: Uint8Array, start: number, end: number): number {
    const found = this.confirm(this.#lastParent, bytes, start, end)
    if (found !== layout.NO_NODE) this.#lastParent = found
    return found
  }

  /** The hash of a child's path. */
  childHash(parent: number, bytes: Uint8Array, nameStart: number, nameEnd: number): number {
    return hashOn(hashSlash(this.word(parent, layout.HASH)), bytes, nameStart, nameEnd)
  }

  /** The child of that name, or NO_NODE. */
  findChild(
    parent: number,
    bytes: Uint8Array,
    nameStart: number,
    nameEnd: number,
    hash: number,
  ): number {
    let node = this.index.first(hash)
    while (node !== layout.NO_NODE) {
      const words = this.nodes.i32[node >> layout.NODE_SHIFT]!
      const at = layout.recordAt(node)
      const isThere = words[at + layout.HASH] === hash && words[at + layout.PARENT] === parent
      if (isThere && this.#isName(node, bytes, nameStart, nameEnd)) return node
      node = words[at + layout.HASH_NEXT]!
    }
    return layout.NO_NODE
  }

  /** Adds a child with null data and an all-zero stat. The caller knows that there is none of that
   * name. */
  insert(
    parent: number,
    bytes: Uint8Array,
    nameStart: number,
    nameEnd: number,
    hash: number = this.childHash(parent, bytes, nameStart, nameEnd),
  ): number {
    const node = this.#claim()
    const words = this.record(node)
    const at = layout.recordAt(node)
    words[at + layout.HASH] = hash
    words[at + layout.PARENT] = parent
    words[at + layout.DATA_REF] = NO_VALUE
    words[at + layout.DATA_LENGTH] = -1
    this.#setName(node, bytes, nameStart, nameEnd)
    this.#link(parent, node)
    this.index.insert(node, hash)
    return node
  }

  /** Removes a node, which has no children. */
  remove(node: number): void {
    assert(node !== layout.ROOT, 'the root cannot be removed')
    assert(this.word(node, layout.FIRST_CHILD) === layout.NO_NODE, 'removed node has children')
    this.index.remove(node, this.word(node, layout.HASH))
    this.#unlink(node)
    this.values.free(this.word(node, layout.DATA_REF), this.word(node, layout.DATA_LENGTH))
    const nameLength = this.word(node, layout.NAME_LENGTH)
    if (nameLength > layout.NAME_INLINE_BYTES) {
      this.values.free(this.word(node, layout.NAME), nameLength)
    }
    // A caller that still knows the node finds it at no path.
    this.setWord(node, layout.PARENT, layout.NO_NODE)
    this.#vacant.push(node)
  }

  /** Replaces the data. `bytes` is null for null data. */
  setData(node: number, bytes: Uint8Array | null, start: number, end: number): void {
    const words = this.record(node)
    const at = layout.recordAt(node)
    this.values.free(words[at + layout.DATA_REF]!, words[at + layout.DATA_LENGTH]!)
    words[at + layout.DATA_REF] = bytes === null ? NO_VALUE : this.values.store(bytes, start, end)
    words[at + layout.DATA_LENGTH] = bytes === null ? -1 : end - start
  }

  #claim(): number {
    const reused = this.#vacant.pop()
    const node = reused ?? this.#length++
    const page = node >> layout.NODE_SHIFT
    if (page === this.nodes.u8.length) this.nodes.add()
    if (reused !== undefined) {
      this.nodes.touch(page)
      const at = layout.recordAt(node)
      this.nodes.i32[page]!.fill(0, at, at + (1 << layout.I32_SHIFT))
    }
    return node
  }

  #setName(node: number, bytes: Uint8Array, start: number, end: number): void {
    const length = end - start
    this.setWord(node, layout.NAME_LENGTH, length)
    if (length > layout.NAME_INLINE_BYTES) {
      this.setWord(node, layout.NAME, this.values.store(bytes, start, end))
      return
    }
    const page = this.nodes.u8[node >> layout.NODE_SHIFT]!
    const at = ((node & layout.NODE_MASK) << layout.U8_SHIFT) + layout.NAME_AT
    for (let i = 0; i < length; i++) page[at + i] = bytes[start + i]!
  }

  #link(parent: number, node: number): void {
    const first = this.word(parent, layout.FIRST_CHILD)
    this.setWord(node, layout.NEXT_SIBLING, first)
    if (first !== layout.NO_NODE) this.setWord(first, layout.PREVIOUS_SIBLING, node)
    const words = this.record(parent)
    const at = layout.recordAt(parent)
    words[at + layout.FIRST_CHILD] = node
    words[at + layout.NUM_CHILDREN]! += 1
  }

  #unlink(node: number): void {
    const parent = this.word(node, layout.PARENT)
    const next = this.word(node, layout.NEXT_SIBLING)
    const previous = this.word(node, layout.PREVIOUS_SIBLING)
    if (next !== layout.NO_NODE) this.setWord(next, layout.PREVIOUS_SIBLING, previous)
    if (previous === layout.NO_NODE) this.setWord(parent, layout.FIRST_CHILD, next)
    else this.setWord(previous, layout.NEXT_SIBLING, next)
    this.setWord(parent, layout.NUM_CHILDREN, this.word(parent, layout.NUM_CHILDREN) - 1)
  }

  /** Compares segment by segment, from the end. */
  #isPath(node: number, bytes: Uint8Array, start: number, end: number): boolean {
    let to = end
    let n = node
    while (n !== layout.ROOT) {
      const from = to - this.word(n, layout.NAME_LENGTH)
      if (from <= start || bytes[from - 1] !== SLASH) return false
      if (!this.#isName(n, bytes, from, to)) return false
      to = from - 1
      n = this.word(n, layout.PARENT)
    }
    return to === start
  }

  #isName(node: number, bytes: Uint8Array, start: number, end: number): boolean {
    const length = this.word(node, layout.NAME_LENGTH)
    if (end - start !== length) return false
    const name = this.nameBytes(node)
    const at = this.nameOffset(node)
    for (let i = 0; i < length; i++) if (bytes[start + i] !== name[at + i]) return false
    return true
  }
}
