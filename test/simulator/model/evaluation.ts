// Evaluates transactions in the model: each must be what its request means in the state before it,
// and its answer is noted with the request. Which transactions there are, and in which order, is
// for whoever calls to judge.
//
//   - sequential names grow; a session ends with all its ephemerals
//   - a request is carried out once at most
//   - the server's digest, where it sends one, is the model's

import { deepStrictEqual } from 'node:assert'
import type { ServerOptions } from '../../../config/options.ts'
import { JuteReader } from '../../../protocol/bytes/jute-reader.ts'
import { ErrorCode } from '../../../protocol/error-code.ts'
import { CreateMode, OpCode } from '../../../protocol/op-code.ts'
import { readStrings } from '../../../protocol/records/strings.ts'
import { formatSessionId, SESSION_NONE, type SessionId } from '../../../protocol/session-id.ts'
import { readTxnHeader, TXN_DIGEST_BYTES, type TxnHeader } from '../../../protocol/txn.ts'
import { formatZxid, type Zxid } from '../../../protocol/zxid.ts'
import { check } from '../world/event-log.ts'
import { isEphemeral, type Model } from './model.ts'
import { ModelWrite, type Outcome, parentPath } from './model-write.ts'
import type { Operation } from './operation.ts'
import type { PendingRequest } from './pending-request.ts'

export class Evaluation {
  readonly #model: Model
  readonly #options: Pick<ServerOptions, 'digestEnabled' | 'extendedTypes'>
  readonly #requests: Map<string, PendingRequest> = new Map()
  /** Sessions whose requests nobody has registered: they reconfigure, or fail to. */
  readonly operators: Set<SessionId> = new Set()
  readonly #sequences: Map<string, { created: Zxid; last: number; zxid: Zxid }> = new Map()

  constructor(model: Model, options: Pick<ServerOptions, 'digestEnabled' | 'extendedTypes'>) {
    this.#model = model
    this.#options = options
  }

  /** A client is about to send this; its transaction, if there is one, carries the same key. */
  register(session: SessionId, request: PendingRequest): void {
    this.#requests.set(`${session}:${request.xid}`, request)
  }

  /** The next one. */
  transaction(zxid: Zxid, bytes: Uint8Array): void {
    const reader = new JuteReader(bytes)
    const header = readTxnHeader(reader)
    check(header.zxid === zxid, () => `${formatZxid(zxid)} carries ${formatZxid(header.zxid)}`)
    this.#evaluate(header, reader)
    this.#model.finish(zxid, bytes)
    this.#checkDigest(header, bytes)
  }

  /** What came after `zxid` is forgotten. */
  rollback(zxid: Zxid): void {
    for (const [path, known] of this.#sequences) {
      if (known.zxid > zxid) this.#sequences.delete(path)
    }
    for (const request of this.#requests.values()) {
      if ((request.outcome?.zxid ?? 0) > zxid) request.outcome = null
    }
  }

  #evaluate(header: TxnHeader, reader: JuteReader): void {
    const { zxid, sessionId: session } = header
    const request = this.#requests.get(`${session}:${header.cxid}`)
    const isWrite = (op: Operation): op is Exclude<Operation, { type: typeof OpCode.auth }> =>
      op.type !== OpCode.auth
    const identities = request?.identities ?? []
    const { extendedTypes } = this.#options
    const model = this.#model
    const write = new ModelWrite(model, zxid, header.timeMs, session, identities, extendedTypes)
    if (request !== undefined && this.#isRefused(header, reader, request)) return
    if (header.cxid === 0 || request === undefined || request.op.type === OpCode.closeSession) {
      this.#evaluateOwn(header, reader, write)
      if (request !== undefined && header.type === OpCode.closeSession) {
        request.outcome = { zxid, err: 0, body: new Uint8Array(0) }
      }
      return
    }
    check(isWrite(request.op), () => 'a read became a transaction')
    check(request.outcome === null, () => `request ${header.cxid} proposed twice`)
    check(request.mayWrite?.(zxid) !== false, () => {
      return `${formatZxid(zxid)}: request ${header.cxid} of a connection the session has left`
    })
    const outcome = this.#outcomeOf(request.op, write)
    this.#checkType(header, reader, request.op, outcome)
    this.#checkSequence(request.op, outcome, zxid)
    request.outcome = { zxid, ...outcome }
  }

