// Replies to clients: the body of those that need no transaction, and the frame of all
// (FinalRequestProcessor's second half).

import { assert } from '../../../protocol/assert.ts'
import { MalformedError } from '../../../protocol/bytes/jute-reader.ts'
import { TooLargeError } from '../../../protocol/bytes/jute-writer.ts'
import { ErrorCode } from '../../../protocol/error-code.ts'
import type { NetworkMessages } from '../../../protocol/messages/network.ts'
import { writeSaslToken } from '../../../protocol/records/auth-packet.ts'
import { ZXID_NONE, ZXID_ZERO, type Zxid } from '../../../protocol/zxid.ts'
import type { SeldomLogged } from '../../seldom-logged.ts'
import type { Outcome, ReadOperation } from '../operations/operation.ts'
import { READS } from '../operations/operations.ts'
import type { DataTree } from '../store/data-tree.ts'
import type { Connection, Request } from './connections.ts'
import type { EventStream } from './event-stream.ts'
import { PartWriter, type Steps } from './part-writer.ts'
import { type ReadOptions, ReadRequest } from './read-request.ts'
import { HEADER_BYTES, ReplyWriter } from './reply-writer.ts'

export type RepliesNetwork = Pick<
  NetworkMessages,
  'reply' | 'replyPart' | 'replyWatchResult' | 'close'
>

export interface RepliesNeighbours {
  events: EventStream
  network: RepliesNetwork
  lastZxid: () => Zxid
  tooLarge: SeldomLogged
  replyBytesMax: number
}

export class Replies {
  readonly #events: EventStream
  readonly #network: RepliesNetwork
  readonly #lastZxid: () => Zxid
  readonly #tooLarge: SeldomLogged
  readonly #replyBytesMax: number
  readonly #request: ReadRequest
  readonly #newRequest: () => ReadRequest
  readonly #body: ReplyWriter

