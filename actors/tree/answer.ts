// Answers to clients: what needs no transaction, and the reply frame (FinalRequestProcessor's second
// half).

import type { Id } from '../../protocol/acl.ts'
import { ErrorCode } from '../../protocol/error-code.ts'
import { JuteReader, MalformedError } from '../../protocol/jute-reader.ts'
import { type JuteWriter, TooLargeError } from '../../protocol/jute-writer.ts'
import { REPLY_BYTES_MAX } from '../../protocol/limits.ts'
import type { NetworkMessages } from '../../protocol/messages/network.ts'
import { WatchMode } from '../../protocol/messages/watches.ts'
import { AddWatchMode, EventType, OpCode, Xid } from '../../protocol/op-code.ts'
import { ZXID_NONE, ZXID_ZERO, type Zxid } from '../../protocol/zxid.ts'
import type { SeldomLogged } from '../seldom-logged.ts'
import type { Connection } from './connections.ts'
import type { DataTree } from './data-tree.ts'
import type { EventStream } from './event-stream.ts'
import * as layout from './node-layout.ts'
import type { Read } from './read.ts'
import { ReplyWriter } from './reply-writer.ts'

const WRITES: ReadonlySet<number> = new Set([
  OpCode.create,
  OpCode.create2,
  OpCode.createContainer,
  OpCode.createTTL,
  OpCode.delete,
  OpCode.setData,
  OpCode.setACL,
  OpCode.multi,
  OpCode.reconfig,
])

/** The error of an operation that we do not know: the connection is closed after it. */
const UNKNOWN = Symbol('unknown operation')
/** The watches actor answers. */
const ANSWERED = Symbol('answered elsewhere')
type Outcome = ErrorCode | typeof UNKNOWN | typeof ANSWERED

export interface AnswerNeighbours {
  events: EventStream
  network: Pick<NetworkMessages, 'reply' | 'replyWatchResult' | 'close'>
  lastZxid: () => Zxid
  tooLarge: SeldomLogged
}

export class Answer {
  readonly #data: DataTree
  readonly #read: Read
  readonly #events: EventStream
  readonly #network: Pick<NetworkMessages, 'reply' | 'replyWatchResult' | 'close'>
  readonly #lastZxid: () => Zxid
  readonly #tooLarge: SeldomLogged
  readonly #reader = new JuteReader()
  readonly #body = new ReplyWriter()
  #slot = 0
  readonly #watch = (mode: WatchMode, bytes: Uint8Array, start: number, end: number): void =>
    this.#events.watch(this.#slot, mode, bytes, start, end)

  constructor(data: DataTree, read: Read, to: AnswerNeighbours) {
    this.#data = data
    this.#read = read
    this.#events = to.events
    this.#network = to.network
    this.#lastZxid = to.lastZxid
    this.#tooLarge = to.tooLarge
  }

  isWrite(opCode: number): boolean {
    return WRITES.has(opCode)
  }

  /** Sends the reply; the body is left out when there is an error. */
  send(
    connection: Connection,
    xid: number,
    zxid: Zxid,
    error: ErrorCode,
    body: ReplyWriter,
    closeAfter: boolean,
  ): void {
    body.complete(xid, zxid, error)
    this.#events.settle()
    this.#network.reply(connection.slot, xid, zxid, closeAfter, body.bytes, 0, body.length)
  }

