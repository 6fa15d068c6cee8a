// Zab in an ensemble: looking for a leader, leading, or following one; and what survives a change
// of role.
//
//   loading --loaded--> looking --elected, fenced--> leading | following --giveUp--> looking ...
//        or, in the middle of SNAP or TRUNC: --giveUp--> loading
//        or, with a disk that hangs, or asked to hand over: --giveUp--> fencing --fenced, rested--> looking
//
// The tree stays in memory across elections: it holds what is committed, `History` what is logged
// beyond that. If a role ends in the middle of something (a snapshot, a cut, a history that is partly
// on disk only), everything is loaded again before this server looks (ZOOKEEPER-3642, 5094). A role begins
// once the log has answered all that an earlier role asked of it (`fenced`), so that no answer is taken
// for another's. The election goes on meanwhile, but without a server whose disk hangs: if it were
// elected, everybody would wait for it.

import { assert } from '../../protocol/assert.ts'
import { MalformedError } from '../../protocol/bytes/jute-reader.ts'
import { utf8 } from '../../protocol/bytes/text.ts'
import type { ZabEnsembleMessages } from '../../protocol/messages/zab.ts'
import type { Packet } from '../../protocol/quorum/packet.ts'
import type { ServerId } from '../../protocol/quorum/server-id.ts'
import type { SessionId } from '../../protocol/session-id.ts'
import { formatZxid, ZXID_ZERO, type Zxid } from '../../protocol/zxid.ts'
import type { Actor, Clock } from '../actor.ts'
import { Configurations } from './configurations.ts'
import type { Epochs, ZabContext } from './context.ts'
import { Follower } from './follower/follower.ts'
import { voteForNobody } from './follower/rejoin.ts'
import { LeaderReport, type ZabGauges } from './gauges.ts'
import { type History, Recall } from './history.ts'
import { EarlyLearners } from './leader/early-learners.ts'
import { EpochCredit } from './leader/epoch-credit.ts'
import { Leader } from './leader/leader.ts'
import { answerOperator } from './leader/questions.ts'
import type { EpochFile, Link } from './neighbours.ts'
import { beatMsOf, type ZabNeighbours, type ZabOptions } from './options.ts'
import { OwnLog } from './own-log.ts'
import { ReadOnly } from './read-only.ts'
import { Rest } from './rest.ts'
import { contextOf } from './role-context.ts'

export class Zab implements Actor, ZabEnsembleMessages {
  readonly name = 'zab'
  readonly #options: ZabOptions
  readonly #clock: Clock
  readonly #to: ZabNeighbours
  readonly #report: LeaderReport
  readonly #early: EarlyLearners
  readonly #log: OwnLog
  readonly #epochs: Epochs = { accepted: 0, current: 0 }
  readonly #credit: EpochCredit
  readonly #readOnly: ReadOnly
  readonly #configs: Configurations
  /** Why the role is to end with this turn; null if it is not. */
  #endsFor: string | null = null
  #history: History
  readonly #recall: Recall
  #role: Leader | Follower | 'loading' | 'looking' | 'fencing' = 'loading'
  /** How many `fenced` are to come. Log and tree may still answer a role that has ended. */
  #fencing = 0
  /** This server has lost what it had acknowledged. It votes for nobody, and nobody counts it. */
  #damaged = false
  #lostLeader: ServerId | null = null
  readonly #rest: Rest = new Rest()
  /** Whom we are to lead or follow once the log has answered the fence. */
  #elected: ServerId | null = null