  constructor(data: DataTree, options: ReadOptions, to: RepliesNeighbours) {
    this.#events = to.events
    this.#network = to.network
    this.#lastZxid = to.lastZxid
    this.#tooLarge = to.tooLarge
    this.#replyBytesMax = to.replyBytesMax
    this.#body = new ReplyWriter(to.replyBytesMax)
    this.#request = new ReadRequest(data, to.events, options, this.#body)
    this.#newRequest = () => {
      return new ReadRequest(data, to.events, options, new ReplyWriter(to.replyBytesMax))
    }
  }

  /** Sends the reply. If there is an error, the body is usually left out. */
  send(
    connection: Connection,
    xid: number,
    zxid: Zxid,
    error: ErrorCode,
    body: ReplyWriter,
    closeAfter: boolean,
    hasBody: boolean = error === ErrorCode.ok,
  ): void {
    body.complete(xid, zxid, error, hasBody)
    connection.unread += body.length
    this.#events.emitBarrier()
    this.#network.reply(connection.slot, xid, zxid, closeAfter, body.bytes, 0, body.length)
  }

  /** Replies with an error and nothing else. */
  refuse(
    connection: Connection,
    xid: number,
    error: ErrorCode,
    zxid: Zxid = this.#lastZxid(),
  ): void {
    this.#body.reset()
    this.send(connection, xid, zxid, error, this.#body, false)
  }

  /** The session is over. */
  closed(connection: Connection, xid: number): void {
    this.#body.reset()
    this.send(connection, xid, this.#lastZxid(), ErrorCode.ok, this.#body, true)
  }

  /** The connection is closed behind an error. As in ZooKeeper, one to a token of SASL has a body all the
   * same, a null token. */
  authenticated(connection: Connection, xid: number, error: ErrorCode, bySasl: boolean): void {
    this.#body.reset()
    if (bySasl) writeSaslToken(this.#body, { token: null })
    this.send(connection, xid, ZXID_ZERO, error, this.#body, error !== ErrorCode.ok, bySasl)
  }

  /** Replies now. False if that takes steps; then nothing was answered. */
  execute(asked: Request): boolean {
    const { connection, xid, opCode } = asked
    const operation = READS.get(opCode)
    if (operation === undefined) {
      this.#unknown(connection, xid)
      return true
    }
    const request = this.#request
    request.begin(asked)
    const outcome = this.#perform(operation, request, opCode)
    if (typeof outcome !== 'string') {
      const zxid = request.isTimeless ? ZXID_ZERO : this.#lastZxid()
      this.send(connection, request.xid, zxid, outcome, this.#body, false)
      return true
    }
    if (outcome === 'in-steps') return false
    this.#events.emitBarrier()
    if (outcome === 'close') {
      this.#network.close(connection.slot)
    } else {
      connection.unread += HEADER_BYTES
      this.#network.replyWatchResult(connection.slot, xid, this.#lastZxid())
    }
    return true
  }

  /** Closes the connection after a reply that gives no zxid. */
  #unknown(connection: Connection, xid: number): void {
    this.#body.reset()
    this.send(connection, xid, ZXID_NONE, ErrorCode.unimplemented, this.#body, true)
  }

  /** Replies now, or returns the steps in which to. The tree must not change between them. */
  steps(request: Request): Steps<void> | null {
    return this.execute(request) ? null : this.#inSteps(request)
  }

  *#inSteps(asked: Request): Steps<void> {
    const { connection, xid, opCode } = asked
    const operation = READS.get(opCode)
    const request = this.#newRequest()
    const zxid = this.#lastZxid()
    let error: ErrorCode = ErrorCode.ok
    try {
      request.begin(asked)
      if (operation?.inSteps !== undefined) {
        error = yield* operation.inSteps(request)
      } else {
        assert(operation?.inParts !== undefined, 'a read that cannot be long')
        error = yield* this.#parts(connection, zxid, operation.inParts, request)
        if (error === ErrorCode.ok) return
      }
    } catch (problem) {
      error = this.#errorOf(problem, request, opCode)
    }
    this.send(connection, xid, zxid, error, request.reply, false)
  }

  /** The reply, first measured and then sent. With an error nothing is sent. */
  *#parts(
    connection: Connection,
    zxid: Zxid,
    inParts: (request: ReadRequest, writer: PartWriter) => Steps<ErrorCode>,
    request: ReadRequest,
  ): Steps<ErrorCode> {
    const { slot, xid, reader } = request
    const from = reader.offset
    const writer = new PartWriter(this.#replyBytesMax)
    const error = yield* inParts(request, writer)
    if (error !== ErrorCode.ok) return error
    writer.cut()
    const bodyBytes = writer.total
    connection.unread += HEADER_BYTES + bodyBytes
    this.#events.emitBarrier()
    writer.begin((bytes, start, end) => this.#network.replyPart(slot, bytes, start, end))
    writer.int(HEADER_BYTES - 4 + bodyBytes)
    writer.int(xid)
    writer.zxid(zxid)
    writer.int(ErrorCode.ok)
    reader.offset = from
    yield* inParts(request, writer)
    assert(writer.total + writer.length === HEADER_BYTES + bodyBytes, 'a reply as measured')
    this.#network.reply(slot, xid, zxid, false, writer.bytes, 0, writer.length)
    return ErrorCode.ok
  }

  #perform(operation: ReadOperation, request: ReadRequest, opCode: number): Outcome {
    try {
      return operation.read(request)
    } catch (problem) {
      return this.#errorOf(problem, request, opCode)
    }
  }

  #errorOf(problem: unknown, { identities }: ReadRequest, opCode: number): ErrorCode {
    if (problem instanceof MalformedError) return ErrorCode.marshallingError
    if (!(problem instanceof TooLargeError)) throw problem
    const client = identities[0]?.id ?? ''
    this.#tooLarge.log({ client, opCode, allowed: this.#replyBytesMax })
    return ErrorCode.marshallingError
  }
}
