// The judge. Learns of every transaction from the ring to the log, evaluates it in the model, and
// compares what clients are told with that.
//
//   - a transaction is what its request means in the state before it; zxids have no hole
//   - whatever a client has seen survives every restart, and nothing else appears
//   - sequential names grow; a session ends with all its ephemerals and not before its time
//   - the server's digest, where it sends one, is the model's

import { deepStrictEqual } from 'node:assert'
import { JuteReader } from '../../protocol/jute-reader.ts'
import { CreateMode, OpCode } from '../../protocol/op-code.ts'
import { readStrings } from '../../protocol/records/strings.ts'
import {
  formatSessionId,
  SESSION_NONE,
  type SessionId,
  sessionIdOf,
} from '../../protocol/session-id.ts'
import { readTxnHeader, TXN_DIGEST_BYTES, type TxnHeader } from '../../protocol/txn.ts'
import { formatZxid, type Zxid } from '../../protocol/zxid.ts'
import { FrameType } from '../../runtime/edges/frame-type.ts'
import type { PendingRequest } from './client.ts'
import type { SimulatedTime } from './clock.ts'
import { check } from './event-log.ts'
import { isEphemeral, Model } from './model.ts'
import { ModelWrite, type Outcome, parentPath } from './model-write.ts'
import type { Operation } from './operation.ts'
import type { SimulationOptions } from './options.ts'
import type { SimulatedServer } from './server.ts'
import { Tap, type TappedMessage } from './tap.ts'

/** How a session's client showed life, as it and as the server know it. */
export interface LifeSigns {
  readonly sentMs: number[]
  heardMs: number
}

/** How late the network loop may notice a client without that being a stall. */
const UNNOTICED_MS = 700

export class Checker {
  readonly model: Model = new Model()
  /** The newest zxid any client has been told of. */
  seen: Zxid = 0 as Zxid
  writes = 0
  replies = 0
  /** Sessions whose expiry has been decided since the server started. */
  readonly expiring: Set<SessionId> = new Set()
  readonly lifeSigns: Map<SessionId, LifeSigns> = new Map()
  readonly #options: SimulationOptions
  readonly #time: SimulatedTime
  readonly #requests: Map<string, PendingRequest> = new Map()
  readonly #sequences: Map<string, { created: Zxid; last: number; zxid: Zxid }> = new Map()
  #taps: { log: Tap; recovery: Tap; sessions: Tap } | null = null
  #startedMs = 0

  constructor(options: SimulationOptions, time: SimulatedTime) {
    this.#options = options
    this.#time = time
  }