  /** An error, and nothing else. */
  refuse(connection: Connection, xid: number, error: ErrorCode): void {
    this.#body.reset()
    this.send(connection, xid, this.#lastZxid(), error, this.#body, false)
  }

  /** Answers now. */
  execute(
    connection: Connection,
    xid: number,
    opCode: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    this.#slot = connection.slot
    this.#body.reset()
    this.#reader.reset(bytes, start, end)
    const outcome = this.#perform(connection, xid, opCode)
    if (outcome === ANSWERED) return
    const unknown = outcome === UNKNOWN
    const error = unknown ? ErrorCode.unimplemented : outcome
    const answerXid = opCode === OpCode.ping ? Xid.ping : xid
    this.send(connection, answerXid, this.#zxidFor(opCode, unknown), error, this.#body, unknown)
  }

  /** The last zxid applied, but where Apache answers before it looks. */
  #zxidFor(opCode: number, unknown: boolean): Zxid {
    if (unknown) return ZXID_NONE
    return opCode === OpCode.sasl ? ZXID_ZERO : this.#lastZxid()
  }

  #perform(connection: Connection, xid: number, opCode: number): Outcome {
    try {
      return this.#answer(connection, xid, opCode)
    } catch (error) {
      if (error instanceof MalformedError) return ErrorCode.marshallingError
      if (!(error instanceof TooLargeError)) throw error
      this.#tooLarge.log({
        client: connection.identities[0]?.id ?? '',
        opCode,
        allowed: REPLY_BYTES_MAX,
      })
      return ErrorCode.marshallingError
    }
  }

  #answer(connection: Connection, xid: number, opCode: number): Outcome {
    const reader = this.#reader
    const body = this.#body
    const identities = connection.identities
    switch (opCode) {
      case OpCode.ping:
        return ErrorCode.ok
      case OpCode.getData:
        return this.#read.getData(reader, identities, this.#watch, body)
      case OpCode.exists:
        return this.#read.exists(reader, identities, this.#watch, body)
      case OpCode.getChildren:
        return this.#read.getChildren(reader, identities, this.#watch, body, false)
      case OpCode.getChildren2:
        return this.#read.getChildren(reader, identities, this.#watch, body, true)
      case OpCode.getACL:
        return this.#read.getAcl(reader, identities, body)
      case OpCode.getAllChildrenNumber:
        return this.#read.getAllChildrenNumber(reader, identities, body)
      case OpCode.getEphemerals:
        return this.#read.getEphemerals(reader, this.#ephemerals(connection), body)
      case OpCode.multiRead:
        return this.#read.multiRead(reader, identities, body)
      case OpCode.sync:
        body.string(reader.string())
        return ErrorCode.ok
      case OpCode.whoAmI:
        body.vector(identities, writeClientInfo)
        return ErrorCode.ok
      case OpCode.sasl:
        return this.#sasl(connection)
      default:
        return this.#answerWatch(connection, xid, opCode)
    }
  }

  /** No mechanism is configured: an empty token, as there. Without a token the connection ends. */
  #sasl(connection: Connection): Outcome {
    const reader = this.#reader
    const length = reader.remaining < 4 ? -1 : reader.int()
    if (length < 0 || length > reader.remaining) {
      this.#events.settle()
      this.#network.close(connection.slot)
      return ANSWERED
    }
    this.#body.buffer(null)
    return ErrorCode.ok
  }

  #answerWatch(connection: Connection, xid: number, opCode: number): Outcome {
    switch (opCode) {
      case OpCode.addWatch:
        return this.#addWatch()
      case OpCode.setWatches:
        return this.#setWatches(connection, false)
      case OpCode.setWatches2:
        return this.#setWatches(connection, true)
      case OpCode.checkWatches:
      case OpCode.removeWatches:
        return this.#removeWatches(connection, xid, opCode === OpCode.removeWatches)
      default:
        return UNKNOWN
    }
  }

  #ephemerals(connection: Connection): string[] {
    return connection.session === undefined ? [] : this.#data.ephemeralPaths(connection.session.id)
  }

  #addWatch(): ErrorCode {
    const reader = this.#reader
    const length = Math.max(0, reader.bufferLength())
    const start = reader.offset
    reader.skip(length)
    const mode = reader.int()
    if (mode === AddWatchMode.persistent) {
      this.#watch(WatchMode.persistent, reader.bytes, start, start + length)
    } else if (mode === AddWatchMode.persistentRecursive) {
      this.#watch(WatchMode.persistentRecursive, reader.bytes, start, start + length)
    } else {
      return ErrorCode.marshallingError
    }
    this.#body.int(ErrorCode.ok)
    return ErrorCode.ok
  }

  #removeWatches(connection: Connection, xid: number, remove: boolean): Outcome {
    const reader = this.#reader
    const length = Math.max(0, reader.bufferLength())
    const start = reader.offset
    reader.skip(length)
    const type = reader.int()
    const end = start + length
    this.#events.removeWatches(connection.slot, type, remove, reader.bytes, start, end)
    this.#events.settle()
    this.#network.replyWatchResult(connection.slot, xid, this.#lastZxid())
    return ANSWERED
  }

  /** After a reconnect: what the client missed is told at once, the rest is watched again. */
  #setWatches(connection: Connection, withPersistent: boolean): ErrorCode {
    const slot = connection.slot
    const seen = this.#reader.zxid()
    const store = this.#data.store
    this.#eachPath((node, bytes, start, end) => {
      if (node === layout.NO_NODE) {
        this.#events.notify(slot, EventType.nodeDeleted, bytes, start, end)
      } else if (store.double(node, layout.MZXID) > seen) {
        this.#events.notify(slot, EventType.nodeDataChanged, bytes, start, end)
      } else {
        this.#events.watch(slot, WatchMode.data, bytes, start, end)
      }
    })
    this.#eachPath((node, bytes, start, end) => {
      if (node !== layout.NO_NODE) {
        this.#events.notify(slot, EventType.nodeCreated, bytes, start, end)
      } else {
        this.#events.watch(slot, WatchMode.data, bytes, start, end)
      }
    })
    this.#eachPath((node, bytes, start, end) => {
      if (node === layout.NO_NODE) {
        this.#events.notify(slot, EventType.nodeDeleted, bytes, start, end)
      } else if (store.double(node, layout.PZXID) > seen) {
        this.#events.notify(slot, EventType.nodeChildrenChanged, bytes, start, end)
      } else {
        this.#events.watch(slot, WatchMode.child, bytes, start, end)
      }
    })
    if (!withPersistent) return ErrorCode.ok
    for (const mode of [WatchMode.persistent, WatchMode.persistentRecursive]) {
      this.#eachPath((_, bytes, start, end) => this.#watch(mode, bytes, start, end))
    }
    return ErrorCode.ok
  }

  #eachPath(visit: (node: number, bytes: Uint8Array, start: number, end: number) => void): void {
    const reader = this.#reader
    const count = reader.int()
    if (count < 0) throw new MalformedError('null list of paths')
    for (let i = 0; i < count; i++) {
      const length = Math.max(0, reader.bufferLength())
      const start = reader.offset
      const end = start + length
      reader.skip(length)
      visit(this.#data.find(reader.bytes, start, end), reader.bytes, start, end)
    }
  }
}

/** ustring authScheme, ustring user */
function writeClientInfo(writer: JuteWriter, { scheme, id }: Id): void {
  writer.string(scheme)
  if (scheme === 'digest') writer.string(id.split(':')[0] ?? '')
  else writer.string(scheme === 'super' ? '' : id)
}
