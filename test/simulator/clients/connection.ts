// One connection as its client knows it: requests under way, replies and events in the order they
// come, each compared with what must come.

import { deepStrictEqual } from 'node:assert'
import type { Id } from '../../../protocol/acl.ts'
import { JuteReader } from '../../../protocol/bytes/jute-reader.ts'
import { OpCode, Xid } from '../../../protocol/op-code.ts'
import { readReplyHeader } from '../../../protocol/records/header.ts'
import { readWatcherEvent } from '../../../protocol/records/watcher-event.ts'
import { formatSessionId, SESSION_NONE, type SessionId } from '../../../protocol/session-id.ts'
import { formatZxid, type Zxid } from '../../../protocol/zxid.ts'
import type { Model } from '../model/model.ts'
import { expectedRead, sortedBody } from '../model/model-read.ts'
import { isWrite } from '../model/operation.ts'
import type { PendingRequest } from '../model/pending-request.ts'
import { type ExpectedEvent, WatchModel } from '../model/watch-model.ts'
import { check, type EventLog } from '../world/event-log.ts'
import { isSame } from '../world/same-bytes.ts'
import type { ClientEnd } from './client-stream.ts'

/** The client whose connection it is. */
export interface ConnectionOwner {
  readonly name: string
  readonly identities: readonly Id[]
  onConnected(connection: CheckedConnection, sessionId: SessionId, timeoutMs: number): void
  onReply(connection: CheckedConnection, request: PendingRequest, zxid: Zxid): void
  onClosed(connection: CheckedConnection): void
}

/** What all that clients are told is held against. */
export interface Judge {
  readonly model: Model
  /** The newest zxid any client has been told of. */
  seen: Zxid
  replies: number
}

export class CheckedConnection implements ClientEnd {
  state: 'connecting' | 'open' | 'closed' = 'connecting'
  sessionId: SessionId = SESSION_NONE
  readonly watches: WatchModel
  /** Sent and not answered, oldest first. */
  readonly pending: PendingRequest[] = []
  lastZxid: Zxid = 0 as Zxid
  readonly #client: ConnectionOwner
  readonly #checker: Judge
  readonly #events: EventLog
  /** Events received since the last reply. */
  #received: ExpectedEvent[] = []

  constructor(client: ConnectionOwner, checker: Judge, events: EventLog) {
    this.#client = client
    this.#checker = checker
    this.#events = events
    this.watches = new WatchModel(checker.model)
  }

  get name(): string {
    return `${this.#client.name}/${formatSessionId(this.sessionId)}`
  }

  onConnected(sessionId: SessionId, timeoutMs: number): void {
    this.#events.add(`  ${this.name} connected ${formatSessionId(sessionId)} ${timeoutMs}`)
    this.sessionId = sessionId
    this.state = sessionId === SESSION_NONE ? 'closed' : 'open'
    this.#client.onConnected(this, sessionId, timeoutMs)
  }

  onReply(bytes: Uint8Array, start: number, end: number): void {
    this.#events.bytes(bytes, start, end)
    const reader = new JuteReader(bytes, start, end)
    const { xid, zxid, err } = readReplyHeader(reader)
    const request = this.pending.shift()
    this.#events.add(`  ${this.name} reply ${xid} ${formatZxid(zxid)} ${err}`)
    check(request !== undefined, () => `${this.name}: reply ${xid} to nothing`)
    check(request.xid === xid, () => `${this.name}: reply ${xid}, next in line is ${request.xid}`)
    this.#checker.replies++
    if (request.op.type === OpCode.auth) return
    this.#checkZxid(request, zxid)
    this.watches.advance(zxid, this.#client.identities)
    const body = bytes.slice(reader.offset, end)
    if (isWrite(request.op)) this.#checkWrite(request, zxid, err, body)
    else this.#checkRead(request, zxid, err, body)
    this.#compareEvents(zxid)
    this.#client.onReply(this, request, zxid)
  }

  onEvent(bytes: Uint8Array, start: number, end: number): void {
    this.#events.bytes(bytes, start, end)
    const reader = new JuteReader(bytes, start, end)
    const { xid, zxid, err } = readReplyHeader(reader)
    check(xid === Xid.notification && err === 0, () => `${this.name}: event with xid ${xid}`)
    const { type, path } = readWatcherEvent(reader)
    this.#events.add(`  ${this.name} event ${type} ${path} ${formatZxid(zxid)}`)
    this.#received.push({ type, path, zxid })
  }

  onClosed(): void {
    this.#events.add(`  ${this.name} closed`)
    this.state = 'closed'
    this.#client.onClosed(this)
  }

  /** Nothing is under way any more: everything up to `zxid` must have been told. */
  settle(zxid: Zxid): void {
    this.watches.advance(zxid, this.#client.identities)
    this.#compareEvents(zxid)
  }

  /** The events before a reply are exactly those of the transactions it reflects. */
  #compareEvents(zxid: Zxid): void {
    const received = this.#received.splice(0)
    const expected = this.watches.expected.splice(0)
    if (received.length === 0 && expected.length === 0) return
    deepStrictEqual(received, expected, `${this.name}: events up to ${formatZxid(zxid)}`)
  }

  #checkZxid(request: PendingRequest, zxid: Zxid): void {
    const { name, lastZxid } = this
    check(zxid >= lastZxid, () => `${name}: ${formatZxid(zxid)} after ${formatZxid(lastZxid)}`)
    check(zxid >= request.seenAtSend, () => {
      return `${name}: answered at ${formatZxid(zxid)}, ${formatZxid(request.seenAtSend)} was known`
    })
    const { last } = this.#checker.model
    check(zxid <= last, () => `${name}: ${formatZxid(zxid)} is of the future`)
    this.lastZxid = zxid
    if (zxid > this.#checker.seen) this.#checker.seen = zxid
  }

  #checkWrite(request: PendingRequest, zxid: Zxid, err: number, body: Uint8Array): void {
    const { outcome } = request
    check(outcome !== null, () => `${this.name}: ${request.xid} answered, never proposed`)
    const same = zxid === outcome.zxid && err === outcome.err && isSame(body, outcome.body)
    if (same) return
    deepStrictEqual(
      { zxid, err, body },
      { zxid: outcome.zxid, err: outcome.err, body: outcome.body },
      `${this.name}: answer to write ${request.xid} ${describe(request)}`,
    )
  }

  #checkRead(request: PendingRequest, zxid: Zxid, err: number, body: Uint8Array): void {
    const { op } = request
    const fromWatches = this.watches.answered(op, err)
    const { identities } = request
    const by = { zxid, session: this.sessionId, identities }
    const expected =
      fromWatches === null
        ? expectedRead(this.#checker.model, op, by)
        : { err: fromWatches, body: new Uint8Array(0) }
    check(expected !== null, () => `no expectation for ${describe(request)}`)
    const sorted = err === 0 ? sortedBody(op, body) : body
    if (err === expected.err && isSame(sorted, expected.body)) return
    deepStrictEqual(
      { err, body: sorted },
      { err: expected.err, body: expected.body },
      `${this.name}: answer to ${describe(request)} at ${formatZxid(zxid)}`,
    )
  }
}

function describe({ op }: PendingRequest): string {
  return JSON.stringify(op, (_, value) => (value instanceof Uint8Array ? value.length : value))
}