  /** A server has been built on what the disk holds. */
  attach(server: SimulatedServer): void {
    const { rings } = server.wiring
    this.#startedMs = this.#time.nowMs
    this.expiring.clear()
    this.#taps = {
      log: new Tap(rings['tree>log']),
      recovery: new Tap(rings['log>tree']),
      sessions: new Tap(rings['sessions>tree']),
    }
  }

  /** To be called after every turn. */
  poll(): void {
    if (this.#taps === null) return
    for (const message of this.#taps.recovery.poll()) this.#onRecovery(message)
    for (const message of this.#taps.log.poll()) this.#onAppend(message)
    for (const message of this.#taps.sessions.poll()) this.#onSessions(message)
  }

  /** A client is about to send this; its transaction, if there is one, carries the same key. */
  register(session: SessionId, request: PendingRequest): void {
    this.#requests.set(`${session}:${request.xid}`, request)
  }

  #onAppend(message: TappedMessage): void {
    check(message.type === FrameType.append, () => `frame ${message.type} on its way to the log`)
    const zxid = message.zxid as Zxid
    const reader = new JuteReader(message.payload)
    const header = readTxnHeader(reader)
    check(header.zxid === zxid, () => `${formatZxid(zxid)} carries ${formatZxid(header.zxid)}`)
    check(zxid === this.model.last + 1, () => {
      return `${formatZxid(zxid)} follows ${formatZxid(this.model.last)}`
    })
    this.writes++
    this.#evaluate(header, reader)
    this.model.finish(zxid, message.payload)
    this.#checkDigest(header, message.payload)
  }

  #evaluate(header: TxnHeader, reader: JuteReader): void {
    const { zxid, sessionId: session } = header
    const request = this.#requests.get(`${session}:${header.cxid}`)
    const isWrite = (op: Operation): op is Exclude<Operation, { type: typeof OpCode.auth }> =>
      op.type !== OpCode.auth
    const identities = request?.identities ?? []
    const { extendedTypes } = this.#options.server
    const model = this.model
    const write = new ModelWrite(model, zxid, header.timeMs, session, identities, extendedTypes)
    if (header.cxid === 0 || request === undefined || request.op.type === OpCode.closeSession) {
      this.#evaluateOwn(header, reader, write)
      if (request !== undefined && header.type === OpCode.closeSession) {
        request.outcome = { zxid, err: 0, body: new Uint8Array(0) }
      }
      return
    }
    check(isWrite(request.op), () => 'a read became a transaction')
    check(request.outcome === null, () => `request ${header.cxid} proposed twice`)
    const outcome = this.#outcomeOf(request.op, write)
    this.#checkType(header, reader, request.op, outcome)
    this.#checkSequence(request.op, outcome, zxid)
    request.outcome = { zxid, ...outcome }
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
    const owned = (): string[] => this.model.ephemeralsAt(session, zxid)
    switch (header.type) {
      case OpCode.createSession: {
        check(!this.model.sessions.has(session), () => `${formatSessionId(session)} opened twice`)
        const closed = Number.POSITIVE_INFINITY
        this.model.sessions.set(session, { timeoutMs: reader.int(), opened: zxid, closed })
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
        const node = this.model.now(path)
        const empty = node?.children.size === 0
        check(node !== null && empty && node.owner !== 0n && !isEphemeral(node), () => {
          return `the cleaner took ${path}`
        })
        write.deletePaths([path])
        return
      }
      default:
        check(header.type === OpCode.error && session === SESSION_NONE, () => {
          return `transaction ${header.type} of ${formatSessionId(session)} that nobody asked for`
        })
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
    const parent = this.model.now(parentPath(path))!
    const number = Number(path.slice(-10))
    const known = this.#sequences.get(parent.path)
    if (known?.created === parent.czxid && known.zxid < zxid) {
      check(number > known.last, () => `${path} after number ${known.last}`)
    }
    this.#sequences.set(parent.path, { created: parent.czxid, last: number, zxid })
  }

  #checkDigest(header: TxnHeader, payload: Uint8Array): void {
    if (!this.#options.server.digestEnabled || header.type === OpCode.error) return
    const reader = new JuteReader(payload, payload.length - TXN_DIGEST_BYTES + 4)
    const digest = reader.long()
    const expected = BigInt.asIntN(64, this.model.digestNow())
    check(digest === expected, () => {
      return `${formatZxid(header.zxid)}: digest ${digest.toString(16)}, not ${expected.toString(16)}`
    })
  }

  #onRecovery(message: TappedMessage): void {
    const zxid = message.zxid as Zxid
    if (message.type === FrameType.replay) {
      const known = this.model.txns.get(zxid)
      check(known !== undefined, () => `${formatZxid(zxid)} was never proposed`)
      const same = known.every((byte, i) => byte === message.payload[i])
      check(same && known.length === message.payload.length, () => {
        return `${formatZxid(zxid)} came back changed`
      })
    } else if (message.type === FrameType.recovered) {
      check(zxid >= this.seen, () => {
        return `recovered to ${formatZxid(zxid)}, a client has seen ${formatZxid(this.seen)}`
      })
      check(zxid <= this.model.last, () => `recovered ${formatZxid(zxid)} from nowhere`)
      this.model.rollback(zxid)
      for (const [path, known] of this.#sequences) {
        if (known.zxid > zxid) this.#sequences.delete(path)
      }
      for (const request of this.#requests.values()) {
        if ((request.outcome?.zxid ?? 0) > zxid) request.outcome = null
      }
    }
  }

  #onSessions(message: TappedMessage): void {
    if (message.type !== FrameType.expire) return
    const id = sessionIdOf((BigInt(message.a) << 32n) | BigInt(message.b >>> 0))
    const session = this.model.sessions.get(id)
    check(session !== undefined, () => `expired ${formatSessionId(id)}, which never was`)
    this.expiring.add(id)
    const { nowMs } = this.#time
    const signs = this.lifeSigns.get(id)
    const heardMs = Math.max(signs?.heardMs ?? 0, this.#startedMs)
    const unheeded = signs?.sentMs.find((ms) => {
      return ms > nowMs - session.timeoutMs && ms < nowMs - UNNOTICED_MS && ms > this.#startedMs
    })
    check(nowMs - heardMs >= session.timeoutMs, () => {
      return `${formatSessionId(id)} expired ${nowMs - heardMs} ms after it was heard`
    })
    check(unheeded === undefined, () => {
      return `${formatSessionId(id)} expired at ${nowMs}, it had sent something at ${unheeded}`
    })
  }
}
