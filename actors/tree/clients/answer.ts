// Answers to clients: what needs no transaction, and the reply frame (FinalRequestProcessor's second
// half).

import type { Id } from '../../../protocol/acl.ts'
import { assert } from '../../../protocol/assert.ts'
import { JuteReader, MalformedError } from '../../../protocol/bytes/jute-reader.ts'
import { type JuteWriter, TooLargeError } from '../../../protocol/bytes/jute-writer.ts'
import { ErrorCode } from '../../../protocol/error-code.ts'
import type { NetworkMessages } from '../../../protocol/messages/network.ts'
import { WatchMode } from '../../../protocol/messages/watches.ts'
import { AddWatchMode, OpCode, Xid } from '../../../protocol/op-code.ts'
import { ZXID_NONE, ZXID_ZERO, type Zxid } from '../../../protocol/zxid.ts'
import type { SeldomLogged } from '../../seldom-logged.ts'
import type { DataTree } from '../store/data-tree.ts'
import type { Deferred } from '../writes/in-flight.ts'
import type { Connection } from './connections.ts'
import type { EventStream } from './event-stream.ts'
import { LongRead, PartWriter, type Steps } from './long-read.ts'
import { LONG, type Read } from './read.ts'
import { HEADER_BYTES, ReplyWriter } from './reply-writer.ts'
import { SetWatches } from './set-watches.ts'

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
type Outcome = ErrorCode | typeof UNKNOWN | typeof ANSWERED | typeof LONG

/** A longer setWatches is answered in steps. */
const SET_WATCHES_BYTES = 65_536
const NO_NODES: ReadonlySet<number> = new Set()

export type AnswerNetwork = Pick<
  NetworkMessages,
  'reply' | 'replyPart' | 'replyWatchResult' | 'close'
>

export interface AnswerNeighbours {
  events: EventStream
  network: AnswerNetwork
  lastZxid: () => Zxid
  tooLarge: SeldomLogged
  replyBytesMax: number
}

export class Answer {
  readonly #read: Read
  readonly #events: EventStream
  readonly #network: AnswerNetwork
  readonly #lastZxid: () => Zxid
  readonly #tooLarge: SeldomLogged
  readonly #replyBytesMax: number
  readonly #longRead: LongRead
  readonly #setWatches: SetWatches
  readonly #reader = new JuteReader()
  readonly #body: ReplyWriter
  #slot = 0
  readonly #watch = (mode: WatchMode, bytes: Uint8Array, start: number, end: number): void =>
    this.#events.watch(this.#slot, mode, bytes, start, end)

  constructor(data: DataTree, read: Read, to: AnswerNeighbours) {
    this.#read = read
    this.#events = to.events
    this.#network = to.network
    this.#lastZxid = to.lastZxid
    this.#tooLarge = to.tooLarge
    this.#replyBytesMax = to.replyBytesMax
    this.#body = new ReplyWriter(to.replyBytesMax)
    this.#longRead = new LongRead(data, read)
    this.#setWatches = new SetWatches(data, to.events)
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
    connection.unread += body.length
    this.#events.settle()
    this.#network.reply(connection.slot, xid, zxid, closeAfter, body.bytes, 0, body.length)
  }

