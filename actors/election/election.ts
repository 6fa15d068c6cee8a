// Fast Leader Election (FastLeaderElection.lookForLeader): finds the voter with the most recent
// history that a quorum can agree on.
//
//   idle --look--> looking --quorum agrees--> decided (leading or following) --look--> looking ...
//                                                                            --rest--> idle
//
// A looking server votes for the best candidate it has heard of, and tells everyone when it changes
// its mind. Once a quorum votes alike, it waits up to finalizeWaitMs for a better vote, but for none of a
// server that has just lost its pulse, and not at all if every voter that it has a link to votes alike:
// then nobody is left to object (ZooKeeper always waits 200 ms). A decided server answers every server
// that is still looking, so that a late joiner finds the ensemble. The joiner believes a quorum of such
// answers only if the leader itself is among them. Who may be voted for and who casts votes: `standing.ts`.
//
// A round later than ours is adopted, whoever names it, because the others may have adopted it. One that
// nobody can have counted up to is a lie, and lasts only until the end of the election that heard of it.
//
// Guarantees: a vote counts only if it comes from a voter, names a voter, and belongs to this
// server's own round. Zab's discovery phase decides about epochs, and may send everyone looking again.

import { assert } from '../../protocol/assert.ts'
import { JuteWriter } from '../../protocol/bytes/jute-writer.ts'
import type { ElectionMessages } from '../../protocol/messages/election.ts'
import {
  type Notification,
  PeerState,
  VOTE_NONE,
  writeNotification,
} from '../../protocol/quorum/notification.ts'
import { SERVER_NONE, type ServerId } from '../../protocol/quorum/server-id.ts'
import { ZXID_NONE, type Zxid } from '../../protocol/zxid.ts'
import type { Actor, Clock } from '../actor.ts'
import type { Membership } from '../membership.ts'
import { Electorate } from './electorate.ts'
import type { ElectionNeighbours, ElectionOptions } from './options.ts'
import { Others } from './others.ts'
import { Pulses } from './pulses.ts'
import { NO_STANDING, standingOf } from './standing.ts'
import {
  type Alike,
  beats,
  type CastVote,
  NO_VOTE,
  roundAfter,
  STATE_NAMES,
  sameVote,
  tryRead,
  type Vote,
  votersOf,
  votesText,
  voteText,
} from './vote.ts'

/** Votes unanswered for so long may go to a server that has hung up unheard: who was removed is. */
const DOUBT_MS = 1000
const NEVER: number = Number.POSITIVE_INFINITY

export class Election implements Actor, ElectionMessages {
  readonly name = 'election'
  readonly #options: ElectionOptions
  readonly #clock: Clock
  readonly #to: ElectionNeighbours
  readonly #writer = new JuteWriter()
  readonly #electorate: Electorate
  /** Invariant: `looking` from `look` until `#decide`. */
  #state: PeerState | 'idle' = 'idle'
  /** The round of this election (logicalclock). Invariant: it decreases only at `look`, and only
   * from a value that nobody can have counted up to. */
  #round = 0n
  /** How many elections we have taken part in. */
  #count = 0n
  #standing = NO_STANDING
  /** Where our own history ends, and its epoch. */
  #history: readonly [lastZxid: Zxid, currentEpoch: number] = [ZXID_NONE, -1]
  /** Invariant: while we look, no vote in `#received` beats it. */
  #vote: Vote = NO_VOTE
  /** Votes of this round, by voter (recvset). Invariant: if we cast a vote, our own entry is `#vote`;
   * if we do not, we have no entry. */
  readonly #received: Map<ServerId, CastVote> = new Map()
  /** The latest votes of voters that have already decided, of any round (outofelection). */
  readonly #decided: Map<ServerId, CastVote> = new Map()
  /** Whose votes we have answered since we last told all. */
  readonly #answered: Set<ServerId> = new Set()
  readonly #others = new Others()
  /** When to stop waiting for a better vote. Invariant: finite only while we look and a quorum
   * votes as we do. */
  #finalizeAtMs = NEVER
  #notifyAtMs = NEVER
  #notifyMs = 0
  readonly #pulses: Pulses

