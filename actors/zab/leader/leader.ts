// The leader's side of Zab 1.0 (Leader, LearnerHandler).
//
//   discovery --quorum of FOLLOWERINFO--> agreement --quorum of ACKEPOCH, epoch saved-->
//   synchronization --quorum of NEWLEADER acks, epoch saved--> broadcast
//
// While our own promises go to the disk, others are asked for theirs: LEADERINFO and NEWLEADER
// promise nothing. But an epoch begins, and its history is committed, only once our own disk has it.
// If we crash before, our next quorum shares a server with that of any epoch that did begin.
//
// Guarantees: the new epoch is later than any that a quorum has accepted. Nobody in the quorum that
// agrees to it is ahead of us (whoever is gets sent away; without a quorum of others we give up).
// Proposals are committed in order, each once a quorum has it on disk; we count after our own fsync.
// What we had logged when elected is the initial history: the quorum of NEWLEADER acks commits it.

import { assert } from '../../../protocol/assert.ts'
import { JuteReader } from '../../../protocol/bytes/jute-reader.ts'
import { leaderInfoBytes, readLearnerInfo } from '../../../protocol/quorum/learner-info.ts'
import { type Packet, PacketType } from '../../../protocol/quorum/packet.ts'
import { CURRENT_EPOCH, within } from '../../../protocol/quorum/ranges.ts'
import { SERVER_NONE, type ServerId } from '../../../protocol/quorum/server-id.ts'
import type { SessionId } from '../../../protocol/session-id.ts'
import {
  COUNTER_MAX,
  counterOf,
  epochOf,
  formatZxid,
  type Zxid,
  zxidOf,
} from '../../../protocol/zxid.ts'
import { capabilitiesOf } from '../capabilities.ts'
import type { ZabContext } from '../context.ts'
import type { EpochFile, Link } from '../neighbours.ts'
import { CatchUp } from './catch-up.ts'
import { sendValidity, takeClientRequest } from './client-requests.ts'
import { Commits } from './commits.ts'
import { establish } from './establishment.ts'
import { FanOut } from './fan-out.ts'
import { Handover } from './handover.ts'
import { Heartbeats } from './heartbeats.ts'
import { doubtOf, isAhead } from './impostor.ts'
import { Learner } from './learner.ts'
import { LearnerTable } from './learner-table.ts'
import { Supporters } from './supporters.ts'
import { Tenure } from './tenure.ts'

/** The tree takes less than this to answer a lone request. */
const ANSWER_MS = 1
/** The phases in which we save our epochs. */
const SAVED_IN = { accepted: 'agreement', current: 'synchronization' } as const

type Phase = 'discovery' | 'agreement' | 'synchronization' | 'broadcast'

export class Leader {
  readonly role = 'leading'
  readonly #context: ZabContext
  readonly learners: LearnerTable = new LearnerTable()
  /** Invariant: it never goes back. In `broadcast` the initial history is committed. */
  #phase: Phase = 'discovery'
  /** Invariant: -1 in discovery, then later than any epoch accepted by a voter in `#informed`. */
  #newEpoch = -1
  /** Voters that have said which epoch they have accepted. */
  readonly #informed: Set<ServerId> = new Set()
  /** Voters that agree to it. Invariant: none is ahead of us; we are in it once our promise is on disk. */
  readonly #agreed: Set<ServerId> = new Set()
  /** Voters that acknowledged NEWLEADER. Invariant: initial history and epoch are on their disks. */
  readonly #established: Set<ServerId> = new Set()
  #ended = false
  readonly #tenure: Tenure
  readonly heartbeats: Heartbeats
  readonly #audience: FanOut
  readonly #commits: Commits
  readonly handover: Handover
  readonly #supporters: Supporters
  readonly catchUp: CatchUp
  /** When a learner's request last went to the tree, if nothing has been proposed since. */
  #askedMs = Number.NEGATIVE_INFINITY

