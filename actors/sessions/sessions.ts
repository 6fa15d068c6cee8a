// The session manager: who may continue which session, and when a silent session expires.
//
//             connect, id 0            sessionOpened          bucket due, nothing heard
//   (nothing) ------------> pending ----------------> open ------------------------> closing
//                              \                       |  recovered: straight to open    |
//                               '----------------------+------- sessionClosed ----------'
//
// Owns: session ids, deadlines, and which connection holds which session. The tree owns the
// sessions themselves: it makes them durable, and answers every handshake in the order of its
// replies. Guarantees: the password is checked before the connection that holds the session is
// touched (Apache closes that one first). A session expires once, never before its timeout has
// passed without a word from its client, and never because we were not there to listen.
//
// Touching costs no message: the network loop stamps a shared table, and only a session whose
// bucket comes due is looked up there.
//
// Only a leader expires sessions. A learner reports to zab which it has heard, and zab tells the
// leader with its next answer (LearnerSessionTracker). A new leader gives each a full timeout.
//
// A learner whose report is overdue may have heard any of its clients until now, so none of them
// expires. A learner that is gone may have until it went, so each gets a full timeout from then. A
// server out of touch does not read from its clients (network-rings.ts), so they leave it in time.
//
// Stalls. Deadlines are kept by a clock of their own, which stands still while we do: `#stalledMs`
// is how far it is behind. When a tick comes late, or the network loop has given no sign of life,
// the time since we last knew better is added to it. That extends every deadline by as much.
//
// Corresponds to SessionTrackerImpl, ExpiryQueue, and the session part of ZooKeeperServer.

import { assert } from '../../protocol/assert.ts'
import { JuteReader } from '../../protocol/bytes/jute-reader.ts'
import { type ConnectionSlot, SLOT_NONE } from '../../protocol/messages/network.ts'
import { Query } from '../../protocol/messages/queries.ts'
import type { SessionsMessages } from '../../protocol/messages/sessions.ts'
import type { TreeSessionMessages } from '../../protocol/messages/tree.ts'
import type { Link } from '../../protocol/messages/zab.ts'
import {
  formatSessionId,
  SESSION_NONE,
  type SessionId,
  sessionIdOf,
} from '../../protocol/session-id.ts'
import type { Zxid } from '../../protocol/zxid.ts'
import type { Actor, Clock } from '../actor.ts'
import { Reports } from '../reports.ts'
import { Expiries } from './expiries.ts'
import { BUCKET_NONE, ExpiryQueue } from './expiry-queue.ts'
import { HeardReport, TOUCH_BYTES } from './heard-report.ts'
import { LearnerReports, LINK_NONE } from './learner-reports.ts'
import type { LastHeard, SessionsGauges, SessionsNeighbours, SessionsOptions } from './options.ts'
import type { Session } from './session.ts'
import { firstSessionId, idAfter, passwordMatches } from './session-ids.ts'
import { sessionReport } from './session-report.ts'

export class Sessions implements Actor, SessionsMessages {
  readonly name = 'sessions'
  readonly #options: SessionsOptions
  readonly #clock: Clock
  readonly #tree: TreeSessionMessages
  readonly #zab: SessionsNeighbours['zab']
  readonly #heard: LastHeard
  readonly #gauges: SessionsGauges
  readonly #expiries: Expiries
  readonly #sessions = new Map<SessionId, Session>()
  readonly #bySlot = new Map<ConnectionSlot, Session>()
  /** Open sessions, while serving. Its times are those of the clock minus `#stalledMs`. */
  readonly #queue: ExpiryQueue<Session>
  #nextId: SessionId
  #pending = 0
  #serving = false
  /** Whether sessions expire here. */
  #leads = false
  /** A learner's report to its leader. */
  readonly #report: HeardReport
  readonly #reports: Reports
  /** What a leader's learners have reported. */
  readonly #learners: LearnerReports
  #stalledMs = 0
  /** The last turn: the last time when we are known to have been awake. */
  #awakeMs = 0
  /** Every stall before this is in `#stalledMs`. */
  #excusedMs = 0
  #networkStalled = false

