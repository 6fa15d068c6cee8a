// A client that behaves as ZooKeeper's do: keeps its session alive by pings, reconnects with it,
// puts its watches back, pipelines requests; and sometimes hangs up, falls silent or takes its
// session over with a second connection.

import type { Id } from '../../../protocol/acl.ts'
import { OpCode, Xid } from '../../../protocol/op-code.ts'
import type { SetWatches } from '../../../protocol/records/set-watches.ts'
import {
  formatSessionId,
  passwordOf,
  SESSION_NONE,
  type SessionId,
} from '../../../protocol/session-id.ts'
import type { Zxid } from '../../../protocol/zxid.ts'
import type { Checker } from '../checkers/checker.ts'
import { isWrite, type Operation } from '../model/operation.ts'
import type { PendingRequest } from '../model/pending-request.ts'
import type { WatchModel } from '../model/watch-model.ts'
import type { SimulatedNetwork } from '../network/network.ts'
import { drawManners, Wire } from '../network/wire.ts'
import type { SimulationOptions } from '../options.ts'
import type { SimulatedTime } from '../world/clock.ts'
import { Dice } from '../world/dice.ts'
import { check, type EventLog } from '../world/event-log.ts'
import { authFrame, ClientStream, connectFrame, requestFrame } from './client-stream.ts'
import { CheckedConnection } from './connection.ts'
import { addressOf, credentialsOf, userOf } from './identities.ts'
import { drawOperation } from './workload.ts'

interface Line {
  readonly wire: Wire
  readonly checked: CheckedConnection
}

const SENDS_KEPT = 200
const PASSWORD_NONE = new Uint8Array(16)

export class SimulatedClient {
  readonly name: string
  readonly identities: Id[]
  session: SessionId = SESSION_NONE
  /** It sends nothing more, so that its session expires. */
  silent = false
  /** It asks for nothing new. */
  resting = false
  readonly #index: number
  #connects = 0
  #timeoutMs = 0
  #line: Line | null = null
  /** Connections given up and not closed yet: their answers are still checked. */
  #others: Line[] = []
  #lastZxid: Zxid = 0 as Zxid
  #nextXid = 1
  #sentMs = 0
  #closeAsked = false
  #restore: WatchModel | null = null
  readonly #options: SimulationOptions
  readonly #time: SimulatedTime
  readonly #checker: Checker
  readonly #events: EventLog
  readonly #dice: Dice

  constructor(
    index: number,
    options: SimulationOptions,
    time: SimulatedTime,
    checker: Checker,
    events: EventLog,
    dice: Dice,
  ) {
    this.name = `c${index}`
    this.#index = index
    this.identities = [{ scheme: 'ip', id: addressOf(index) }]
    if (options.workload.acls && index % 2 === 0) this.identities.push(userOf(index))
    this.#options = options
    this.#time = time
    this.#checker = checker
    this.#events = events
    this.#dice = dice
  }

  get connected(): boolean {
    return this.#line?.checked.state === 'open'
  }

  /** Requests under way on the connection in use. */
  get underWay(): number {
    return this.#line?.checked.pending.length ?? 0
  }

