// Reads whose replies are long: as in read.ts, in steps, between which others read.
//
// The tree does not change meanwhile (slow-lane.ts), so all of a reply is of one state. A frame begins
// with its length: so the reply is written twice, the first time only to be measured, and then leaves
// in parts, of which none has to be kept here.

import type { Id } from '../../../protocol/acl.ts'
import { assert } from '../../../protocol/assert.ts'
import type { JuteReader } from '../../../protocol/bytes/jute-reader.ts'
import { JuteWriter, TooLargeError } from '../../../protocol/bytes/jute-writer.ts'
import { ErrorCode } from '../../../protocol/error-code.ts'
import { STEP_BYTES, STEP_NODES } from '../../../protocol/limits.ts'
import { OpCode } from '../../../protocol/op-code.ts'
import type { DataTree } from '../store/data-tree.ts'
import * as layout from '../store/node-layout.ts'
import { writeNodeStat } from '../store/node-stat.ts'
import { writeMultiError, writeMultiHeader } from '../writes/apply.ts'
import { type Read, startsWithPrefix, type WatchSink } from './read.ts'

export type Steps<T> = Generator<undefined, T>

/** Takes what was written since the last time. */
type Cut = (bytes: Uint8Array, start: number, end: number) => void

/** A reply in the making, cut where a step ends. */
export class PartWriter extends JuteWriter {
  readonly #bytesMax: number
  #cut: Cut | null = null
  /** Of what was cut. */
  total = 0

  constructor(bytesMax: number) {
    super(STEP_BYTES * 2, bytesMax)
    this.#bytesMax = bytesMax
  }

  /** From now on it is not only measured. */
  begin(cut: Cut): void {
    this.#cut = cut
    this.total = 0
    this.length = 0
  }

  cut(): void {
    this.total += this.length
    if (this.total > this.#bytesMax) throw new TooLargeError(`more than ${this.#bytesMax} bytes`)
    if (this.length > 0) this.#cut?.(this.bytes, 0, this.length)
    this.length = 0
  }
}

export class LongRead {
  readonly #tree: DataTree
  readonly #read: Read
  /** Found by the measuring: what a list begins with. */
  #matching = 0

  constructor(tree: DataTree, read: Read) {
    this.#tree = tree
    this.#read = read
  }

  /** One of getChildren, getChildren2, multiRead and getEphemerals. */
  *body(
    opCode: number,
    reader: JuteReader,
    identities: readonly Id[],
    ephemerals: ReadonlySet<number>,
    watch: WatchSink | null,
    writer: PartWriter,
  ): Steps<ErrorCode> {
    if (opCode === OpCode.multiRead) return yield* this.#multiRead(reader, identities, writer)
    if (opCode === OpCode.getEphemerals) {
      yield* this.#ephemerals(reader.string(), ephemerals, writer)
      return ErrorCode.ok
    }
    assert(opCode === OpCode.getChildren || opCode === OpCode.getChildren2, 'no long read')
    const error = this.#read.locate(reader, identities)
    if (error !== ErrorCode.ok) return error
    const { node } = this.#read
    if (watch !== null) this.#read.watchChildren(reader, watch)
    yield* this.#children(node, writer)
    if (opCode === OpCode.getChildren2) writeNodeStat(writer, this.#tree, node)
    return ErrorCode.ok
  }

  /** How many nodes are below this one. */
  *descendants(top: number): Steps<number> {
    const { store } = this.#tree
    let count = 0
    let node = store.word(top, layout.FIRST_CHILD)
    while (node !== layout.NO_NODE) {
      if (++count % STEP_NODES === 0) yield
      let next = store.word(node, layout.FIRST_CHILD)
      while (next === layout.NO_NODE && node !== top) {
        next = store.word(node, layout.NEXT_SIBLING)
        node = store.word(node, layout.PARENT)
      }
      node = next
    }
    return count
  }

  *#children(node: number, writer: PartWriter): Steps<void> {
    const { store } = this.#tree
    writer.int(store.word(node, layout.NUM_CHILDREN))
    let child = store.word(node, layout.FIRST_CHILD)
    for (let visited = 1; child !== layout.NO_NODE; visited++) {
      const at = store.nameOffset(child)
      writer.bufferRange(store.nameBytes(child), at, at + store.word(child, layout.NAME_LENGTH))
      child = store.word(child, layout.NEXT_SIBLING)
      if (visited % STEP_NODES === 0 || writer.length >= STEP_BYTES) {
        writer.cut()
        yield
      }
    }
  }

  *#multiRead(reader: JuteReader, identities: readonly Id[], writer: PartWriter): Steps<ErrorCode> {
    for (let visited = 1; ; visited++) {
      const type = reader.int()
      const done = reader.bool()
      reader.int()
      if (done) break
      if (type !== OpCode.getData && type !== OpCode.getChildren) return ErrorCode.marshallingError
      const error = this.#read.locate(reader, identities)
      if (error === ErrorCode.ok) {
        writeMultiHeader(writer, type, false, 0)
        if (type === OpCode.getData) this.#read.writeData(this.#read.node, writer)
        else yield* this.#children(this.#read.node, writer)
      } else {
        writeMultiError(writer, error)
      }
      if (visited % STEP_NODES === 0 || writer.length >= STEP_BYTES) {
        writer.cut()
        yield
      }
    }
    writeMultiHeader(writer, -1, true, -1)
    return ErrorCode.ok
  }

  *#ephemerals(prefix: string | null, nodes: ReadonlySet<number>, writer: PartWriter): Steps<void> {
    writer.int(this.#matching)
    this.#matching = 0
    let visited = 0
    for (const node of nodes) {
      const path = this.#tree.path(node)
      if (startsWithPrefix(path, prefix)) {
        writer.string(path)
        this.#matching++
      }
      if (++visited % STEP_NODES === 0 || writer.length >= STEP_BYTES) {
        writer.cut()
        yield
      }
    }
  }
}
