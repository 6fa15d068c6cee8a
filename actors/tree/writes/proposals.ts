// Turns requests into proposals: assigns the zxid, writes header, record and digest once, hands the
// bytes to zab or log, and keeps them until they are committed.
//
// A request that fails validation is proposed too, as an error transaction. So its reply waits its
// turn like any other, on every member (as in ZooKeeper; it costs a zxid).

import { assert } from '../../../protocol/assert.ts'
import { JuteReader, MalformedError } from '../../../protocol/bytes/jute-reader.ts'
import type { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { ErrorCode } from '../../../protocol/error-code.ts'
import { CLOSE_DELETES_MAX } from '../../../protocol/limits.ts'
import type { LogMessages } from '../../../protocol/messages/log.ts'
import type { Link } from '../../../protocol/messages/zab.ts'
import { OpCode } from '../../../protocol/op-code.ts'
import { type SessionId, sessionHigh, sessionLow } from '../../../protocol/session-id.ts'
import { DIGEST_VERSION } from '../../../protocol/txn.ts'
import { followingZxid, ZXID_ZERO, type Zxid } from '../../../protocol/zxid.ts'
import type { Clock } from '../../actor.ts'
import type { Connection } from '../clients/connections.ts'
import { prepareDeleteContainer } from '../operations/delete.ts'
import { WRITES } from '../operations/operations.ts'
import type { DataTree } from '../store/data-tree.ts'
import { OWNER_UNKNOWN, type TreeSession } from '../store/session-table.ts'
import { type Closing, Closings, type Step } from './closings.ts'
import type { InFlight } from './in-flight.ts'
import { KeptWriter } from './kept-writer.ts'
import type { Outstanding } from './outstanding.ts'
import type { Preparation, Requester } from './preparation.ts'

/** The client for which a request is made. */
export type Principal = Pick<Requester, 'session' | 'ownerHigh' | 'ownerLow' | 'identities'>

/** Where a proposal goes: to zab, or to the log of a standalone server. */
export type ProposalTarget = Pick<LogMessages, 'append'>

export interface ProposalsOptions {
  readonly digestEnabled: boolean
  /** The largest transaction, in bytes, that every peer and every restart can read. */
  readonly txnBytesMax: number
}

/** A longer transaction may outgrow its bound, and so must be prepared in a way that can be taken
 * back. */
const CAREFUL_BYTES = 65536

export class Proposals {
  /** The zxid that was assigned last. */
  zxid: Zxid = 0 as Zxid
  readonly #outstanding: Outstanding
  readonly #preparation: Preparation
  readonly #inFlight: InFlight
  #target: ProposalTarget | null = null
  readonly #clock: Clock
  readonly #options: ProposalsOptions
  readonly #reader = new JuteReader()
  readonly #writer = new KeptWriter()
  readonly #closings: Closings
  readonly #by: { -readonly [K in keyof Requester]: Requester[K] } = {
    ...NOBODY,
    zxid: ZXID_ZERO,
    timeMs: 0,
  }

  constructor(
    data: DataTree,
    outstanding: Outstanding,
    preparation: Preparation,
    inFlight: InFlight,
    clock: Clock,
    options: ProposalsOptions,
  ) {
    this.#outstanding = outstanding
    this.#preparation = preparation
    this.#inFlight = inFlight
    this.#clock = clock
    this.#options = options
    this.#closings = new Closings(outstanding, data, inFlight, (closing) => {
      return this.#closeStep(closing)
    })
  }

  /** From now on proposals go to `target`. The first one follows `zxid`. */
  begin(zxid: Zxid, target: ProposalTarget): void {
    this.zxid = zxid
    this.#target = target
    this.#closings.clear()
  }

  /** A request of a client at `link`. The connection is null if that is a learner's. */
  request(
    principal: Principal,
    link: Link,
    connection: Connection | null,
    xid: number,
    opCode: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    if (!isOwner(principal.session, link)) {
      this.refuse(principal, connection, xid, opCode, ErrorCode.sessionMoved)
      return
    }
    const by = this.#requester(principal)
    const reader = this.#reader
    reader.reset(bytes, start, end)
    this.#header(by, xid, opCode)
    const careful = opCode === OpCode.multi || end - start > CAREFUL_BYTES
    if (careful) this.#outstanding.beginUndo()
    let error = this.#validate(opCode, reader, by)
    if (careful && this.#writer.length - this.#writer.start > this.#options.txnBytesMax) {
      error = ErrorCode.marshallingError
    }
    if (careful && error !== ErrorCode.ok) this.#outstanding.rollback()
    this.#outstanding.dropUndo()
    this.#finish(by, xid, error)
    this.#send(by, connection, xid, opCode)
  }

  /** Proposes an error transaction, so that the answer waits its turn. */
  refuse(
    principal: Principal,
    connection: Connection | null,
    xid: number,
    opCode: number,
    error: ErrorCode,
  ): void {
    const by = this.#requester(principal)
    this.#finish(by, xid, error)
    this.#send(by, connection, xid, opCode)
  }

  createSession(id: SessionId, connection: Connection | null, timeoutMs: number): void {
    const by = this.#requester(clientOf(id, undefined))
    this.#header(by, 0, OpCode.createSession)
    this.#writer.int(timeoutMs)
    this.#finish(by, 0, ErrorCode.ok)
    this.#send(by, connection, 0, OpCode.createSession)
  }

  /** Closes a session: now, or step by step if it owns much. */
  closeSession(session: TreeSession, connection: Connection | null, xid: number): void {
    session.closing = true
    this.#closings.add(session, connection, xid)
  }

  /** One step of the closes under way. True if there is more to do at once. */
  turn(): boolean {
    return this.#closings.turn()
  }

  /** One transaction of a close: as many deletes as it may have, or the end. */
  #closeStep({ session, connection, xid, paths }: Closing): Step {
    const by = this.#requester(clientOf(session.id, session))
    const deleted: string[] = []
    let isLast = false
    const bytesMax = this.#options.txnBytesMax / 2
    for (let bytes = 0; bytes < bytesMax && deleted.length < CLOSE_DELETES_MAX; ) {
      const { value: path, done } = paths.next()
      isLast = done === true
      if (path === undefined) break
      bytes += 16 + path.length * 3
      if (this.#preparation.deleteOwned(path, by)) deleted.push(path)
    }
    if (!isLast && deleted.length === 0) return { deleted: 0, isLast, zxid: this.zxid }
    const opCode = isLast ? OpCode.closeSession : OpCode.multi
    this.#header(by, xid, opCode)
    if (isLast) this.#writer.vector(deleted, (writer, path) => writer.string(path))
    else this.#writer.vector(deleted, writeDelete)
    this.#finish(by, xid, ErrorCode.ok)
    this.#send(by, isLast ? connection : null, xid, opCode)
    return { deleted: deleted.length, isLast, zxid: this.zxid }
  }

  /** For the cleaner. An error only costs the zxid. */
  deleteContainer(path: string): void {
    const by = this.#requester(NOBODY)
    this.#header(by, 0, OpCode.deleteContainer)
    const error = prepareDeleteContainer(this.#preparation, path, by)
    if (error === ErrorCode.ok) this.#writer.string(path)
    this.#finish(by, 0, error)
    this.#send(by, null, 0, OpCode.deleteContainer)
  }

  /** The one object that there is of it, filled anew: it is whose request is being made a proposal. */
  #requester({ session, ownerHigh, ownerLow, identities }: Principal): Requester {
    const by = this.#by
    by.session = session
    by.ownerHigh = ownerHigh
    by.ownerLow = ownerLow
    by.identities = identities
    by.zxid = followingZxid(this.zxid)
    by.timeMs = this.#clock.wallMs
    return by
  }

  #validate(opCode: number, reader: JuteReader, by: Requester): ErrorCode {
    const operation = WRITES.get(opCode)
    if (operation === undefined) return ErrorCode.unimplemented
    try {
      return operation.prepare(this.#preparation, reader, by, this.#writer)
    } catch (error) {
      if (error instanceof MalformedError) return ErrorCode.marshallingError
      throw error
    }
  }

  /** TxnHeader */
  #header(by: Requester, xid: number, type: number): void {
    const writer = this.#writer
    writer.reset()
    writer.int(by.ownerHigh)
    writer.int(by.ownerLow)
    writer.int(xid)
    writer.zxid(by.zxid)
    writer.longNumber(by.timeMs)
    writer.int(type)
  }

  /** Completes the transaction: with the digest, or as an error transaction. */
  #finish(by: Requester, xid: number, error: ErrorCode): void {
    const writer = this.#writer
    if (error !== ErrorCode.ok) {
      this.#header(by, xid, OpCode.error)
      writer.int(error)
      return
    }
    if (!this.#options.digestEnabled) return
    writer.int(DIGEST_VERSION)
    writer.int(this.#outstanding.digest.high)
    writer.int(this.#outstanding.digest.low | 0)
  }

  #send(by: Requester, connection: Connection | null, xid: number, opCode: number): void {
    assert(this.#target !== null, 'proposal by a tree that does not lead')
    this.zxid = by.zxid
    const { bytes, start, length: end } = this.#writer
    const proposal = this.#inFlight.push(by.zxid, connection, xid, opCode, bytes, start, end)
    this.#writer.next()
    if (connection !== null) connection.awaited = proposal
    this.#target.append(by.zxid, bytes, start, end)
  }
}

const NOBODY: Principal = { session: undefined, ownerHigh: 0, ownerLow: 0, identities: [] }

/** The client of a session that may not exist yet. */
function clientOf(id: SessionId, session: TreeSession | undefined): Principal {
  return { session, ownerHigh: sessionHigh(id), ownerLow: sessionLow(id), identities: [] }
}

/** Whether the session's client is there. After a change of leader, the first server that asks has
 * it. */
function isOwner(session: TreeSession | undefined, link: Link): boolean {
  if (session === undefined) return true
  if (session.owner === OWNER_UNKNOWN) session.owner = link
  return session.owner === link
}

function writeDelete(writer: JuteWriter, path: string): void {
  writer.int(OpCode.delete)
  const lengthAt = writer.length
  writer.int(0)
  writer.string(path)
  writer.patchInt(lengthAt, writer.length - lengthAt - 4)
}