  constructor(
    options: SessionsOptions,
    clock: Clock,
    { tree, zab, journal }: SessionsNeighbours,
    heard: LastHeard,
    gauges: SessionsGauges,
  ) {
    assert(options.minSessionTimeoutMs > 0, 'minSessionTimeoutMs')
    assert(options.maxSessionTimeoutMs >= options.minSessionTimeoutMs, 'maxSessionTimeoutMs')
    assert(options.pendingMax > 0 && options.stallMs > 0, 'session limits')
    this.#options = options
    this.#clock = clock
    this.#tree = tree
    this.#zab = zab
    this.#heard = heard
    this.#gauges = gauges
    this.#expiries = new Expiries(journal, clock, heard, gauges.expired, tree)
    this.#queue = new ExpiryQueue(options.tickTimeMs)
    this.#report = new HeardReport(options, heard)
    this.#reports = new Reports((...answer) => tree.answer(...answer))
    this.#learners = new LearnerReports((options.tickTimeMs * 3) / 4)
    this.#nextId = firstSessionId(options.serverId, options.startWallMs)
  }

  tick(): void {
    if (!this.#serving) return
    if (!this.#leads) {
      const report = this.#report.of(this.#bySlot.values(), this.#clock.nowMs)
      this.#zab.touched(report, 0, report.length)
      return
    }
    this.#excuseStall()
    const nowMs = this.#nowMs()
    for (let due = this.#queue.poll(nowMs); due !== null; due = this.#queue.poll(nowMs)) {
      for (const session of due) this.#onDue(session, nowMs)
    }
    this.#awakeMs = this.#clock.nowMs
  }

  nextTickMs(): number {
    if (!this.#serving) return Number.POSITIVE_INFINITY
    if (!this.#leads) return this.#report.dueMs
    return this.#queue.nextDueMs() + this.#stalledMs
  }

  endTurn(): boolean {
    this.#awakeMs = this.#clock.nowMs
    this.#gauges.sessions.set(this.#sessions.size - this.#pending)
    this.#gauges.pending.set(this.#pending)
    return false
  }

  describe(): string {
    const state = this.#serving ? (this.#leads ? 'leading' : 'following') : 'idle'
    return `sessions: ${state}, ${this.#sessions.size} known, ${this.#pending} pending, next ${formatSessionId(this.#nextId)}`
  }

  connect(
    slot: ConnectionSlot,
    lastZxidSeen: Zxid,
    timeoutMs: number,
    sessionId: SessionId,
    password: Uint8Array,
    start: number,
    end: number,
  ): void {
    this.#excuseStall()
    if (this.#bySlot.has(slot)) {
      // A second handshake on one connection. The connection ends; its session waits for another.
      this.#tree.refuse(slot, lastZxidSeen)
    } else if (sessionId === SESSION_NONE) {
      this.#create(slot, this.#negotiated(timeoutMs), lastZxidSeen)
    } else {
      const known = passwordMatches(this.#options.passwordOf(sessionId), password, start, end)
      // A session that nobody has told us of may be valid: the tree judges, or asks the leader. So it
      // does, even if we lead: the network loop may have heard of a change before us.
      const session = known ? (this.#sessions.get(sessionId) ?? this.#add(sessionId)) : undefined
      if (session === undefined || session.state === 'closing') {
        this.#tree.refuse(slot, lastZxidSeen)
      } else {
        this.#renew(session, slot, this.#negotiated(timeoutMs), lastZxidSeen)
      }
    }
  }

  closed(slot: ConnectionSlot): void {
    this.#excuseStall()
    const session = this.#bySlot.get(slot)
    if (session !== undefined) {
      assert(session.slot === slot, 'slot and session agree')
      // The stamp goes with the slot, so put it into the deadline first.
      this.#postponeDeadline(session, this.#clock.nowMs)
      this.#unbind(session)
    }
    this.#tree.closed(slot)
  }

  query(queryId: number, kind: number): void {
    if (kind === Query.sessions) {
      const bucketOf = (session: Session): number => {
        this.#postponeDeadline(session, this.#clock.nowMs)
        return session.bucketMs
      }
      const report = sessionReport(this.#sessions.values(), bucketOf, () => this.#stalledMs)
      this.#reports.begin(queryId, report)
    }
    this.#reports.go(queryId, kind)
  }

  sessionOpened(sessionId: SessionId, timeoutMs: number): void {
    assert(sessionId !== SESSION_NONE, 'a session without an id')
    this.#excuseStall()
    const session = this.#sessions.get(sessionId) ?? this.#add(sessionId)
    // If it was continued before we hear of it, it may have another timeout by now.
    const isHeld = session.state === 'open' && session.slot !== SLOT_NONE
    if (!isHeld) session.timeoutMs = Math.max(0, timeoutMs)
    this.#opened(session)
  }

  sessionClosed(sessionId: SessionId): void {
    const session = this.#sessions.get(sessionId)
    if (session === undefined) return
    if (session.state === 'pending') this.#pending--
    assert(this.#pending >= 0, 'pending sessions')
    this.#queue.remove(session)
    this.#unbind(session)
    this.#sessions.delete(sessionId)
  }

  serving(_zxid: Zxid, leads: boolean): void {
    this.#serving = true
    this.#leads = leads
    this.#report.begin(this.#clock.nowMs)
    this.#awakeMs = this.#clock.nowMs
    this.#excusedMs = this.#clock.nowMs
    this.#networkStalled = false
    for (const session of this.#sessions.values()) {
      // An expiry that was proposed before a change of leader may be lost. It is decided again.
      if (session.state === 'closing') session.state = 'open'
      session.link = LINK_NONE
      if (session.state === 'open') this.#touch(session)
    }
  }

  idle(): void {
    this.#serving = false
    this.#leads = false
    for (const session of [...this.#sessions.values()]) {
      this.#queue.remove(session)
      // Its client has been sent away. If it was proposed all the same, the tree will say so.
      if (session.state === 'pending') this.sessionClosed(session.id)
    }
  }

  reset(): void {
    for (const id of [...this.#sessions.keys()]) this.sessionClosed(id)
  }

  touch(link: Link, sessionId: SessionId, timeoutMs: number): void {
    assert(this.#leads, 'a learner touches sessions where none expires')
    this.#excuseStall()
    const session = this.#sessions.get(sessionId)
    if (session?.state !== 'open') return
    // A connection that it has here stays, as with ZooKeeper; its next write is refused. If we hung
    // up, its client would come back at once, and take the session from whoever has it now.
    session.timeoutMs = this.#negotiated(timeoutMs)
    session.link = link
    this.#touch(session)
  }

  touched(link: Link, ageMs: number, bytes: Uint8Array, start: number, end: number): void {
    this.#excuseStall()
    const reader = new JuteReader(bytes, start, end)
    while (reader.remaining >= TOUCH_BYTES) {
      const id = sessionIdOf(reader.long())
      const timeoutMs = reader.int()
      if (id === SESSION_NONE) this.#learners.reported(link, this.#clock.nowMs - ageMs)
      const session = this.#sessions.get(id)
      if (session?.state !== 'open') continue
      session.link = link
      session.timeoutMs = this.#negotiated(timeoutMs)
      this.#touch(session)
    }
  }

  /** The learner may have heard any of its clients until it went: a full timeout from now. */
  learnerLost(link: Link): void {
    this.#excuseStall()
    this.#learners.lost(link)
    for (const session of this.#sessions.values()) {
      if (session.link !== link) continue
      session.link = LINK_NONE
      if (session.state === 'open') this.#touch(session)
    }
  }

  #add(id: SessionId): Session {
    const none = { timeoutMs: 0, slot: SLOT_NONE, link: LINK_NONE, bucketMs: BUCKET_NONE }
    const session: Session = { id, state: 'open', ...none }
    this.#sessions.set(id, session)
    return session
  }

  #create(slot: ConnectionSlot, timeoutMs: number, lastZxidSeen: Zxid): void {
    if (this.#pending >= this.#options.pendingMax) {
      this.#tree.refuse(slot, lastZxidSeen)
      return
    }
    const id = this.#takeId()
    const session = Object.assign(this.#add(id), { timeoutMs, slot, state: 'pending' as const })
    this.#bySlot.set(slot, session)
    this.#pending++
    this.#tree.createSession(slot, id, timeoutMs, lastZxidSeen)
  }

  #opened(session: Session): void {
    if (session.state === 'pending') this.#pending--
    session.state = 'open'
    this.#touch(session)
  }

  /** One that is pending may be open: its client hears of that by another way than we. */
  #renew(session: Session, slot: ConnectionSlot, timeoutMs: number, lastZxidSeen: Zxid): void {
    if (session.slot !== SLOT_NONE) {
      this.#tree.detach(session.slot)
      this.#unbind(session)
    }
    session.slot = slot
    session.link = LINK_NONE
    session.timeoutMs = timeoutMs
    this.#bySlot.set(slot, session)
    this.#opened(session)
    this.#tree.attach(slot, session.id, timeoutMs, lastZxidSeen)
  }

  #negotiated(timeoutMs: number): number {
    const { minSessionTimeoutMs, maxSessionTimeoutMs } = this.#options
    return Math.min(maxSessionTimeoutMs, Math.max(minSessionTimeoutMs, timeoutMs))
  }

  #takeId(): SessionId {
    // Ids of an earlier start may reach into ours, if many sessions were made within a few ms.
    while (this.#sessions.has(this.#nextId)) this.#nextId = idAfter(this.#nextId)
    const id = this.#nextId
    this.#nextId = idAfter(id)
    return id
  }

  #unbind(session: Session): void {
    if (session.slot === SLOT_NONE) return
    assert(this.#bySlot.delete(session.slot), 'a bound session is found by its slot')
    session.slot = SLOT_NONE
  }

  #nowMs(): number {
    return this.#clock.nowMs - this.#stalledMs
  }

  /** Gives the session a full timeout from now. */
  #touch(session: Session): void {
    if (this.#leads) this.#queue.update(session, this.#nowMs() + session.timeoutMs)
  }

  #heardDeadlineMs(session: Session, awakeUntilMs: number): number {
    const heardMs = Math.min(this.#heard.lastHeardMs(session.slot), awakeUntilMs)
    return Math.max(0, heardMs - this.#stalledMs + session.timeoutMs)
  }

  /** Puts what the shared table knows into the queue; never brings a deadline forward. The queue's
   * clock stands still since `awakeUntilMs`: what was heard later counts as heard then. */
  #postponeDeadline(session: Session, awakeUntilMs: number): void {
    if (session.bucketMs === BUCKET_NONE || session.slot === SLOT_NONE) return
    this.#queue.postpone(session, this.#heardDeadlineMs(session, awakeUntilMs))
  }

  #onDue(session: Session, nowMs: number): void {
    assert(session.state === 'open', 'only open sessions are queued')
    const { slot, timeoutMs } = session
    let deadlineMs = 0
    if (this.#learners.mayBeHeard(session, this.#clock.nowMs)) deadlineMs = nowMs + timeoutMs
    else if (slot !== SLOT_NONE) deadlineMs = this.#heardDeadlineMs(session, this.#clock.nowMs)
    if (this.#queue.bucketOf(deadlineMs) > nowMs) {
      this.#queue.update(session, deadlineMs)
      return
    }
    session.state = 'closing'
    this.#expiries.expire(session)
  }

  /** Stops the deadlines' clock for a time in which nobody could be heard. It may add more than the
   * stall, by up to the time between two looks, but never less. Call it before any deadline is
   * set: a deadline set between a stall and its excuse would be extended by it. */
  #excuseStall(): void {
    if (!this.#leads) return
    const [{ nowMs }, { stallMs }] = [this.#clock, this.#options]
    const aliveMs = this.#heard.networkAliveMs()
    const late = nowMs - this.nextTickMs() > stallMs
    const deaf = nowMs - aliveMs > stallMs
    let fromMs = nowMs
    if (late) fromMs = this.#awakeMs
    if (deaf) fromMs = Math.min(fromMs, aliveMs)
    // The loop was deaf at the last look; we do not know when it came back.
    if (this.#networkStalled) fromMs = Math.min(fromMs, this.#excusedMs)
    this.#networkStalled = deaf
    fromMs = Math.max(fromMs, this.#excusedMs)
    if (fromMs >= nowMs) return
    // Stamps from before the stall count from when they were made, so postpone for them first.
    for (const session of this.#bySlot.values()) this.#postponeDeadline(session, fromMs)
    // Whole milliseconds, so that rounding makes no deadline due by one sum and not by another.
    this.#stalledMs += Math.ceil(nowMs - fromMs)
    this.#excusedMs = nowMs
    this.#gauges.stalledMs.set(this.#stalledMs)
  }
}
