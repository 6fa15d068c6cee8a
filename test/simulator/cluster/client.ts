// A client of an ensemble, as ZooKeeper's behave: keeps its session alive by pings, goes to another
// server when one is silent or hangs up, brings its session, what it has seen and its watches along,
// pipelines requests; and sometimes hangs up, falls silent or moves while its old connection lives.

import type { Id } from '../../../protocol/acl.ts'
import { OpCode, Xid } from '../../../protocol/op-code.ts'
import {
  formatSessionId,
  passwordOf,
  SESSION_NONE,
  type SessionId,
} from '../../../protocol/session-id.ts'
import { formatZxid, type Zxid } from '../../../protocol/zxid.ts'
import { watchesToRestore, wireSeed } from '../clients/client.ts'
import { authFrame, ClientStream, connectFrame, requestFrame } from '../clients/client-stream.ts'
import { CheckedConnection, type ConnectionOwner } from '../clients/connection.ts'
import { addressOf, credentialsOf, userOf } from '../clients/identities.ts'
import { drawOperation } from '../clients/workload.ts'
import { isWrite, type Operation } from '../model/operation.ts'
import type { PendingRequest } from '../model/pending-request.ts'
import type { WatchModel } from '../model/watch-model.ts'
import { drawManners, Wire } from '../network/wire.ts'
import { Dice } from '../world/dice.ts'
import { check, type EventLog } from '../world/event-log.ts'
import type { History } from './checkers/history.ts'
import type { Member } from './member.ts'
import type { ClusterOptions } from './options.ts'
import type { Agenda } from './world/agenda.ts'

interface Line {
  readonly wire: Wire
  readonly checked: CheckedConnection
  readonly member: Member
  readonly openedMs: number
  /** What had been proposed when the session came here: what its older connections sent and was
   * not proposed by then may not become a transaction any more. */
  attachedAt: Zxid | null
  lostTo: Line | null
}

/** Between two of its acts, at most. */
const BUSY_MS = 20
const RESTING_MS = 60
/** Of an idle client, in its session's timeout. */
const PINGS = 4
const PASSWORD_NONE = new Uint8Array(16)
/** Odds of a misdeed when a client acts. */
const MISDEED_EVERY = 60
/** Of a reader's requests. */
const SYNC_EVERY = 3

export class ClusterClient implements ConnectionOwner {
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
  /** What it does before it pauses, and until when it does. */
  #burst = 0
  #pausedUntilMs = 0
  #lastZxid: Zxid = 0 as Zxid
  #nextXid = 1
  #sentMs = 0
  #heardMs = 0
  #closeAsked = false
  /** Connections tried with the session. One given up may still be the last that the leader hears
   * of (ZOOKEEPER-710). Requests keep their session's, which may outlive it. */
  #attempts = { count: 0 }
  #restore: WatchModel | null = null
  readonly #isReader: boolean
  readonly #options: ClusterOptions
  readonly #agenda: Agenda
  readonly #history: History
  readonly #events: EventLog
  readonly #dice: Dice

  constructor(
    index: number,
    options: ClusterOptions,
    agenda: Agenda,
    history: History,
    events: EventLog,
    dice: Dice,
  ) {
    this.name = `c${index}`
    this.#index = index
    this.identities = [{ scheme: 'ip', id: addressOf(index) }]
    if (options.workload.acls && index % 2 === 0) this.identities.push(userOf(index))
    history.lifetimes.clients.push(this)
    this.#isReader = index >= 1 && index <= options.readers
    this.#options = options
    this.#agenda = agenda
    this.#history = history
    this.#events = events
    this.#dice = dice
  }

