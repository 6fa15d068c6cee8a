// The leader's PINGs: who is still there, which syncs are confirmed, whose sessions were heard.
//
// Every learner gets a PING each half tick, as with ZooKeeper. Learners of ours get another each
// `heartbeatMs`, so that a leader that hangs is noticed in a fraction of a second. A sync sends one
// at once. PINGs to learners of ours say how recently a quorum stood behind us (follower/touch.ts).
// They are told at once when the epoch begins, and when a quorum has answered a PING that everyone
// got.

import { LINK_SELF } from '../../../protocol/messages/zab.ts'
import { PacketType } from '../../../protocol/quorum/packet.ts'
import { standingBytes } from '../../../protocol/quorum/standing.ts'
import { ZXID_ZERO, type Zxid } from '../../../protocol/zxid.ts'
import type { ZabContext } from '../context.ts'
import { ALL_TOUCHED } from '../follower/own-clients.ts'
import type { Link } from '../neighbours.ts'
import type { Handover } from './handover.ts'
import type { Learner } from './learner.ts'
import { type Sync, SyncRounds } from './sync-rounds.ts'

/** A learner of ours that is silent this long and has no pulses is not merely busy. */
const OURS_MS_MIN = 2000
/** A tick this late means that we were held up, and have not read yet what was said meanwhile. */
const LATE_MS = 50

/** What a learner tells without being asked may be of any age. */
const UNASKED_MS = 0x7fff_ffff

export interface HeartbeatsLeader {
  readonly handover: Pick<Handover, 'isUnderWay'>
  drop(learner: Learner, why: string): void
}

export class Heartbeats {
  readonly #context: ZabContext
  readonly #learners: ReadonlyMap<Link, Learner>
  readonly #leader: HeartbeatsLeader
  readonly #syncs: SyncRounds
  /** Syncs that are confirmed, and answered as soon as the commit under way is done. */
  readonly #confirmed: Sync[] = []
  #nextPingMs: number
  #nextBeatMs: number
  #halfTick = false
  /** Everyone gets a PING at the end of the turn. */
  #isDue = false
  /** When everyone got a PING that no quorum has answered yet; Infinity if there is none. */
  #askedAllMs: number = Number.POSITIVE_INFINITY

  constructor(context: ZabContext, learners: ReadonlyMap<Link, Learner>, leader: HeartbeatsLeader) {
    this.#context = context
    this.#learners = learners
    this.#leader = leader
    const { clock, times } = context
    this.#syncs = new SyncRounds(context)
    this.#nextPingMs = clock.nowMs + times.tickTimeMs / 2
    this.#nextBeatMs = this.#afterBeatMs(clock.nowMs)
  }