  constructor(context: ZabContext) {
    this.#context = context
    this.#tenure = new Tenure(context, this.learners)
    this.heartbeats = new Heartbeats(context, this.learners, this)
    this.#audience = new FanOut(context, this.learners)
    this.handover = new Handover(context, this.learners)
    this.#supporters = new Supporters(context, this.learners)
    const peers = {
      audience: this.#audience,
      heartbeats: this.heartbeats,
      handover: this.handover,
    }
    this.#commits = new Commits(context, this.learners, peers)
    this.catchUp = new CatchUp(context, this.learners, this)
  }

  get phase(): Phase {
    return this.#phase
  }

  /** The last entry that is committed, or will be before any learner gets UPTODATE. */
  get decided(): Zxid {
    const { history } = this.#context
    return this.#phase === 'broadcast' ? history.committed : history.last
  }

  start(): void {
    this.#context.links.listen(true)
    this.#informed.add(this.#context.serverId)
    this.#maybeNameEpoch()
  }

  stop(): void {
    this.#ended = true
    const { credit, epochs, links } = this.#context
    // Only we had promised it. Take it back, or liars could drive our epoch ahead of all others.
    if (this.#phase === 'agreement') epochs.accepted = credit.before
    links.listen(false)
    this.heartbeats.ended()
    this.learners.close(links)
  }

  linkOpened(link: Link): void {
    this.learners.set(link, new Learner(link, this.#context.clock.nowMs))
  }

  linkClosed(link: Link): void {
    const learner = this.learners.get(link)
    if (learner === undefined) return
    this.#forget(learner)
    const { serverId: server } = learner
    if (server !== SERVER_NONE) this.#context.journal.log('info', 'learner-gone', { server })
  }

  pulse(server: ServerId, alive: boolean): void {
    this.learners.pulse(server, alive)
  }

  progress(link: Link): void {
    const learner = this.learners.get(link)
    if (learner === undefined) return
    learner.excuse(this.#context.clock.nowMs)
    if (learner.phase === 'synchronizing') this.#tenure.extend()
  }

  malformed(link: Link, why: string): void {
    const learner = this.learners.get(link)
    if (learner !== undefined) this.drop(learner, `malformed packet: ${why}`)
  }

  packet(link: Link, packet: Packet): void {
    const learner = this.learners.get(link)
    if (learner === undefined) return
    learner.hears(packet.type, this.#context.clock.nowMs)
    switch (packet.type) {
      case PacketType.followerInfo:
      case PacketType.observerInfo:
        this.#onInfo(learner, packet)
        break
      case PacketType.ackEpoch:
        this.#onAckEpoch(learner, packet)
        break
      case PacketType.ack:
        this.#onAck(learner, packet.zxid)
        break
      case PacketType.ping:
        if (learner.phase === 'synchronizing' && this.#votes(learner)) this.#tenure.extend()
        this.heartbeats.answered(learner, packet.data)
        break
      case PacketType.request:
      case PacketType.revalidate:
        if (!takeClientRequest(this.#context, learner, packet)) {
          this.drop(learner, 'a request out of turn')
        }
        this.#askedMs = this.#context.clock.nowMs
        break
      default:
        this.drop(learner, `packet type ${packet.type}`)
    }
  }

  propose(zxid: Zxid, bytes: Uint8Array, start: number, end: number): void {
    assert(this.#phase === 'broadcast', 'proposal before the epoch is established')
    const { clock, configs, history, log } = this.#context
    // A proposal from an earlier leadership of ours, which ended while the proposal was under way.
    if (epochOf(zxid) !== this.#newEpoch || this.handover.isUnderWay) return
    if (counterOf(zxid) === COUNTER_MAX) {
      this.#context.giveUp('the counter of this epoch is exhausted')
      return
    }
    this.#askedMs = Number.NEGATIVE_INFINITY
    history.append(zxid, bytes, start, end)
    configs.proposed(bytes, start, end)
    this.#commits.proposed(zxid, bytes, start)
    log.append(zxid, bytes, start, end)
    this.#audience.tell(zxid, bytes.subarray(start, end))
    this.learners.owe(clock.nowMs)
  }

  validated(link: Link, sessionId: SessionId, valid: boolean): void {
    if (this.learners.has(link)) sendValidity(this.#context, link, sessionId, valid)
  }

  endTurn(): void {
    if (this.#phase === 'broadcast') {
      this.#commits.endTurn()
      this.#supporters.endTurn()
    }
    this.heartbeats.endTurn()
    this.catchUp.endTurn()
    const { report, links } = this.#context
    report.turn(this.learners, this.heartbeats.pendingSyncs, links)
  }

  synced(zxid: Zxid): void {
    this.#commits.synced(zxid)
  }

  epochSaved(which: EpochFile): void {
    assert(this.#phase === SAVED_IN[which], 'an epoch was saved unasked')
    ;(which === 'accepted' ? this.#agreed : this.#established).add(this.#context.serverId)
    this.#maybeAgree()
    this.#maybeEstablish()
  }

  tick(): void {
    this.#context.log.excuse(this.heartbeats.lateMs)
    this.#tenure.excuseWhoIsOwed()
    const isWhole = this.heartbeats.tick()
    const why = this.handover.over ?? this.#tenure.end(this.#phase, isWhole)
    if (why !== null) this.#context.giveUp(why)
  }

  /** A tree or a log that is slow for a moment must not make us look dead. */
  whileBlocked(): void {
    this.heartbeats.whileBlocked()
    const why = this.#tenure.endBlocked
    if (why !== null) this.#context.giveUp(why)
  }

  nextTickMs(): number {
    return Math.min(this.heartbeats.nextTickMs(), this.#tenure.deadlineMs, this.handover.endMs)
  }

  /** Whether the tree works on a learner's request, or the log on a proposal, and on little else. */
  expectsSoon(): boolean {
    const isAsked = this.#context.clock.nowMs - this.#askedMs < ANSWER_MS
    return this.#phase === 'broadcast' && (isAsked || this.#commits.expectsSync)
  }

  describe(): string {
    return `leading, ${this.#phase} of epoch ${this.#newEpoch}, learners ${this.learners}`
  }

  #onInfo(learner: Learner, packet: Packet): void {
    if (learner.phase !== 'connected' || packet.data === null) {
      this.drop(learner, 'unexpected introduction')
      return
    }
    const info = readLearnerInfo(packet.data)
    const { serverId, heartbeatMs } = info
    const epoch = epochOf(packet.zxid)
    const doubles = [...this.learners.doubles(learner, serverId)]
    const doubt = doubtOf(this.#context, doubles, { ...info, epoch })
    if (doubt !== null) {
      this.drop(learner, doubt)
      return
    }
    for (const other of doubles) this.drop(other, 'replaced')
    learner.introduced(serverId, packet.type === PacketType.observerInfo, epoch, heartbeatMs)
    if (this.#phase === 'discovery') {
      if (!learner.observer) this.#informed.add(serverId)
      this.#maybeNameEpoch()
    } else this.#sendLeaderInfo(learner)
  }

  #maybeNameEpoch(): void {
    const { configs, membership, credit, epochs, log } = this.#context
    if (this.#newEpoch !== -1 || !membership.isQuorum(this.#informed)) return
    const epoch = credit.next(epochs.accepted)
    if (epoch === null) return
    this.#newEpoch = epoch
    this.#phase = 'agreement'
    epochs.accepted = this.#newEpoch
    configs.begin(this.#newEpoch)
    log.saveEpoch('accepted', this.#newEpoch)
    // Learners may be dropped on the way, and one that is ahead ends the role.
    for (const learner of [...this.learners.values()]) {
      if (!this.#ended && learner.phase === 'informed') this.#sendLeaderInfo(learner)
    }
  }

  #sendLeaderInfo(learner: Learner): void {
    // A voter, or whoever may become one, that can no longer follow us needs a later epoch.
    const votes = this.#votes(learner) || this.#context.configs.enabled
    if (learner.acceptedEpoch > this.#newEpoch && votes) {
      this.#context.giveUp(`server ${learner.serverId} has accepted a later epoch`)
      return
    }
    const { links, pulses, times } = this.#context
    learner.speaks = capabilitiesOf(learner.speaks.beatMs > 0 ? times.heartbeatMs : 0)
    if (learner.speaks.pulses) pulses.startPulses(learner.serverId, learner.speaks.beatMs)
    const data = leaderInfoBytes(learner.speaks.beatMs)
    links.send(learner.link, PacketType.leaderInfo, zxidOf(this.#newEpoch, 0), data)
  }

  #onAckEpoch(learner: Learner, packet: Packet): void {
    const asked = learner.phase === 'informed' && this.#phase !== 'discovery'
    if (!asked || packet.data === null) {
      this.drop(learner, 'unexpected ACKEPOCH')
      return
    }
    const currentEpoch = within(CURRENT_EPOCH, new JuteReader(packet.data).int())
    learner.lastZxid = packet.zxid
    learner.phase = 'agreed'
    // -1: it has promised this epoch before: to us, and was counted then, or to somebody else.
    if (currentEpoch !== -1 && this.#votes(learner) && this.#phase === 'agreement') {
      if (isAhead(this.#context, currentEpoch, packet.zxid)) {
        // A liar must not end every election: a quorum without this server has a tick to agree.
        this.#tenure.hurry()
        this.drop(learner, `ahead of us, at ${formatZxid(packet.zxid)}`)
        return
      }
      this.#agreed.add(learner.serverId)
      this.#maybeAgree()
    } else if (this.#phase !== 'agreement') {
      this.catchUp.begin(learner)
    }
  }

  #maybeAgree(): void {
    const { membership, serverId, epochs, log } = this.#context
    const isAgreed = this.#agreed.has(serverId) && membership.isQuorum(this.#agreed)
    if (this.#phase !== 'agreement' || !isAgreed) return
    assert(this.#newEpoch > epochs.current, 'an epoch begins twice')
    this.#phase = 'synchronization'
    this.#tenure.extend()
    epochs.current = this.#newEpoch
    log.saveEpoch('current', this.#newEpoch)
    for (const learner of this.learners.values()) {
      if (learner.phase === 'agreed') this.catchUp.begin(learner)
    }
  }

  #onAck(learner: Learner, zxid: Zxid): void {
    if (counterOf(zxid) === 0) {
      if (epochOf(zxid) === this.#newEpoch) this.#onNewLeaderAck(learner)
      return
    }
    if (!learner.follows || learner.observer || zxid > this.#context.history.last) {
      this.drop(learner, `acknowledgement of ${formatZxid(zxid)}`)
      return
    }
    this.#commits.acknowledged(learner, zxid)
  }

  #onNewLeaderAck(learner: Learner): void {
    // The second one answers UPTODATE, and says nothing new.
    if (learner.phase !== 'synchronizing') return
    learner.phase = 'ready'
    if (!learner.observer) this.#established.add(learner.serverId)
    if (this.#phase !== 'broadcast') {
      this.#maybeEstablish()
      return
    }
    this.catchUp.established(learner)
    this.#commits.joined()
  }

  #maybeEstablish(): void {
    const { membership, serverId } = this.#context
    const isHeld = this.#established.has(serverId) && membership.isQuorum(this.#established)
    if (this.#phase !== 'synchronization' || !isHeld) return
    if (this.#tenure.isOverdue) {
      // We have slept: the servers that acknowledged may be following another leader by now.
      this.#context.giveUp('established too late')
      return
    }
    this.#phase = 'broadcast'
    this.#tenure.established()
    establish(this.#context, this.#newEpoch, this.heartbeats, this.handover)
    for (const learner of this.learners.values()) {
      if (learner.phase === 'ready') this.catchUp.established(learner)
    }
  }

  #votes({ observer, serverId }: Learner): boolean {
    return !observer && this.#context.membership.isVoter(serverId)
  }

  #forget(learner: Learner): void {
    this.learners.delete(learner.link)
    if (learner.speaks.pulses) this.#context.pulses.stopPulses(learner.serverId)
    this.heartbeats.closed(learner)
    this.catchUp.closed(learner)
  }

  drop(learner: Learner, why: string): void {
    this.#forget(learner)
    this.#context.journal.log('warn', 'learner-dropped', { server: learner.serverId, why })
    this.#context.links.close(learner.link)
  }
}
