// Reads: answered from the committed tree, errors in ZooKeeper's order (FinalRequestProcessor).
//
// Each function appends the reply's body to `reply` and returns the error; the body then does not
// count. Watches are left through `watch`, which the watches actor gets before the reply.

import { type Acl, type Id, permits, writeAcls } from '../../protocol/acl.ts'
import { ErrorCode } from '../../protocol/error-code.ts'
import { type JuteReader, MalformedError } from '../../protocol/jute-reader.ts'
import type { JuteWriter } from '../../protocol/jute-writer.ts'
import { WatchMode } from '../../protocol/messages/watches.ts'
import { OpCode, Perm } from '../../protocol/op-code.ts'
import { maskAcls } from './acl-rules.ts'
import { writeMultiError, writeMultiHeader } from './apply.ts'
import type { DataTree } from './data-tree.ts'
import * as layout from './node-layout.ts'
import { writeNodeStat } from './node-stat.ts'

export interface ReadOptions {
  readonly skipAcl: boolean
}

/** Registers a watch of the reader's connection. */
export type WatchSink = (mode: WatchMode, bytes: Uint8Array, start: number, end: number) => void

export class Read {
  readonly #tree: DataTree
  readonly #options: ReadOptions
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

  getData(
    reader: JuteReader,
    identities: readonly Id[],
    watch: WatchSink | null,
    reply: JuteWriter,
  ): ErrorCode {
    this.#path(reader)
    const watching = reader.bool()
    const node = this.#tree.find(reader.bytes, this.#pathStart, this.#pathEnd)
    if (node === layout.NO_NODE) return ErrorCode.noNode
    if (!this.#permits(node, Perm.read, identities)) return ErrorCode.noAuth
    if (watching && watch !== null) {
      watch(WatchMode.data, reader.bytes, this.#pathStart, this.#pathEnd)
    }
    const store = this.#tree.store
    const length = store.word(node, layout.DATA_LENGTH)
    reply.int(length)
    const at = store.dataOffset(node)
    if (length > 0) reply.raw(store.dataBytes(node), at, at + length)
    writeNodeStat(reply, this.#tree, node)
    return ErrorCode.ok
  }

  /** Opcodes 8 and, with the stat, 12. */
  getChildren(
    reader: JuteReader,
    identities: readonly Id[],
    watch: WatchSink | null,
    reply: JuteWriter,
    withStat: boolean,
  ): ErrorCode {
    this.#path(reader)
    const watching = reader.bool()
    const node = this.#tree.find(reader.bytes, this.#pathStart, this.#pathEnd)
    if (node === layout.NO_NODE) return ErrorCode.noNode
    if (!this.#permits(node, Perm.read, identities)) return ErrorCode.noAuth
    if (watching && watch !== null) {
      watch(WatchMode.child, reader.bytes, this.#pathStart, this.#pathEnd)
    }
    const store = this.#tree.store
    reply.int(store.word(node, layout.NUM_CHILDREN))
    let child = store.word(node, layout.FIRST_CHILD)
    for (; child !== layout.NO_NODE; child = store.word(child, layout.NEXT_SIBLING)) {
      const at = store.nameOffset(child)
      reply.bufferRange(store.nameBytes(child), at, at + store.word(child, layout.NAME_LENGTH))
    }
    if (withStat) writeNodeStat(reply, this.#tree, node)
    return ErrorCode.ok
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

  getAllChildrenNumber(
    reader: JuteReader,
    identities: readonly Id[],
    reply: JuteWriter,
  ): ErrorCode {
    this.#path(reader)
    const tree = this.#tree
    const top = tree.find(reader.bytes, this.#pathStart, this.#pathEnd)
    if (top === layout.NO_NODE) return ErrorCode.noNode
    if (!this.#permits(top, Perm.read, identities)) return ErrorCode.noAuth
    // The root counts itself under its other name, the empty path.
    const own = this.#pathEnd > this.#pathStart ? 1 : 0
    reply.int(top === layout.ROOT ? tree.store.count - own : this.#descendants(top))
    return ErrorCode.ok
  }

  /** The session's ephemerals whose path starts with the prefix; all of them for "" and "/". */
  getEphemerals(reader: JuteReader, paths: readonly string[], reply: JuteWriter): ErrorCode {
    const prefix = reader.string()
    const all = prefix === null || prefix.trim() === '' || prefix.trim() === '/'
    const chosen = all ? paths : paths.filter((path) => path.startsWith(prefix))
    reply.vector(chosen, (writer, path) => writer.string(path))
    return ErrorCode.ok
  }

  /** Reads in one go, each with its own result. Null: the request is malformed. */
  multiRead(reader: JuteReader, identities: readonly Id[], reply: JuteWriter): ErrorCode {
    for (;;) {
      const type = reader.int()
      const done = reader.bool()
      reader.int()
      if (done) break
      const mark = reply.length
      writeMultiHeader(reply, type, false, 0)
      const error = this.#one(type, reader, identities, reply)
      if (error === ErrorCode.marshallingError) return error
      if (error !== ErrorCode.ok) {
        reply.length = mark
        writeMultiError(reply, error)
      }
    }
    writeMultiHeader(reply, -1, true, -1)
    return ErrorCode.ok
  }

  #one(type: number, reader: JuteReader, identities: readonly Id[], reply: JuteWriter): ErrorCode {
    if (type === OpCode.getData) return this.getData(reader, identities, null, reply)
    if (type === OpCode.getChildren) {
      return this.getChildren(reader, identities, null, reply, false)
    }
    return ErrorCode.marshallingError
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

  #descendants(top: number): number {
    const store = this.#tree.store
    let count = 0
    const open: number[] = [top]
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      let child = store.word(node, layout.FIRST_CHILD)
      for (; child !== layout.NO_NODE; child = store.word(child, layout.NEXT_SIBLING)) {
        count++
        open.push(child)
      }
    }
    return count
  }
}