  constructor(options: ElectionOptions, clock: Clock, neighbours: ElectionNeighbours) {
    assert(options.finalizeWaitMs >= 0 && options.minNotificationIntervalMs > 0, 'election times')
    this.#options = options
    this.#clock = clock
    this.#to = neighbours
    this.#electorate = new Electorate(options.membership, neighbours)
    const areEnough = (others: Set<ServerId>): boolean =>
      this.#membership.isQuorum(others.add(options.serverId))
    this.#pulses = new Pulses(options, clock, neighbours, this.#others.ours, areEnough)
  }

  get round(): bigint {
    return this.#round
  }

  /** What this server votes for, or has decided on. */
  get vote(): Vote {
    return this.#vote
  }

  configured(bytes: Uint8Array, start: number, end: number): void {
    this.#electorate.configured(bytes, start, end)
    this.#changed()
    // Zab does not ask again: an answer to what it asked before might be under way.
    if (this.#options.reconfigEnabled === true && this.#state === PeerState.looking) this.#begin()
  }

  proposed(bytes: Uint8Array, start: number, end: number): void {
    const stood = this.#membership.isVoter(this.#options.serverId)
    this.#electorate.proposed(bytes, start, end)
    this.#changed()
    const stands = this.#membership.isVoter(this.#options.serverId)
    if (stands !== stood && this.#state === PeerState.looking) this.#begin()
  }

  #changed(): void {
    // While we look, the new voters decide. Once we have decided, we may say something else of ourselves.
    this.#maybeDecide()
    const { following, observing } = PeerState
    if (this.#state !== following && this.#state !== observing) return
    const now = standingOf(this.#options, this.#membership, this.#history)
    this.#state = now.follows ? following : observing
  }

  look(lastZxid: Zxid, currentEpoch: number): void {
    assert(lastZxid === ZXID_NONE || currentEpoch >= 0, 'a history without an epoch')
    this.#others.muted(this.#pulses.missed)
    this.#pulses.clear()
    this.#electorate.forget()
    this.#state = PeerState.looking
    this.#history = [lastZxid, currentEpoch]
    this.#begin()
  }

  #begin(): void {
    this.#count++
    this.#round = roundAfter(this.#round) ?? this.#count
    this.#standing = standingOf(this.#options, this.#membership, this.#history)
    this.#vote = this.#standing.own
    this.#received.clear()
    this.#decided.clear()
    this.#notifyMs = this.#options.minNotificationIntervalMs
    this.#countOwn()
    const own = voteText(this.#vote)
    this.#to.journal.log('debug', 'looks', { round: String(this.#round), own })
    this.#broadcast()
    this.#maybeDecide()
  }

  get #membership(): Membership {
    return this.#electorate.membership
  }

  established(peerEpoch: number): void {
    if (this.#state === PeerState.looking || this.#state === 'idle') return
    assert(peerEpoch >= 0, 'established in no epoch')
    this.#vote = { ...this.#vote, peerEpoch: BigInt(peerEpoch) }
  }

  rest(): void {
    this.#pulses.clear()
    this.#state = 'idle'
    this.#finalizeAtMs = NEVER
    this.#notifyAtMs = NEVER
  }

  startPulses(peer: ServerId, intervalMs: number): void {
    this.#pulses.start(peer, intervalMs, peer === this.#vote.leader)
  }

  stopPulses(peer: ServerId): void {
    this.#pulses.stop(peer)
  }

  notified(from: ServerId, bytes: Uint8Array, start: number, end: number): boolean {
    this.#others.heard(from)
    const isTold = this.#pulses.sign(from, bytes, start, end)
    if (isTold !== null) return isTold
    this.#notified(from, tryRead(bytes, start, end))
    return true
  }

  #notified(from: ServerId, notification: Notification | null): void {
    if (notification === null) return
    this.#others.said(from, notification.next !== undefined)
    if (this.#options.reconfigEnabled === true && this.#state === PeerState.looking) {
      this.#electorate.hear(notification)
    }
    if (!this.#membership.isVoter(from)) {
      // An observer, or a server that has yet to learn the configuration. Two servers that look and
      // do not vote must not answer each other: they would never stop.
      const isAsking = notification.state === PeerState.looking
      if (isAsking && (this.#standing.stands || this.#state !== PeerState.looking)) this.#send(from)
    } else if (this.#state === PeerState.looking) {
      this.#onVote(from, notification)
    } else if (notification.state === PeerState.looking) {
      this.#send(from)
    }
  }

  linkUp(peer: ServerId): void {
    this.#others.linkUp(peer)
    if (this.#state === PeerState.looking) this.#send(peer)
  }

  linkDown(peer: ServerId): void {
    this.#others.linkDown(peer)
    this.#maybeDecide()
  }

  tick(): void {
    this.#pulses.tick()
    if (this.#state !== PeerState.looking) return
    const now = this.#clock.nowMs
    if (now >= this.#finalizeAtMs) {
      this.#decide(this.#vote)
    } else if (now >= this.#notifyAtMs) {
      this.#notifyMs = Math.min(this.#notifyMs * 2, this.#options.maxNotificationIntervalMs)
      const isPatient = this.#options.reconfigEnabled !== true || this.#notifyMs < DOUBT_MS
      this.#to.links.dial(!isPatient)
      this.#broadcast()
    }
  }

  nextTickMs(): number {
    return Math.min(this.#finalizeAtMs, this.#notifyAtMs, this.#pulses.nextTickMs())
  }

  endTurn(): boolean {
    return false
  }

  describe(): string {
    const state = STATE_NAMES.get(this.#state)
    return `election ${state} round ${this.#round} for ${voteText(this.#vote)}, linked ${this.#others}`
  }

  #onVote(from: ServerId, notification: Notification): void {
    if (!this.#electorate.mayBeVotedFor(notification.leader)) return
    // Others may still vote for us as we were before we lost our history.
    if (!this.#standing.stands && notification.leader === this.#options.serverId) return
    if (notification.state === PeerState.looking) this.#onLooking(from, notification)
    else if (notification.state !== PeerState.observing) this.#onDecided(from, notification)
  }

  #onLooking(from: ServerId, notification: Notification): void {
    const membership = this.#membership
    if (notification.zxid === VOTE_NONE) return
    const { own, casts } = this.#standing
    const isUndecided = casts && this.#vote.leader === SERVER_NONE
    if (notification.round < this.#round && !isUndecided) {
      // Our vote brings the sender into this round.
      this.#answer(from)
      return
    }
    if (notification.round !== this.#round) {
      this.#round = notification.round
      this.#received.clear()
      this.#adopt(beats(notification, own, membership) ? notification : own)
    } else if (beats(notification, this.#vote, membership)) {
      this.#adopt(notification)
    } else if (beats(this.#vote, notification, membership)) {
      // Our vote may have come before it was looking, and been passed over. ZooKeeper lets it wait
      // for the next repetition, 200 ms later.
      this.#answer(from)
    }
    this.#received.set(from, notification)
    this.#maybeDecide()
  }

  /** Answers a vote with ours. A server that does not count our vote answers it at once, whatever it says.
   * So if the sender may be such a server, we answer once, and otherwise repeat ours a little later. */
  #answer(to: ServerId): void {
    const { isCounted, casts } = this.#standing
    if (isCounted || !this.#answered.has(to)) this.#send(to)
    this.#answered.add(to)
    if (isCounted || !(casts || this.#membership.isVoter(this.#options.serverId))) return
    this.#notifyMs = this.#options.minNotificationIntervalMs
    this.#notifyAtMs = Math.min(this.#notifyAtMs, this.#clock.nowMs + this.#notifyMs)
  }

  /** A vote of a voter that already follows or leads. */
  #onDecided(from: ServerId, notification: Notification): void {
    if (notification.round === this.#round) {
      this.#received.set(from, notification)
      const alike: Alike = (vote) => sameVote(vote, notification)
      if (this.#agree(this.#received, notification, alike)) {
        this.#decide(notification)
        return
      }
    }
    this.#decided.set(from, notification)
    const { leader, peerEpoch } = notification
    // The zxid and round of an old decision differ between members (ZOOKEEPER-1732).
    const alike: Alike = (vote) => vote.leader === leader && vote.peerEpoch === peerEpoch
    if (this.#agree(this.#decided, notification, alike)) {
      this.#round = notification.round
      this.#decide(notification)
    } else {
      // It may complete the quorum for a candidate that nobody has heard. If we waited for the next server
      // that looks, we would pass the candidate on for ever, since followers find out one by one.
      this.#maybeDecide()
    }
  }

  /** Whether a quorum votes alike, and the leader that it names is known to lead. */
  #agree(
    votes: ReadonlyMap<ServerId, CastVote>,
    { leader, round }: CastVote,
    alike: Alike,
  ): boolean {
    if (!this.#membership.isLeadersQuorum(votersOf(votes, alike))) return false
    if (leader === this.#options.serverId) return round === this.#round
    return votes.get(leader)?.state === PeerState.leading
  }

  #adopt({ leader, zxid, peerEpoch }: Vote): void {
    this.#vote = { leader, zxid, peerEpoch }
    this.#finalizeAtMs = NEVER
    if (leader === SERVER_NONE) return
    this.#countOwn()
    this.#broadcast()
  }

  get #castsVote(): boolean {
    return this.#standing.casts && this.#vote.leader !== SERVER_NONE
  }

  #countOwn(): void {
    if (!this.#castsVote) return
    const state = PeerState.looking
    this.#received.set(this.#options.serverId, { ...this.#vote, round: this.#round, state })
  }

  /** Decides at once if nobody can object, soon if a quorum agrees. */
  #maybeDecide(): void {
    if (this.#state !== PeerState.looking) return
    const { finalizeWaitMs } = this.#options
    const supporters = votersOf(this.#received, (vote) => sameVote(vote, this.#vote))
    if (!this.#membership.isQuorum(supporters)) {
      this.#finalizeAtMs = NEVER
      return
    }
    const canObject = (id: ServerId): boolean =>
      this.#electorate.mayBeVotedFor(id) && !supporters.has(id)
    if (!this.#others.talking.some(canObject)) this.#decide(this.#vote)
    else if (this.#finalizeAtMs === NEVER) this.#finalizeAtMs = this.#clock.nowMs + finalizeWaitMs
  }

  #decide({ leader, zxid, peerEpoch }: Vote): void {
    assert(this.#state === PeerState.looking, 'decided without looking')
    this.#vote = { leader, zxid, peerEpoch }
    if (leader === this.#options.serverId) this.#state = PeerState.leading
    else if (this.#standing.follows) this.#state = PeerState.following
    else this.#state = PeerState.observing
    this.#finalizeAtMs = NEVER
    this.#notifyAtMs = NEVER
    const votes = votesText([...this.#received, ...this.#decided])
    this.#to.journal.log('debug', 'elected', { leader, round: String(this.#round), votes })
    this.#to.zab.elected(leader)
  }

  #broadcast(): void {
    this.#notifyAtMs = this.#clock.nowMs + this.#notifyMs
    this.#finalizeAtMs = NEVER
    this.#answered.clear()
    this.#write()
    for (const peer of this.#membership.voters) {
      if (peer !== this.#options.serverId)
        this.#to.links.send(peer, this.#writer.bytes, 0, this.#writer.length)
    }
  }

  #send(to: ServerId): void {
    if (this.#state === 'idle') return
    this.#write()
    this.#to.links.send(to, this.#writer.bytes, 0, this.#writer.length)
  }

  #write(): void {
    assert(this.#state !== 'idle', 'nothing to tell before the first election')
    this.#writer.reset()
    const config = this.#membership.text
    const next = this.#electorate.nextText
    const [state, round] = [this.#state, this.#round]
    // Peers know us by our id, and would count even a vote that is not meant to count.
    const vote = this.#castsVote || state !== PeerState.looking ? this.#vote : NO_VOTE
    writeNotification(this.#writer, { state, ...vote, round, config, next })
  }
}