  /** It keeps its session alive, and has been answered so lately that it has no reason to look for
   * another server. */
  get isWell(): boolean {
    const { nowMs } = this.#agenda
    const sinceMs = nowMs - Math.min(this.#heardMs, this.#sentMs)
    return this.connected && !this.silent && !this.#closeAsked && sinceMs < this.#timeoutMs / 2
  }

  get connected(): boolean {
    return this.#line?.checked.state === 'open'
  }

  /** Requests under way on the connection in use. */
  get underWay(): number {
    return this.#line?.checked.pending.length ?? 0
  }

  /** For the answer to anything but a ping. */
  get waits(): boolean {
    return this.#line?.checked.pending.some(({ op }) => op.type !== OpCode.ping) === true
  }

  /** It acts again within so many milliseconds. */
  get paceMs(): number {
    if (!this.connected) return RESTING_MS
    const isIdle = this.resting || this.#pausedUntilMs > this.#agenda.nowMs
    return isIdle ? Math.max(RESTING_MS, this.#timeoutMs / PINGS) : BUSY_MS
  }

  get member(): Member | null {
    return this.#line?.member ?? null
  }

  get lastZxid(): Zxid {
    return this.#lastZxid
  }

  describe(): string {
    const at = this.#line === null ? 'nowhere' : `s${this.#line.member.id}`
    const state = this.#line?.checked.state ?? 'closed'
    const pending = this.#line?.checked.pending.map(({ xid, op }) => `${xid}:${op.type}`) ?? []
    return `${this.name} ${formatSessionId(this.session)} ${state} at ${at}, waits for ${pending}`
  }

  /** From now on it asks for nothing new, and takes whatever it is told. */
  rest(): void {
    this.resting = true
    this.silent = false
    if (this.#line?.wire.readOn()) this.#line.member.wake('network')
  }

  /** One thing it may do now. `members` are those that live. */
  act(members: readonly Member[]): void {
    const line = this.#line
    const state = line?.checked.state ?? 'closed'
    if (line === null || state === 'closed') {
      if (!this.silent && members.length > 0) this.#connect(this.#dice.pick(members))
      return
    }
    const readsOn = this.resting ? line.wire.readOn() : line.wire.look()
    if (readsOn) line.member.wake('network')
    const { nowMs } = this.#agenda
    const patienceMs = (this.#timeoutMs || this.#options.sessionTimeoutMs) * 0.6
    if (nowMs - Math.max(this.#heardMs, line.openedMs) > patienceMs) {
      this.#events.add(`  ${this.name} gives s${line.member.id} up`)
      this.#hangUp(line)
      return
    }
    if (state === 'connecting' || this.silent) return
    if (nowMs - this.#sentMs > this.#timeoutMs / PINGS) {
      this.#send(line, Xid.ping, { type: OpCode.ping })
      return
    }
    if (this.resting || this.#pauses()) return
    const { disconnects, window } = this.#options.workload
    if (disconnects && this.#dice.oneIn(MISDEED_EVERY)) this.#misbehave(line, members)
    else if (this.underWay < window) this.#ask(line)
  }

  #pauses(): boolean {
    const { nowMs } = this.#agenda
    if (this.#pausedUntilMs > nowMs) return true
    if (this.#burst-- > 0) return false
    const { burst, pauseMs } = this.#options.rhythm
    this.#burst = burst < Number.POSITIVE_INFINITY ? this.#dice.below(2 * burst) : burst
    this.#pausedUntilMs = nowMs + this.#dice.below(pauseMs + 1)
    return pauseMs > 0
  }

  /** Asks for this now, if it can; false otherwise. */
  ask(op: Operation): boolean {
    if (!this.connected) return false
    this.#send(this.#line!, this.#nextXid++, op)
    return true
  }

  /** Everything up to `zxid` has been told. */
  settle(zxid: Zxid): void {
    if (this.connected) this.#line!.checked.settle(zxid)
  }

  onConnected(connection: CheckedConnection, sessionId: SessionId, timeoutMs: number): void {
    const line = this.#line
    if (line === null || connection !== line.checked) return
    this.#heardMs = this.#agenda.nowMs
    if (sessionId === SESSION_NONE) {
      this.#checkRefusal(line)
      this.#forget()
      return
    }
    check(this.#history.model.sessions.has(sessionId), () => {
      return `${this.name}: session ${formatSessionId(sessionId)} is nobody's`
    })
    check(this.session === SESSION_NONE || this.session === sessionId, () => {
      return `${this.name}: asked for another session`
    })
    line.attachedAt = this.#history.proposed
    this.session = sessionId
    this.#timeoutMs = timeoutMs
  }

  onReply(connection: CheckedConnection, request: PendingRequest, zxid: Zxid): void {
    if (connection !== this.#line?.checked) return
    this.#heardMs = this.#agenda.nowMs
    if (zxid > this.#lastZxid) this.#lastZxid = zxid
    if (request.op.type === OpCode.closeSession) this.#forget()
  }

  onClosed(connection: CheckedConnection): void {
    if (connection === this.#line?.checked) this.#line = null
  }

  /** Its session was refused: then it is over, or about to be. A client that has not been told of
   * anything yet may meet a server that has not either. */
  #checkRefusal({ member }: Line): void {
    const { model, lifetimes } = this.#history
    const id = this.session
    const opened = model.sessions.get(id)?.opened ?? 0
    const over =
      id === SESSION_NONE ||
      this.#closeAsked ||
      lifetimes.expiring.has(id) ||
      !model.isOpen(id, model.last) ||
      this.#lastZxid < opened
    check(over, () => {
      return `${this.name}: session ${formatSessionId(id)} refused by s${member.id}, and it is alive`
    })
  }

  #forget(): void {
    this.session = SESSION_NONE
    this.#closeAsked = false
    this.#restore = null
    this.#lastZxid = 0 as Zxid
    this.#timeoutMs = 0
    this.#attempts = { count: 0 }
  }

  #hangUp(line: Line): void {
    line.wire.hangUp()
    line.member.wake('network')
    if (this.#line === line) this.#line = null
  }

  #connect(member: Member): void {
    const { session } = this
    const checked = new CheckedConnection(this, this.#history, this.#events)
    const wire = this.#wireOf(checked)
    const password = session === SESSION_NONE ? PASSWORD_NONE : passwordOf(session)
    const { sessionTimeoutMs: timeoutMs } = this.#options
    const lastZxidSeen = this.#lastZxid
    wire.send(
      connectFrame({ lastZxidSeen, timeoutMs, sessionId: session, password, readOnly: false }),
    )
    const openedMs = this.#agenda.nowMs
    const line: Line = { wire, checked, member, openedMs, attachedAt: null, lostTo: null }
    if (this.#line !== null) this.#line.lostTo = line
    this.#line = line
    this.#attempts.count++
    this.#sentMs = this.#agenda.nowMs
    this.#events.add(`  ${this.name} to s${member.id} with ${formatSessionId(session)}`)
    member.network.open(wire)
    member.wake('network')
    for (const { scheme } of this.identities.slice(1)) {
      checked.pending.push(this.#pending(line, Xid.auth, { type: OpCode.auth }))
      wire.send(authFrame(scheme, credentialsOf(this.#index)))
    }
    if (this.#restore !== null) {
      const request = watchesToRestore(this.#restore, this.#lastZxid, this.#dice)
      this.#send(line, Xid.setWatches, { type: OpCode.setWatches2, request })
    }
    this.#restore = checked.watches
  }

  /** Chance of its own: how a connection behaves changes nothing else that is drawn. */
  #wireOf(checked: CheckedConnection): Wire {
    const dice = new Dice(wireSeed(this.#options.seed, this.#index, this.#connects++))
    const stream = new ClientStream(checked)
    return new Wire(stream, addressOf(this.#index), this.#connects, drawManners(dice), dice)
  }

  #ask(line: Line): void {
    const op = this.#isReader ? this.#drawRead() : drawOperation(this.#dice, this.#options)
    const xid = this.#nextXid++
    if (op.type === OpCode.closeSession) this.#closeAsked = true
    this.#send(line, xid, op)
  }

  #drawRead(): Operation {
    if (this.#dice.oneIn(SYNC_EVERY)) return { type: OpCode.sync, path: '/' }
    for (;;) {
      const op = drawOperation(this.#dice, this.#options)
      if (!isWrite(op)) return op
    }
  }

  #send(line: Line, xid: number, op: Operation): void {
    const { wire, checked } = line
    const request = this.#pending(line, xid, op)
    checked.pending.push(request)
    if (isWrite(op)) this.#history.register(checked.sessionId, request)
    wire.send(requestFrame(xid, op))
    line.member.wake('network')
    this.#sentMs = this.#agenda.nowMs
    this.#events.add(`  ${checked.name} asks ${xid}: ${op.type}`)
  }

  /** A write, and a sync, follow all that anybody has been told; a read what this client has. */
  #pending(line: Line, xid: number, op: Operation): PendingRequest {
    const { identities } = this
    const attempts = this.#attempts
    const global = isWrite(op) || op.type === OpCode.sync
    const seenAtSend = global ? this.#history.seen : this.#lastZxid
    return {
      xid,
      op,
      identities,
      seenAtSend,
      outcome: null,
      hasMoved: () => attempts.count > 1,
      mayWrite: (zxid) => {
        const next = successor(line)
        return next === null || zxid <= next
      },
    }
  }

  #misbehave(line: Line, members: readonly Member[]): void {
    const manner = this.#dice.weighted({ hangUp: 4, move: 3, silence: 1 })
    this.#events.add(`  ${this.name} ${manner} at ${formatZxid(this.#lastZxid)}`)
    if (manner === 'silence') this.silent = true
    else if (manner === 'move') this.#connect(this.#dice.pick(members))
    else this.#hangUp(line)
  }
}

/** What had been proposed when a later connection had the session. */
function successor(line: Line): Zxid | null {
  for (let next = line.lostTo; next !== null; next = next.lostTo) {
    if (next.attachedAt !== null) return next.attachedAt
  }
  return null
}
