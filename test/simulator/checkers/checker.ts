// The judge. Learns of every transaction from the ring to the log, evaluates it in the model, and
// compares what clients are told with that.
//
//   - a transaction is what its request means in the state before it (evaluation.ts); zxids have no
//     hole
//   - whatever a client has seen survives every restart, and nothing else appears
//   - a session does not end before its time

import type { LogMessages } from '../../../protocol/messages/log.ts'
import type { TreeMessages } from '../../../protocol/messages/tree.ts'
import { formatSessionId, type SessionId } from '../../../protocol/session-id.ts'
import { formatZxid, type Zxid } from '../../../protocol/zxid.ts'
import { LOG } from '../../../runtime/edges/log-edge.ts'
import { TREE } from '../../../runtime/edges/tree-edge.ts'
import { Evaluation } from '../model/evaluation.ts'
import { Model } from '../model/model.ts'
import type { PendingRequest } from '../model/pending-request.ts'
import type { SimulationOptions } from '../options.ts'
import type { SimulatedServer } from '../server.ts'
import type { SimulatedTime } from '../world/clock.ts'
import { check } from '../world/event-log.ts'
import { isSame } from '../world/same-bytes.ts'
import { Tap } from '../world/tap.ts'

/** How a session's client showed life, as it and as the server know it. */
export interface LifeSigns {
  readonly sentMs: number[]
  heardMs: number
}

/** How late the network loop may notice a client without that being a stall. */
const UNNOTICED_MS = 700

export class Checker {
  readonly model: Model = new Model()
  readonly #evaluation: Evaluation
  /** The newest zxid any client has been told of. */
  seen: Zxid = 0 as Zxid
  writes = 0
  replies = 0
  /** Sessions whose expiry has been decided since the server started. */
  readonly expiring: Set<SessionId> = new Set()
  readonly lifeSigns: Map<SessionId, LifeSigns> = new Map()
  readonly #time: SimulatedTime
  #taps: {
    log: Tap<LogMessages>
    recovery: Tap<TreeMessages>
    sessions: Tap<TreeMessages>
  } | null = null
  #startedMs = 0

  constructor(options: SimulationOptions, time: SimulatedTime) {
    this.#time = time
    this.#evaluation = new Evaluation(this.model, options.server)
  }

  /** A server has been built on what the disk holds. */
  attach(server: SimulatedServer): void {
    const { rings } = server.wiring
    this.#startedMs = this.#time.nowMs
    this.expiring.clear()
    this.#taps = {
      log: new Tap(rings['tree>log'], LOG, {
        append: (zxid, txn) => this.#onAppend(zxid, txn),
      }),
      recovery: new Tap(rings['log>tree'], TREE, {
        replay: (zxid, txn) => this.#onReplay(zxid, txn),
        recovered: (zxid) => this.#onRecovered(zxid),
      }),
      sessions: new Tap(rings['sessions>tree'], TREE, {
        expire: (id) => this.#onExpire(id, server.decidedMs),
      }),
    }
  }

  /** To be called after every turn. */
  poll(): void {
    if (this.#taps === null) return
    const { log, recovery, sessions } = this.#taps
    recovery.listen()
    for (let name = log.next(); name !== null; name = log.next()) {
      check(name === 'append', () => `${name} on its way to the log`)
    }
    sessions.listen()
  }

  /** A client is about to send this; its transaction, if there is one, carries the same key. */
  register(session: SessionId, request: PendingRequest): void {
    this.#evaluation.register(session, request)
  }

  #onAppend(zxid: Zxid, txn: Uint8Array): void {
    check(zxid === this.model.last + 1, () => {
      return `${formatZxid(zxid)} follows ${formatZxid(this.model.last)}`
    })
    this.writes++
    this.#evaluation.transaction(zxid, txn)
  }

  #onReplay(zxid: Zxid, txn: Uint8Array): void {
    const known = this.model.txns.get(zxid)
    check(known !== undefined, () => `${formatZxid(zxid)} was never proposed`)
    check(isSame(known, txn), () => `${formatZxid(zxid)} came back changed`)
  }

  #onRecovered(zxid: Zxid): void {
    check(zxid >= this.seen, () => {
      return `recovered to ${formatZxid(zxid)}, a client has seen ${formatZxid(this.seen)}`
    })
    check(zxid <= this.model.last, () => `recovered ${formatZxid(zxid)} from nowhere`)
    this.model.rollback(zxid)
    this.#evaluation.rollback(zxid)
  }

  #onExpire(id: SessionId, decidedMs: number): void {
    const session = this.model.sessions.get(id)
    check(session !== undefined, () => `expired ${formatSessionId(id)}, which never was`)
    this.expiring.add(id)
    const { nowMs } = this.#time
    const signs = this.lifeSigns.get(id)
    const heardMs = Math.max(signs?.heardMs ?? 0, this.#startedMs)
    const unheeded = signs?.sentMs.find((ms) => {
      return ms > nowMs - session.timeoutMs && ms < decidedMs - UNNOTICED_MS && ms > this.#startedMs
    })
    // What was decided before it was heard, and waited for room, says nothing of that.
    check(heardMs > decidedMs || nowMs - heardMs >= session.timeoutMs, () => {
      return `${formatSessionId(id)} expired ${nowMs - heardMs} ms after it was heard`
    })
    check(unheeded === undefined, () => {
      return `${formatSessionId(id)} expired at ${nowMs}, it had sent something at ${unheeded}`
    })
  }
}