  /** A leader refuses a request as a whole when its client speaks with another server by now, or
   * when its session is over. */
  #isRefused(header: TxnHeader, reader: JuteReader, request: PendingRequest): boolean {
    if (header.type !== OpCode.error) return false
    const err = new JuteReader(reader.bytes, reader.offset, reader.end).int()
    const { zxid, sessionId } = header
    const moved = err === ErrorCode.sessionMoved && request.hasMoved?.() === true
    const over = err === ErrorCode.sessionExpired && !this.#model.isOpen(sessionId, zxid)
    if (!moved && !over) return false
    request.outcome = { zxid, err, body: new Uint8Array(0) }
    return true
  }

  #outcomeOf(op: Operation, write: ModelWrite): Outcome {
    switch (op.type) {
      case OpCode.multi:
        return write.multi(op.ops)
      case OpCode.create:
      case OpCode.create2:
      case OpCode.createContainer:
      case OpCode.createTTL:
      case OpCode.delete:
      case OpCode.setData:
      case OpCode.setACL:
        return write.single(op)
      default:
        check(false, () => `operation ${op.type} became a transaction`)
    }
  }

  /** Transactions of the server itself: sessions, the cleaner. */
  #evaluateOwn(header: TxnHeader, reader: JuteReader, write: ModelWrite): void {
    const { zxid, sessionId: session } = header
    const owned = (): string[] => this.#model.ephemeralsAt(session, zxid)
    switch (header.type) {
      case OpCode.createSession: {
        check(!this.#model.sessions.has(session), () => `${formatSessionId(session)} opened twice`)
        const closed = Number.POSITIVE_INFINITY
        this.#model.sessions.set(session, { timeoutMs: reader.int(), opened: zxid, closed })
        return
      }
      case OpCode.closeSession: {
        const paths = readStrings(reader)
        deepStrictEqual([...paths].sort(), owned().sort(), 'what a closing session deletes')
        write.closeSession(paths)
        return
      }
      case OpCode.multi: {
        const count = reader.int()
        const paths: string[] = []
        for (let i = 0; i < count; i++) {
          check(reader.int() === OpCode.delete, () => 'a close deletes and nothing else')
          reader.int()
          paths.push(reader.text())
        }
        const mine = new Set(owned())
        check(
          paths.every((path) => mine.has(path)),
          () => `${paths} are not the session's`,
        )
        write.deletePaths(paths)
        return
      }
      case OpCode.deleteContainer: {
        const path = reader.text()
        const node = this.#model.now(path)
        const empty = node?.children.size === 0
        check(node !== null && empty && node.owner !== 0n && !isEphemeral(node), () => {
          return `the cleaner took ${path}`
        })
        write.deletePaths([path])
        return
      }
      case OpCode.reconfig: {
        reader.string()
        this.#model.reconfigure(reader.buffer(), header)
        return
      }
      default: {
        const isOwn = session === SESSION_NONE || this.operators.has(session)
        check(header.type === OpCode.error && isOwn, () => {
          return `transaction ${header.type} of ${formatSessionId(session)} that nobody asked for`
        })
      }
    }
  }

  #checkType(header: TxnHeader, reader: JuteReader, op: Operation, outcome: Outcome): void {
    const zxid = formatZxid(header.zxid)
    if (header.type === OpCode.error) {
      const error = reader.int()
      check(error === outcome.err, () => `${zxid}: error ${error}, expected ${outcome.err}`)
    } else {
      check(outcome.err === 0, () => `${zxid}: succeeded, expected error ${outcome.err}`)
      check(header.type === op.type, () => `${zxid}: type ${header.type}, expected ${op.type}`)
    }
  }

  /** Names of sequential nodes grow for as long as their parent lives. */
  #checkSequence(op: Operation, { err, body }: Outcome, zxid: Zxid): void {
    if (err !== 0 || (op.type !== OpCode.create && op.type !== OpCode.create2)) return
    const { flags } = op.request
    if (flags !== CreateMode.persistentSequential && flags !== CreateMode.ephemeralSequential)
      return
    const path = new JuteReader(body).text()
    const parent = this.#model.now(parentPath(path))!
    const number = Number(path.slice(-10))
    const known = this.#sequences.get(parent.path)
    if (known?.created === parent.czxid && known.zxid < zxid) {
      check(number > known.last, () => `${path} after number ${known.last}`)
    }
    this.#sequences.set(parent.path, { created: parent.czxid, last: number, zxid })
  }

  #checkDigest(header: TxnHeader, payload: Uint8Array): void {
    if (!this.#options.digestEnabled || header.type === OpCode.error) return
    const reader = new JuteReader(payload, payload.length - TXN_DIGEST_BYTES + 4)
    const digest = reader.long()
    const expected = BigInt.asIntN(64, this.#model.digestNow())
    check(digest === expected, () => {
      return `${formatZxid(header.zxid)}: digest ${digest.toString(16)}, not ${expected.toString(16)}`
    })
  }
}