  /** An error, and nothing else. */
  refuse(connection: Connection, xid: number, error: ErrorCode): void {
    this.#body.reset()
    this.send(connection, xid, this.#lastZxid(), error, this.#body, false)
  }

  /** The session is over. */
  closed(connection: Connection, xid: number): void {
    this.#body.reset()
    this.send(connection, xid, this.#lastZxid(), ErrorCode.ok, this.#body, true)
  }

  authenticated(connection: Connection, xid: number, accepted: boolean): void {
    const error = accepted ? ErrorCode.ok : ErrorCode.authFailed
    this.#body.reset()
    this.send(connection, xid, ZXID_ZERO, error, this.#body, !accepted)
  }

  /** Answers now. False if that takes steps: nothing is answered then. */
  execute(
    connection: Connection,
    xid: number,
    opCode: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): boolean {
    this.#slot = connection.slot
    this.#body.reset()
    this.#reader.reset(bytes, start, end)
    const outcome = this.#perform(connection, xid, opCode)
    if (outcome === LONG) return false
    if (outcome === ANSWERED) return true
    const unknown = outcome === UNKNOWN
    const error = unknown ? ErrorCode.unimplemented : outcome
    const answerXid = opCode === OpCode.ping ? Xid.ping : xid
    this.send(connection, answerXid, this.#zxidFor(opCode, unknown), error, this.#body, unknown)
    return true
  }

  /** Answers now, or says how it is done in steps. The tree must not change between them. */
  steps(request: Deferred): Steps<void> | null {
    const { connection, xid, opCode, bytes } = request
    const isDone = this.execute(connection, xid, opCode, bytes, 0, bytes.length)
    return isDone ? null : this.#inSteps(request)
  }

  *#inSteps({ connection, xid, opCode, bytes }: Deferred): Steps<void> {
    const reader = new JuteReader(bytes)
    let count = -1
    let error: ErrorCode = ErrorCode.ok
    try {
      if (opCode === OpCode.setWatches || opCode === OpCode.setWatches2) {
        yield* this.#setWatches.steps(connection.slot, reader, opCode === OpCode.setWatches2)
      } else if (opCode === OpCode.getAllChildrenNumber) {
        count = yield* this.#longRead.descendants(this.#read.node)
      } else {
        error = yield* this.#parts(connection, xid, opCode, reader)
        if (error === ErrorCode.ok) return
      }
    } catch (problem) {
      error = this.#errorOf(problem, connection, opCode)
    }
    this.#body.reset()
    if (count >= 0) this.#body.int(count)
    this.send(connection, xid, this.#lastZxid(), error, this.#body, false)
  }

  /** The reply, measured and then sent; with an error nothing is sent. */
  *#parts(
    connection: Connection,
    xid: number,
    opCode: number,
    reader: JuteReader,
  ): Steps<ErrorCode> {
    const { slot, identities } = connection
    const nodes = connection.session?.ephemerals ?? NO_NODES
    const writer = new PartWriter(this.#replyBytesMax)
    const error = yield* this.#longRead.body(opCode, reader, identities, nodes, null, writer)
    if (error !== ErrorCode.ok) return error
    writer.cut()
    const bodyBytes = writer.total
    connection.unread += HEADER_BYTES + bodyBytes
    this.#events.settle()
    writer.begin((bytes, start, end) => this.#network.replyPart(slot, bytes, start, end))
    const zxid = this.#lastZxid()
    writer.int(HEADER_BYTES - 4 + bodyBytes)
    writer.int(xid)
    writer.zxid(zxid)
    writer.int(ErrorCode.ok)
    reader.offset = 0
    this.#slot = slot
    yield* this.#longRead.body(opCode, reader, identities, nodes, this.#watch, writer)
    assert(writer.total + writer.length === HEADER_BYTES + bodyBytes, 'a reply as measured')
    this.#network.reply(slot, xid, zxid, false, writer.bytes, 0, writer.length)
    return ErrorCode.ok
  }

  /** The last zxid applied, but where Apache answers before it looks. */
  #zxidFor(opCode: number, unknown: boolean): Zxid {
    if (unknown) return ZXID_NONE
    return opCode === OpCode.sasl ? ZXID_ZERO : this.#lastZxid()
  }

  #perform(connection: Connection, xid: number, opCode: number): Outcome {
    try {
      return this.#answer(connection, xid, opCode)
    } catch (problem) {
      return this.#errorOf(problem, connection, opCode)
    }
  }

  #errorOf(problem: unknown, { identities }: Connection, opCode: number): ErrorCode {
    if (problem instanceof MalformedError) return ErrorCode.marshallingError
    if (!(problem instanceof TooLargeError)) throw problem
    const client = identities[0]?.id ?? ''
    this.#tooLarge.log({ client, opCode, allowed: this.#replyBytesMax })
    return ErrorCode.marshallingError
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
        return this.#read.getEphemerals(reader, connection.session?.ephemerals ?? NO_NODES, body)
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

  /** No mechanism is configured: an empty token, as there, however often it is asked (compared with
   * 3.8, with and without its SASL provider). Without a token the connection ends. */
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
      case OpCode.setWatches2:
        return this.#watchAgain(connection, opCode === OpCode.setWatches2)
      case OpCode.checkWatches:
      case OpCode.removeWatches:
        return this.#removeWatches(connection, xid, opCode === OpCode.removeWatches)
      default:
        return UNKNOWN
    }
  }

  #watchAgain({ slot }: Connection, withPersistent: boolean): Outcome {
    if (this.#reader.remaining > SET_WATCHES_BYTES) return LONG
    const steps = this.#setWatches.steps(slot, this.#reader, withPersistent)
    while (steps.next().done !== true);
    return ErrorCode.ok
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
    connection.unread += HEADER_BYTES
    this.#network.replyWatchResult(connection.slot, xid, this.#lastZxid())
    return ANSWERED
  }
}

/** ustring authScheme, ustring user */
function writeClientInfo(writer: JuteWriter, { scheme, id }: Id): void {
  writer.string(scheme)
  if (scheme === 'digest') writer.string(id.split(':')[0] ?? '')
  else writer.string(scheme === 'super' ? '' : id)
}
