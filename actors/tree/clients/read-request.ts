// A request that is answered from the committed tree: who asks, what is left to read of it, and the
// reply in the making. One object is filled afresh for each request, so that a read allocates
// nothing. A read in steps has an object of its own, because others are answered between its steps.

import { type Id, permits } from '../../../protocol/acl.ts'
import { known } from '../../../protocol/assert.ts'
import { JuteReader, MalformedError } from '../../../protocol/bytes/jute-reader.ts'
import { ErrorCode } from '../../../protocol/error-code.ts'
import type { ConnectionSlot } from '../../../protocol/messages/network.ts'
import type { WatchMode } from '../../../protocol/messages/watches.ts'
import { Perm } from '../../../protocol/op-code.ts'
import type { DataTree } from '../store/data-tree.ts'
import * as layout from '../store/node-layout.ts'
import type { Connection, Request } from './connections.ts'
import type { EventStream } from './event-stream.ts'
import type { ReplyWriter } from './reply-writer.ts'

export interface ReadOptions {
  readonly skipAcl: boolean
  /** Reads that concern more nodes are answered in parts. */
  readonly longReadNodes: number
}

export class ReadRequest {
  readonly tree: DataTree
  readonly events: EventStream
  readonly reader: JuteReader = new JuteReader()
  /** The reply's body. */
  readonly reply: ReplyWriter
  /** The xid in the reply's header. */
  xid = 0
  /** Whether the reply's header gives no zxid. */
  isTimeless = false
  /** Invariant: not null from `begin` on. */
  #connection: Connection | null = null
  /** The path that was read last: a range of the reader's bytes. */
  pathStart = 0
  pathEnd = 0
  /** Whether the client asks for a watch, so that `watch` sets one. */
  isWatching = false
  /** The node at the path, as `find` found it. */
  node: number = layout.NO_NODE
  /** What a reply in parts counted while it was measured. */
  counted = 0
  readonly longReadNodes: number
  readonly #options: ReadOptions

  constructor(tree: DataTree, events: EventStream, options: ReadOptions, reply: ReplyWriter) {
    this.tree = tree
    this.events = events
    this.reply = reply
    this.longReadNodes = options.longReadNodes
    this.#options = options
  }

  begin({ connection, xid, bytes, start, end }: Request): void {
    this.#connection = connection
    this.xid = xid
    this.isTimeless = false
    this.isWatching = false
    this.reader.reset(bytes, start, end)
    this.reply.reset()
  }

  get slot(): ConnectionSlot {
    return known(this.#connection, 'who asks').slot
  }

  get identities(): readonly Id[] {
    return known(this.#connection, 'who asks').identities
  }

  /** The nodes that the asking session owns. */
  get ephemerals(): ReadonlySet<number> {
    return known(this.#connection, 'who asks').session?.ephemerals ?? NO_NODES
  }

  /** Reads a path; null is malformed. */
  readPath(): void {
    const length = this.reader.bufferLength()
    if (length < 0) throw new MalformedError('null path')
    this.#passPath(length)
  }

  /** Reads a path; null counts as the empty one. */
  readAnyPath(): void {
    this.#passPath(Math.max(0, this.reader.bufferLength()))
  }

  /** Reads what most read requests consist of: ustring path, boolean watch. */
  readPathAndWatch(): void {
    this.readPath()
    this.isWatching = this.reader.bool()
  }

  #passPath(length: number): void {
    this.pathStart = this.reader.offset
    this.reader.skip(length)
    this.pathEnd = this.reader.offset
  }

  /** The node at the path, or NO_NODE. */
  find(): number {
    this.node = this.tree.find(this.reader.bytes, this.pathStart, this.pathEnd)
    return this.node
  }

  /** Reads path and watch flag, finds the node, and checks that the client may read it. */
  locate(): ErrorCode {
    this.readPathAndWatch()
    return this.#located()
  }

  /** The same for a request without a watch flag. */
  locatePath(): ErrorCode {
    this.readPath()
    return this.#located()
  }

  #located(): ErrorCode {
    if (this.find() === layout.NO_NODE) return ErrorCode.noNode
    return this.permits(Perm.read) ? ErrorCode.ok : ErrorCode.noAuth
  }

  /** Whether the node's access list gives the client one of these permissions. */
  permits(perms: number): boolean {
    if (this.#options.skipAcl) return true
    const acls = this.tree.acls.restrictingAny(this.tree.store.word(this.node, layout.ACL_ID))
    return acls === null || permits(acls, perms, this.identities)
  }

  /** Watches the path if the client asks for it. The watches actor hears of it before the reply
   * leaves. */
  watch(mode: WatchMode): void {
    if (!this.isWatching) return
    this.events.watch(this.slot, mode, this.reader.bytes, this.pathStart, this.pathEnd)
  }
}

const NO_NODES: ReadonlySet<number> = new Set()