  /** While blocked we do not read from learners, so their silence says nothing. */
  whileBlocked(): void {
    const { nowMs } = this.#context.clock
    this.#excuse(nowMs)
    if (nowMs < this.#nextBeatMs) return
    this.#nextBeatMs = this.#afterBeatMs(nowMs)
    this.#ping(takesBeats)
  }

  /** The epoch begins. Some time may have passed since a quorum acknowledged NEWLEADER, so ask it
   * once more whether it stands behind us. */
  established(): void {
    this.#context.inTouch(Number.NEGATIVE_INFINITY)
    this.#isDue = true
  }

  /** A learner has been sent UPTODATE. Its clients wait until it knows how a quorum stands. */
  joined(): void {
    this.#isDue = true
  }

  get pendingSyncs(): number {
    return this.#syncs.count
  }

  nextTickMs(): number {
    return Math.min(this.#nextPingMs, this.#nextBeatMs)
  }

  /** By how much a tick that comes now is late; 0 if by next to nothing. */
  get lateMs(): number {
    const lateMs = this.#context.clock.nowMs - this.nextTickMs()
    return lateMs > LATE_MS ? lateMs : 0
  }

  /** True at each whole tick of ZooKeeper's. */
  tick(): boolean {
    const { clock, times } = this.#context
    const nowMs = clock.nowMs
    const { lateMs } = this
    if (lateMs > 0) for (const learner of this.#learners.values()) learner.excuseFor(lateMs, nowMs)
    const pingDue = nowMs >= this.#nextPingMs
    if (nowMs >= this.#nextBeatMs) {
      this.#nextBeatMs = this.#afterBeatMs(nowMs)
      if (!pingDue) this.#ping(takesBeats)
    }
    if (!pingDue) return false
    this.#nextPingMs = nowMs + times.tickTimeMs / 2
    this.#dropSilent(nowMs)
    this.#askAll()
    this.#halfTick = !this.#halfTick
    return this.#halfTick
  }

  /** `synchronized`, or SYNC to the learner, once it is certain that nobody else leads. */
  sync(link: Link): void {
    // What was asked for before it may not have been proposed any more.
    if (this.#leader.handover.isUnderWay) return
    this.#syncs.ask(link, this.#context.history.last)
  }

  /** The syncs of a turn share a PING. */
  endTurn(): void {
    if (this.#isDue) this.#askAll()
    else if (this.#syncs.wanted) this.#ping(() => true)
    else return
    this.answerSyncs()
  }

  /** The answer to a PING: long sessionId, int timeoutMs, of each session heard. A learner of
   * ZooKeeper's always lists all. A learner that has not been sent UPTODATE has no clients, and
   * nobody is told when its link ends, so its word would count for ever. */
  answered(learner: Learner, touches: Uint8Array | null): void {
    // Before UPTODATE its answer means only that it is at work (follower/at-work.ts).
    if (!learner.current) return
    learner.answers++
    const sentMs = this.#syncs.answered(learner.link, learner.serverId)
    this.#touched(learner, sentMs, touches)
    const confirmedMs = this.#stampTouch()
    if (confirmedMs !== null && confirmedMs >= this.#askedAllMs) {
      this.#askedAllMs = Number.POSITIVE_INFINITY
      this.#ping(takesBeats)
    }
    this.answerSyncs()
  }

  /** An answer may have been under way for long. What the learner heard after the PING left comes
   * with later answers. */
  #touched({ link, speaks }: Learner, sentMs: number | null, touches: Uint8Array | null): void {
    const { clock, sessions } = this.#context
    const ageMs = sentMs === null ? UNASKED_MS : Math.ceil(clock.nowMs - sentMs)
    const tell = (bytes: Uint8Array): void => sessions.touched(link, ageMs, bytes, 0, bytes.length)
    if (touches !== null && touches.length > 0) tell(touches)
    if (!speaks.completeTouches) tell(ALL_TOUCHED)
  }

  closed(learner: Learner): void {
    this.#syncs.closed(learner.link, learner.serverId)
    if (learner.current) this.#context.sessions.learnerLost(learner.link)
  }

  /** The role ends. What learners told us last may reach the session manager after it has heard
   * that we lead again. So the end of each learner is told, behind that. */
  ended(): void {
    for (const learner of this.#learners.values()) this.closed(learner)
  }

  /** The commit of `zxid` is about to leave. ZooKeeper's learner assumes that its clients' writes
   * and syncs are answered in the order in which they were asked, and never answers a write whose
   * commit overtakes a sync (CommitProcessor). So SYNC goes to it first. Learners of ours get it
   * after the commits. */
  beforeCommit(zxid: Zxid): void {
    if (this.#syncs.count === 0) return
    for (const sync of this.#syncs.takeBefore(zxid)) {
      const learner = this.#learners.get(sync.link)
      if (learner?.speaks.lateSyncs === false) this.#answerSync(sync)
      else this.#confirmed.push(sync)
    }
  }

  /** Call it whenever something was committed. */
  answerSyncs(): void {
    for (const sync of this.#confirmed.splice(0)) this.#answerSync(sync)
    if (this.#syncs.count === 0) return
    const { history } = this.#context
    for (const sync of this.#syncs.take(history.committed)) this.#answerSync(sync)
  }

  #answerSync({ link, upTo }: Sync): void {
    const { tree, links } = this.#context
    const learner = this.#learners.get(link)
    if (link === LINK_SELF) tree.synchronized()
    // SYNC must not overtake a commit that the client may have to see before it.
    else if (learner?.lacksCommits(upTo)) learner.syncsOwed.push(upTo)
    else if (learner !== undefined) links.send(link, PacketType.sync, ZXID_ZERO, null)
  }

  /** When the next heartbeat is due. If `heartbeatMs` is 0 there are none: we speak as ZooKeeper
   * does. */
  #afterBeatMs(nowMs: number): number {
    const { heartbeatMs } = this.#context.times
    return heartbeatMs === 0 ? Number.POSITIVE_INFINITY : nowMs + heartbeatMs
  }

  #askAll(): void {
    this.#isDue = false
    this.#askedAllMs = this.#context.clock.nowMs
    this.#ping(() => true)
  }

  /** Only learners that have been sent UPTODATE answer. */
  #ping(wanted: (learner: Learner) => boolean): void {
    const { clock, history, links } = this.#context
    const { confirmedMs } = this.#syncs
    const ageMs = confirmedMs === null ? null : clock.nowMs - confirmedMs
    const plain: Link[] = []
    const answering: Link[] = []
    for (const learner of this.#learners.values()) {
      if (!learner.takesPings || !wanted(learner)) continue
      const { link, answers, current, speaks } = learner
      if (current) answering.push(link)
      if (!speaks.standing) plain.push(link)
      else links.send(link, PacketType.ping, history.last, standingBytes(answers, ageMs))
    }
    this.#syncs.pinged(answering, clock.nowMs)
    links.broadcast(plain, PacketType.ping, history.last, null)
    this.#stampTouch()
  }

  /** When a quorum, going by its answers, stood behind us; null before it has answered. */
  #stampTouch(): number | null {
    const ms = this.#syncs.confirmedMs
    if (ms !== null) this.#context.inTouch(ms)
    return ms
  }

  #excuse(nowMs: number): void {
    for (const learner of this.#learners.values()) learner.excuse(nowMs)
  }

  #dropSilent(nowMs: number): void {
    const { times } = this.#context
    const syncMs = times.syncLimit * times.tickTimeMs
    const initMs = times.initLimit * times.tickTimeMs
    const quickMs = Math.min(syncMs, Math.max(OURS_MS_MIN, 4 * times.silenceMs))
    for (const learner of [...this.#learners.values()]) {
      const silentMs = nowMs - learner.heardMs
      if (!learner.current) {
        if (silentMs > initMs) this.#leader.drop(learner, 'not synchronized within initLimit')
      } else if (silentMs > (isQuick(learner) ? quickMs : syncMs)) {
        this.#leader.drop(learner, `silent for ${Math.round(silentMs)} ms`)
      } else if (learner.owesMs(nowMs) > syncMs) {
        this.#leader.drop(learner, 'behind by syncLimit')
      }
    }
  }
}

/** Whether it answers a PING at once: a learner of ours for which nothing else waits. */
function isQuick({ speaks, pulses, feed }: Learner): boolean {
  return speaks.beatMs > 0 && !pulses && feed === 'live'
}

function takesBeats({ speaks }: Learner): boolean {
  return speaks.beatMs > 0
}