  constructor(options: ZabOptions, clock: Clock, neighbours: ZabNeighbours, gauges: ZabGauges) {
    this.#report = new LeaderReport(gauges)
    this.#options = { ...options, heartbeatMs: beatMsOf(options) }
    this.#clock = clock
    this.#to = neighbours
    this.#early = new EarlyLearners(neighbours.links)
    this.#log = new OwnLog(neighbours.log, clock)
    this.#credit = new EpochCredit(options, clock, neighbours.journal)
    this.#readOnly = new ReadOnly(options.readOnlyAfterMs, clock, neighbours)
    this.#configs = new Configurations(options.membership, options.reconfigEnabled, {
      ...neighbours,
      log: this.#log,
      changed: () => this.#role instanceof Follower && this.#role.reconfigured(),
    })
    this.#recall = new Recall(options.commitLogCount, options.committedBytesMax)
    this.#history = this.#recall.take(ZXID_ZERO)
  }

  get role(): 'loading' | 'looking' | 'fencing' | 'leading' | 'following' {
    return typeof this.#role === 'string' ? this.#role : this.#role.role
  }

  get configs(): Configurations {
    return this.#configs
  }

  get history(): History {
    return this.#history
  }

  epochs(accepted: number, current: number): void {
    assert(accepted >= current && current >= 0, 'epochs that cannot be')
    this.#epochs.accepted = accepted
    this.#epochs.current = current
  }

  damaged(): void {
    this.#damaged = true
  }

  recalled(previous: Zxid, zxid: Zxid, bytes: Uint8Array, start: number, end: number): void {
    this.#recall.recalled(previous, zxid, bytes, start, end)
  }

  configured(bytes: Uint8Array, start: number, end: number): void {
    const { serverId } = this.#options
    const voted = this.#configs.membership.isVoter(serverId)
    this.#configs.held(utf8(bytes, start, end))
    if (this.#configs.enabled || voted === this.#configs.membership.isVoter(serverId)) return
    this.#giveUp('this server has another role now')
  }

  heardOf(bytes: Uint8Array, start: number, end: number): void {
    // Whoever has a leader hears of it there.
    if (typeof this.#role === 'string') this.#configs.heardOf(utf8(bytes, start, end))
  }

  rumour(bytes: Uint8Array, start: number, end: number): void {
    this.#configs.rumoured(utf8(bytes, start, end))
  }

  /** The tree holds everything that the disk holds, up to `zxid`. */
  loaded(zxid: Zxid): void {
    const recalled = this.#recall.take(zxid)
    if (this.#role instanceof Follower) {
      if (this.#damaged && !this.#role.rejoins) this.#giveUp('what the disk held is lost')
      else this.#role.repair.loaded(zxid)
      return
    }
    assert(this.#role === 'loading', 'loaded out of turn')
    if (this.#fencing > 0) return
    this.#configs.loaded()
    this.#history = recalled
    this.#look()
  }

  fenced(): void {
    assert(this.#fencing > 0, 'fenced out of turn')
    if (--this.#fencing > 0) return
    this.#to.inTouch(Number.POSITIVE_INFINITY)
    if (this.#role === 'loading') {
      this.#configs.reset()
      this.#log.reload()
      return
    }
    this.#maybeLook()
    if (!this.#damaged) this.#readOnly.looking()
    this.#maybeBegin()
  }

  elected(leader: ServerId): void {
    if (this.#role !== 'looking') return
    this.#elected = leader
    this.#maybeBegin()
  }

  pulse(server: ServerId, alive: boolean): void {
    if (this.#role instanceof Leader) this.#role.pulse(server, alive)
    else if (this.#role instanceof Follower) this.#role.watch.pulse(server, alive)
  }

  doubted(leader: ServerId): void {
    if (this.#role instanceof Follower) this.#role.watch.doubted(leader)
  }

  propose(zxid: Zxid, bytes: Uint8Array, start: number, end: number): void {
    // A proposal that was under way when leadership ended is dropped.
    if (this.#role instanceof Leader && this.#role.phase === 'broadcast') {
      this.#report.proposed(end - start)
      this.#role.propose(zxid, bytes, start, end)
    }
  }

  forward(dataBytes: number, bytes: Uint8Array, start: number, end: number): void {
    if (this.#role instanceof Follower) this.#role.clients.forward(dataBytes, bytes, start, end)
  }

  revalidate(sessionId: SessionId, timeoutMs: number): void {
    if (this.#role instanceof Follower) this.#role.clients.revalidate(sessionId, timeoutMs)
  }

  touched(bytes: Uint8Array, start: number, end: number): void {
    if (this.#role instanceof Follower) this.#role.clients.touched(bytes, start, end)
  }

  validated(link: Link, sessionId: SessionId, valid: boolean): void {
    if (this.#role instanceof Leader) this.#role.validated(link, sessionId, valid)
  }

  sync(link: Link): void {
    if (this.#role instanceof Leader) this.#role.heartbeats.sync(link)
  }

  query(queryId: number, kind: number): void {
    const leader = this.#role instanceof Leader ? this.#role : null
    answerOperator(queryId, kind, leader, this.#to, this.#clock.nowMs)
  }

  synced(zxid: Zxid): void {
    this.#log.synced(zxid)
    if (typeof this.#role !== 'string') this.#role.synced(zxid)
  }

  epochSaved(which: EpochFile): void {
    if (typeof this.#role !== 'string') this.#role.epochSaved(which)
  }

  truncated(last: Zxid): void {
    if (this.#role instanceof Follower) this.#role.repair.truncated(last)
  }

  installed(): void {
    if (this.#role instanceof Follower) this.#role.repair.installed()
  }

  readBegun(link: Link, from: Zxid, bySnapshot: boolean): void {
    if (this.#role instanceof Leader) this.#role.catchUp.readBegun(link, from, bySnapshot)
    else if (this.#role instanceof Follower) this.#role.applying.readBegun()
  }

  pieceRead(link: Link, last: boolean, bytes: Uint8Array, start: number, end: number): void {
    if (this.#role instanceof Leader) this.#role.catchUp.pieceRead(link, last, bytes, start, end)
  }

  entriesRead(link: Link, bytes: Uint8Array, start: number, end: number): void {
    if (this.#role instanceof Leader) this.#role.catchUp.entriesRead(link, bytes, start, end)
    else if (this.#role instanceof Follower) this.#role.applying.entriesRead(bytes, start, end)
  }

  readFailed(link: Link, why: string): void {
    if (this.#role instanceof Leader) this.#role.catchUp.readFailed(link, why)
    else if (this.#role instanceof Follower) this.#role.applying.readFailed(why)
  }

  linkReady(link: Link): void {
    if (this.#role instanceof Leader) this.#role.catchUp.ready(link)
  }

  linkOpened(link: Link): void {
    if (typeof this.#role === 'string') this.#early.opened(link)
    else this.#role.linkOpened(link)
  }

  progress(link: Link): void {
    if (typeof this.#role !== 'string') this.#role.progress(link)
  }

  linkClosed(link: Link): void {
    if (typeof this.#role === 'string') this.#early.closed(link)
    else this.#role.linkClosed(link)
  }

  packet(link: Link, packet: Packet): void {
    try {
      if (typeof this.#role === 'string') this.#early.packet(link, packet)
      else this.#role.packet(link, packet)
    } catch (error) {
      if (!(error instanceof MalformedError) || typeof this.#role === 'string') throw error
      this.#role.malformed(link, error.message)
    }
  }

  snapshotPiece(link: Link, bytes: Uint8Array, start: number, end: number): void {
    if (this.#role instanceof Follower) this.#role.snapshotPiece(link, bytes, start, end)
  }

  snapshotEnd(link: Link): void {
    if (this.#role instanceof Follower) this.#role.snapshotEnd(link)
  }

  tick(): void {
    if (typeof this.#role !== 'string') this.#role.tick()
    else {
      this.#maybeLook()
      if (this.#clock.nowMs >= this.#early.endMs) this.#early.refuse()
      this.#readOnly.maybeBegin(this.#history.last)
    }
  }

  nextTickMs(): number {
    if (typeof this.#role !== 'string') return this.#role.nextTickMs()
    const restMs = this.#fencing > 0 ? Number.POSITIVE_INFINITY : this.#rest.untilMs
    return Math.min(this.#readOnly.dueMs, this.#early.endMs, restMs)
  }

  whileBlocked(): void {
    if (this.#role instanceof Leader) this.#role.whileBlocked()
  }

  endTurn(): boolean {
    if (this.#role instanceof Leader) this.#role.endTurn()
    if (this.#endsFor !== null) this.#giveUp(this.#endsFor)
    return false
  }

  expectsSoon(): boolean {
    return typeof this.#role !== 'string' && this.#role.expectsSoon()
  }

  describe(): string {
    const role = typeof this.#role === 'string' ? this.#role : this.#role.describe()
    const { accepted, current } = this.#epochs
    return `zab ${role}, epochs ${accepted}/${current}, committed ${formatZxid(this.#history.committed)}`
  }

  #maybeLook(): void {
    const isFenced = this.#role === 'fencing' && this.#fencing === 0
    if (isFenced && !this.#rest.isUnderWay(this.#clock.nowMs)) this.#look()
  }

  #look(): void {
    this.#role = 'looking'
    this.#rest.end()
    if (this.#fencing > 0 || this.#damaged) this.#readOnly.stop()
    else this.#readOnly.looking()
    this.#elected = null
    if (this.#damaged) {
      voteForNobody(this.#to)
      return
    }
    const { membership } = this.#configs
    if (membership.isVoter(this.#options.serverId)) this.#early.begin(this.#clock.nowMs)
    this.#to.election.look(this.#history.last, this.#epochs.current)
  }

  #maybeBegin(): void {
    const leader = this.#elected
    if (this.#role !== 'looking' || this.#fencing > 0 || leader === null) return
    this.#readOnly.end()
    if (leader === this.#options.serverId) this.#lead(new Leader(this.#context()))
    else {
      this.#early.refuse()
      this.#role = new Follower(this.#context(), leader, this.#lostLeader)
      this.#role.start()
    }
  }

  #lead(role: Leader): void {
    this.#role = role
    role.start()
    for (const [link, packet] of this.#early.take()) {
      this.linkOpened(link)
      if (packet !== null) this.packet(link, packet)
    }
  }

  #giveUp(why: string): void {
    const role = this.#role
    this.#endsFor = null
    if (typeof role === 'string') return
    this.#to.journal.log('warn', 'role-ended', { role: role.describe(), why })
    const isRepairing =
      (role instanceof Follower && role.repair.isUnderWay) || !this.#history.isWhole
    const isHung = this.#log.lateMs > this.#options.tickTimeMs
    const isAsked = role instanceof Leader && role.handover.isAsked
    this.#role = (isHung || isAsked) && !isRepairing ? 'fencing' : 'loading'
    this.#lostLeader = role instanceof Follower ? role.leader : null
    role.stop()
    // A version that an epoch was to give and did not.
    this.#configs.cut(this.#history.last)
    this.#history.onDisk = Number.POSITIVE_INFINITY as Zxid
    this.#report.ended()
    this.#credit.led(false)
    this.#to.tree.idle()
    this.#to.inTouch(Number.NEGATIVE_INFINITY)
    this.#fencing = 2 // of the log, and of the tree
    this.#log.fence()
    if (isAsked) this.#rest.begin(this.#clock.nowMs + this.#options.tickTimeMs / 2)
    if (isRepairing || isHung || isAsked) this.#to.election.rest()
    else this.#look()
  }

  #whole(): void {
    this.#damaged = false
    // Replaces a damaged file, whatever it held.
    this.#log.saveEpoch('accepted', this.#epochs.accepted)
    this.#log.whole()
    this.#giveUp('what was lost is back, and this server votes from now on')
    this.#lostLeader = null
  }

  #context(): ZabContext {
    return contextOf(this.#options, this.#to, {
      ...{ configs: this.#configs, clock: this.#clock, history: this.#history },
      ...{ epochs: this.#epochs, credit: this.#credit, log: this.#log, report: this.#report },
      damaged: this.#damaged,
      whole: () => this.#whole(),
      giveUp: (why) => this.#giveUp(why),
      giveUpSoon: (why) => {
        this.#endsFor ??= why
      },
    })
  }
}
