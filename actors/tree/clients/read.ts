// Reads: answered from the committed tree, errors in ZooKeeper's order (FinalRequestProcessor).
//
// Each function appends the reply's body to `reply` and returns the error; the body then does not
// count. Watches are left through `watch`, which the watches actor gets before the reply.

import { type Acl, type Id, permits, writeAcls } from '../../../protocol/acl.ts'
import { type JuteReader, MalformedError } from '../../../protocol/bytes/jute-reader.ts'
import type { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { ErrorCode } from '../../../protocol/error-code.ts'
import { STEP_BYTES, STEP_NODES } from '../../../protocol/limits.ts'
import { WatchMode } from '../../../protocol/messages/watches.ts'
import { OpCode, Perm } from '../../../protocol/op-code.ts'
import type { DataTree } from '../store/data-tree.ts'
import * as layout from '../store/node-layout.ts'
import { writeNodeStat } from '../store/node-stat.ts'
import { maskAcls } from '../writes/acl-rules.ts'
import { writeMultiError, writeMultiHeader } from '../writes/apply.ts'

export interface ReadOptions {
  readonly skipAcl: boolean
}

/** Registers a watch of the reader's connection. */
export type WatchSink = (mode: WatchMode, bytes: Uint8Array, start: number, end: number) => void

/** To be answered in steps (long-read.ts): what was appended does not count. */
export const LONG: unique symbol = Symbol('long read')

export class Read {
  /** Found last. */
  node: number = layout.NO_NODE
  readonly #tree: DataTree
  readonly #options: ReadOptions
  #watching = false
  #pathStart = 0
  #pathEnd = 0

  constructor(tree: DataTree, options: ReadOptions) {
    this.#tree = tree
    this.#options = options
  }

  exists(
    reader: JuteReader,
    identities: readonly Id[],
    watch: WatchSink,
    reply: JuteWriter,
  ): ErrorCode {
    this.#path(reader)
    const watching = reader.bool()
    const bytes = reader.bytes
    for (let i = this.#pathStart; i < this.#pathEnd; i++) {
      if (bytes[i] === 0) return ErrorCode.badArguments
    }
    const node = this.#tree.find(bytes, this.#pathStart, this.#pathEnd)
    if (node !== layout.NO_NODE && !this.#permits(node, Perm.read, identities)) {
      return ErrorCode.noAuth
    }
    if (watching) watch(WatchMode.data, bytes, this.#pathStart, this.#pathEnd)
    if (node === layout.NO_NODE) return ErrorCode.noNode
    writeNodeStat(reply, this.#tree, node)
    return ErrorCode.ok
  }

  /** Finds the node that getData or getChildren names, for who may read it: then `node` is it. */
  locate(reader: JuteReader, identities: readonly Id[]): ErrorCode {
    this.#path(reader)
    this.#watching = reader.bool()
    this.node = this.#tree.find(reader.bytes, this.#pathStart, this.#pathEnd)
    if (this.node === layout.NO_NODE) return ErrorCode.noNode
    return this.#permits(this.node, Perm.read, identities) ? ErrorCode.ok : ErrorCode.noAuth
  }

  getData(
    reader: JuteReader,
    identities: readonly Id[],
    watch: WatchSink,
    reply: JuteWriter,
  ): ErrorCode {
    const error = this.locate(reader, identities)
    if (error !== ErrorCode.ok) return error
    if (this.#watching) watch(WatchMode.data, reader.bytes, this.#pathStart, this.#pathEnd)
    this.writeData(this.node, reply)
    return ErrorCode.ok
  }

  writeData(node: number, reply: JuteWriter): void {
    const store = this.#tree.store
    const length = store.word(node, layout.DATA_LENGTH)
    reply.int(length)
    const at = store.dataOffset(node)
    if (length > 0) reply.raw(store.dataBytes(node), at, at + length)
    writeNodeStat(reply, this.#tree, node)
  }

  /** Opcodes 8 and, with the stat, 12. */
  getChildren(
    reader: JuteReader,
    identities: readonly Id[],
    watch: WatchSink,
    reply: JuteWriter,
    withStat: boolean,
  ): ErrorCode | typeof LONG {
    const error = this.locate(reader, identities)
    if (error !== ErrorCode.ok) return error
    if (!this.#writeChildren(this.node, reply)) return LONG
    this.watchChildren(reader, watch)
    if (withStat) writeNodeStat(reply, this.#tree, this.node)
    return ErrorCode.ok
  }

  /** If the request that `locate` read asks for it. */
  watchChildren(reader: JuteReader, watch: WatchSink): void {
    if (this.#watching) watch(WatchMode.child, reader.bytes, this.#pathStart, this.#pathEnd)
  }

  /** False when the list is long. */
  #writeChildren(node: number, reply: JuteWriter): boolean {
    const store = this.#tree.store
    const count = store.word(node, layout.NUM_CHILDREN)
    if (count > STEP_NODES) return false
    reply.int(count)
    let child = store.word(node, layout.FIRST_CHILD)
    for (; child !== layout.NO_NODE; child = store.word(child, layout.NEXT_SIBLING)) {
      const at = store.nameOffset(child)
      reply.bufferRange(store.nameBytes(child), at, at + store.word(child, layout.NAME_LENGTH))
      if (reply.length > STEP_BYTES) return false
    }
    return true
  }

  getAcl(reader: JuteReader, identities: readonly Id[], reply: JuteWriter): ErrorCode {
    this.#path(reader)
    const node = this.#tree.find(reader.bytes, this.#pathStart, this.#pathEnd)
    if (node === layout.NO_NODE) return ErrorCode.noNode
    if (!this.#permits(node, Perm.read | Perm.admin, identities)) return ErrorCode.noAuth
    const acls = this.#acls(node)
    const masked = this.#permits(node, Perm.admin, identities) ? acls : maskAcls(acls)
    writeAcls(reply, masked)
    writeNodeStat(reply, this.#tree, node)
    return ErrorCode.ok
  }

  /** LONG: the nodes below `node` are to be counted. */
  getAllChildrenNumber(
    reader: JuteReader,
    identities: readonly Id[],
    reply: JuteWriter,
  ): ErrorCode | typeof LONG {
    this.#path(reader)
    const tree = this.#tree
    this.node = tree.find(reader.bytes, this.#pathStart, this.#pathEnd)
    if (this.node === layout.NO_NODE) return ErrorCode.noNode
    if (!this.#permits(this.node, Perm.read, identities)) return ErrorCode.noAuth
    if (this.node !== layout.ROOT) {
      if (tree.store.word(this.node, layout.NUM_CHILDREN) > 0) return LONG
      reply.int(0)
      return ErrorCode.ok
    }
    // The root counts itself under its other name, the empty path.
    reply.int(tree.store.count - (this.#pathEnd > this.#pathStart ? 1 : 0))
    return ErrorCode.ok
  }

  /** The session's ephemerals whose path starts with the prefix; all of them for "" and "/". */
  getEphemerals(
    reader: JuteReader,
    nodes: ReadonlySet<number>,
    reply: JuteWriter,
  ): ErrorCode | typeof LONG {
    if (nodes.size > STEP_NODES) return LONG
    const prefix = reader.string()
    const paths: string[] = []
    for (const node of nodes) {
      const path = this.#tree.path(node)
      if (startsWithPrefix(path, prefix)) paths.push(path)
    }
    reply.vector(paths, (writer, path) => writer.string(path))
    return ErrorCode.ok
  }

  /** Reads in one go, each with its own result. */
  multiRead(
    reader: JuteReader,
    identities: readonly Id[],
    reply: JuteWriter,
  ): ErrorCode | typeof LONG {
    for (let count = 1; ; count++) {
      const type = reader.int()
      const done = reader.bool()
      reader.int()
      if (done) break
      if (type !== OpCode.getData && type !== OpCode.getChildren) return ErrorCode.marshallingError
      if (count > STEP_NODES || reply.length > STEP_BYTES) return LONG
      const error = this.locate(reader, identities)
      if (error !== ErrorCode.ok) {
        writeMultiError(reply, error)
        continue
      }
      writeMultiHeader(reply, type, false, 0)
      if (type === OpCode.getData) this.writeData(this.node, reply)
      else if (!this.#writeChildren(this.node, reply)) return LONG
    }
    writeMultiHeader(reply, -1, true, -1)
    return ErrorCode.ok
  }

  #path(reader: JuteReader): void {
    const length = reader.bufferLength()
    if (length < 0) throw new MalformedError('null path')
    this.#pathStart = reader.offset
    reader.skip(length)
    this.#pathEnd = reader.offset
  }

  #permits(node: number, perms: number, identities: readonly Id[]): boolean {
    if (this.#options.skipAcl) return true
    const acls = this.#tree.acls.restrictingAny(this.#tree.store.word(node, layout.ACL_ID))
    return acls === null || permits(acls, perms, identities)
  }

  #acls(node: number): readonly Acl[] {
    return this.#tree.acls.list(this.#tree.store.word(node, layout.ACL_ID))
  }
}

/** Whether getEphemerals with this prefix lists the path. */
export function startsWithPrefix(path: string, prefix: string | null): boolean {
  const isAll = prefix === null || prefix.trim() === '' || prefix.trim() === '/'
  return isAll || path.startsWith(prefix)
}