  /** One thing it may do now. */
  act(network: SimulatedNetwork): void {
    const state = this.#line?.checked.state ?? 'closed'
    if (this.resting) this.#line?.wire.readOn()
    else this.#line?.wire.look()
    if (state === 'open') this.#noteLife()
    if (state === 'closed') {
      if (!this.silent && network.isServing) this.#connect(network)
      return
    }
    if (state === 'connecting' || this.silent) return
    if (this.#time.nowMs - this.#sentMs > this.#timeoutMs / 4) {
      this.#send(Xid.ping, { type: OpCode.ping })
      return
    }
    if (this.resting) return
    if (this.#options.workload.disconnects && this.#dice.oneIn(60)) this.#misbehave(network)
    else if (this.underWay < this.#options.workload.window) this.#ask()
  }

  /** Everything up to `zxid` has been told. */
  settle(zxid: Zxid): void {
    if (this.connected) this.#line!.checked.settle(zxid)
  }

  onConnected(connection: CheckedConnection, sessionId: SessionId, timeoutMs: number): void {
    if (connection !== this.#line?.checked) return
    if (sessionId === SESSION_NONE) {
      const lost = this.session
      check(this.#closeAsked || this.#isOver(lost), () => {
        return `${this.name}: session ${formatSessionId(lost)} refused, and it is alive`
      })
      this.#forget()
      return
    }
    check(this.#checker.model.sessions.has(sessionId), () => {
      return `${this.name}: session ${formatSessionId(sessionId)} is nobody's`
    })
    this.session = sessionId
    this.#timeoutMs = timeoutMs
  }

  onReply(connection: CheckedConnection, request: PendingRequest, zxid: Zxid): void {
    if (zxid > this.#lastZxid) this.#lastZxid = zxid
    if (request.op.type === OpCode.closeSession && connection === this.#line?.checked) {
      this.#forget()
    }
  }

  onClosed(connection: CheckedConnection): void {
    this.#others = this.#others.filter(({ checked }) => checked !== connection)
    if (connection === this.#line?.checked) this.#line = null
  }

  #isOver(id: SessionId): boolean {
    const { model, expiring } = this.#checker
    return expiring.has(id) || !model.isOpen(id, model.last)
  }

  #forget(): void {
    this.session = SESSION_NONE
    this.#closeAsked = false
    this.#restore = null
    this.#lastZxid = 0 as Zxid
  }

  #connect(network: SimulatedNetwork): void {
    const checked = new CheckedConnection(this, this.#checker, this.#events)
    const wire = this.#wireOf(checked)
    const { session } = this
    const { minSessionTimeoutMs, maxSessionTimeoutMs } = this.#options.server
    if (session === SESSION_NONE) {
      this.#timeoutMs = this.#dice.between(minSessionTimeoutMs, maxSessionTimeoutMs)
    }
    const password = session === SESSION_NONE ? PASSWORD_NONE : passwordOf(session)
    const [timeoutMs, lastZxidSeen] = [this.#timeoutMs, this.#lastZxid]
    wire.send(
      connectFrame({ lastZxidSeen, timeoutMs, sessionId: session, password, readOnly: false }),
    )
    this.#line = { wire, checked }
    this.#sentMs = this.#time.nowMs
    this.#events.add(`  ${this.name} connects with ${formatSessionId(session)}`)
    network.open(wire)
    for (const { scheme } of this.identities.slice(1)) {
      checked.pending.push(this.#pending(Xid.auth, { type: OpCode.auth }))
      wire.send(authFrame(scheme, credentialsOf(this.#index)))
    }
    if (this.#restore !== null) this.#restoreWatches(this.#restore)
    this.#restore = checked.watches
  }

  /** Chance of its own: how a connection behaves changes nothing else that is drawn. */
  #wireOf(checked: CheckedConnection): Wire {
    const dice = new Dice(wireSeed(this.#options.seed, this.#index, this.#connects++))
    const stream = new ClientStream(checked)
    return new Wire(stream, addressOf(this.#index), this.#connects, drawManners(dice), dice)
  }

  #restoreWatches(watches: WatchModel): void {
    const request = watchesToRestore(watches, this.#lastZxid, this.#dice)
    this.#send(Xid.setWatches, { type: OpCode.setWatches2, request })
  }

  #ask(): void {
    const op = drawOperation(this.#dice, this.#options)
    const xid = this.#nextXid++
    if (op.type === OpCode.closeSession) this.#closeAsked = true
    this.#send(xid, op)
  }

  #send(xid: number, op: Operation): void {
    const { wire, checked } = this.#line!
    const request = this.#pending(xid, op)
    checked.pending.push(request)
    if (isWrite(op)) this.#checker.register(checked.sessionId, request)
    wire.send(requestFrame(xid, op))
    this.#sentMs = this.#time.nowMs
    this.#events.add(`  ${checked.name} asks ${xid}: ${op.type}`)
  }

  #pending(xid: number, op: Operation): PendingRequest {
    const { identities } = this
    return { xid, op, identities, seenAtSend: this.#checker.seen, outcome: null }
  }

  #misbehave(network: SimulatedNetwork): void {
    const line = this.#line!
    const manner = this.#dice.weighted({ hangUp: 4, takeOver: 2, silence: 1 })
    this.#events.add(`  ${this.name} ${manner}`)
    if (manner === 'silence') {
      this.silent = true
    } else if (manner === 'takeOver') {
      this.#others.push(line)
      this.#connect(network)
    } else {
      line.wire.hangUp()
      this.#line = null
      // What had not come by then may be overtaken by a reset.
      const sentMs = this.#checker.lifeSigns.get(this.session)?.sentMs ?? []
      while ((sentMs.at(-1) ?? 0) > line.wire.heardMs) sentMs.pop()
    }
  }

  /** When it was last heard of, for the judge of expiries. */
  #noteLife(): void {
    if (this.session === SESSION_NONE) return
    // A handshake under way does not count yet: the session may be over before it is read.
    const lines = [this.#line, ...this.#others].filter((line) => line?.checked.state === 'open')
    const heard = lines.map((line) => line?.wire.heardMs ?? 0)
    const signs = this.#checker.lifeSigns.get(this.session) ?? { sentMs: [], heardMs: 0 }
    signs.heardMs = Math.max(signs.heardMs, ...heard)
    // Of a client that takes nothing a server need not read much.
    const counts = this.connected && this.#line?.wire.isTaking === true
    if (counts && signs.sentMs.at(-1) !== this.#sentMs) signs.sentMs.push(this.#sentMs)
    if (signs.sentMs.length > SENDS_KEPT) signs.sentMs.shift()
    this.#checker.lifeSigns.set(this.session, signs)
  }
}

/** Of a client's connections, one after the other. */
export function wireSeed(seed: number, client: number, connection: number): number {
  return seed * 2654435761 + client * 40503 + connection * 69621
}

/** What a client asks for after a reconnect. */
export function watchesToRestore(watches: WatchModel, seen: Zxid, dice: Dice): SetWatches {
  const data: string[] = []
  const exist: string[] = []
  const child: string[] = []
  const persistent: string[] = []
  const recursive: string[] = []
  for (const [path, modes] of watches.list()) {
    if (modes.has('data')) (dice.oneIn(2) ? data : exist).push(path)
    if (modes.has('child')) child.push(path)
    if (modes.has('persistent')) persistent.push(path)
    if (modes.has('recursive')) recursive.push(path)
  }
  return {
    relativeZxid: seen,
    dataWatches: data,
    existWatches: exist,
    childWatches: child,
    persistentWatches: persistent,
    persistentRecursiveWatches: recursive,
  }
}
