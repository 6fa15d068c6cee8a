// What a leader knows of one learner.

import { PacketType } from '../../../protocol/quorum/packet.ts'
import { SERVER_NONE, type ServerId } from '../../../protocol/quorum/server-id.ts'
import { ZXID_NONE, type Zxid } from '../../../protocol/zxid.ts'
import { type Capabilities, capabilitiesOf, type Peer, ZOOKEEPERS } from '../capabilities.ts'
import type { History } from '../history.ts'
import type { Link } from '../neighbours.ts'

/**
 *   connected --FOLLOWERINFO--> informed --ACKEPOCH--> agreed --sync sent--> synchronizing
 *     --ACK of NEWLEADER--> ready (gets UPTODATE once the leader is established)
 */
export type LearnerPhase = 'connected' | 'informed' | 'agreed' | 'synchronizing' | 'ready'

/** How it is brought up to date (catch-up.ts). */
export type Feed = 'new' | 'asked' | 'snapshot' | 'behind' | 'live'

/** If a learner's clients have asked for nothing for this long, none of them is waiting. */
const WAITS_MS = 100

export class Learner implements Peer {
  readonly link: Link
  /** Invariant: it never goes back. */
  phase: LearnerPhase = 'connected'
  /** Invariant: from `informed` on this field and the next two are known, and do not change. A
   * learner with a negative id is not to be counted (follower/rejoin.ts). */
  serverId: ServerId = SERVER_NONE
  observer = false
  acceptedEpoch = 0
  /** Where its history ended. Invariant: known from `agreed` on. */
  lastZxid: Zxid = ZXID_NONE
  /** The newest proposal that it has on disk. Invariant: it never decreases, and is never later
   * than what was proposed (`Leader.#onAck` refuses more). */
  acked: Zxid = ZXID_NONE
  heardMs: number
  readonly #sinceMs: number
  /** Packets from it, and those of them that were requests; since it connected, or a reset. */
  received = 0
  requests = 0
  /** It was told to commit up to here once it has it on disk. Invariant: it never decreases, and
   * its disk completes a quorum for everything up to here. */
  promised: Zxid = ZXID_NONE
  /** Since when it has owed the acknowledgement of a proposal; Infinity if it owes none. */
  owesSinceMs: number = Number.POSITIVE_INFINITY
  /** What it understands beyond ZooKeeper's protocol. */
  speaks: Capabilities = ZOOKEEPERS
  /** It has pulses: if it is silent, it is busy, not gone. Invariant: false unless it speaks of
   * pulses. */
  pulses = false
  /** When one of its clients last asked for something, and so may be waiting for a commit. */
  askedMs: number = Number.NEGATIVE_INFINITY
  /** NEWLEADER was sent. Invariant: everything that was logged when we were elected was sent before
   * it. */
  greeted = false
  /** UPTODATE is to be sent once it has everything. Invariant: never true together with
   * `current`. */
  owedUpToDate = false
  /** UPTODATE was sent. Invariant: only to a learner that is `ready`, and only once the epoch is
   * established. */
  current = false
  /** How many PINGs it has answered. Invariant: no more than it was sent since UPTODATE. */
  answers = 0
  /** Invariant: a `live` learner has been sent everything, or gets the rest with the next write to
   * its link. */
  feed: Feed = 'new'
  /** While it is behind: the newest entry that it was sent, and the newest commit that it was told
   * of. Invariant: told <= sent, and up to `sent` its history is ours without a hole. */
  sent: Zxid = ZXID_NONE
  told: Zxid = ZXID_NONE
  /** Syncs that are done, but for commits that it has not been told of: for each, up to where. The
   * answer goes behind them (catch-up.ts). Invariant: empty while it is live. Bound: what its clients
   * may have outstanding. */
  readonly syncsOwed: Zxid[] = []
  /** What its reader on the disk is doing: asked where to begin; open, so that a piece may be asked
   * for; a piece is due. */
  reading: 'none' | 'asked' | 'open' | 'due' = 'none'
  /** For the journal: bytes it was sent to catch up, and since when. */
  fedBytes = 0
  fedSinceMs = 0
  /** Since when the disk has owed it an answer, if it does. */
  owedSinceMs = 0
  /** The reader reads transactions, from `sent` on. Invariant: false if nothing is being read. */
  readsEntries = false

  constructor(link: Link, nowMs: number) {
    this.link = link
    this.heardMs = nowMs
    this.#sinceMs = nowMs
  }

  connectedMs(nowMs: number): number {
    return nowMs - this.#sinceMs
  }

  /** A packet has come. */
  hears(type: number, nowMs: number): void {
    this.heardMs = nowMs
    this.received++
    if (type === PacketType.request) this.requests++
  }

  introduced(serverId: ServerId, observer: boolean, epoch: number, heartbeatMs: number): void {
    this.serverId = serverId
    this.observer = observer
    this.speaks = capabilitiesOf(heartbeatMs)
    this.acceptedEpoch = epoch
    this.phase = 'informed'
  }

  /** UPTODATE is sent. What it has not acknowledged it owes from now on. */
  becomeCurrent(history: History, nowMs: number): void {
    this.current = true
    const { last, committed } = history
    const owes = !this.observer && this.acked < last && last > committed
    this.owesSinceMs = owes ? nowMs : Number.POSITIVE_INFINITY
  }

  /** For how long it has owed an acknowledgement; 0 if it owes none. */
  owesMs(nowMs: number): number {
    return Math.max(0, nowMs - this.owesSinceMs)
  }

  /** Its silence until now was not its fault. */
  excuse(nowMs: number): void {
    this.heardMs = nowMs
    if (this.owesSinceMs < nowMs) this.owesSinceMs = nowMs
  }

  /** We were held up for this long. Its silence is excused by no more than that: where every tick
   * is late, a learner that is gone must still be noticed. */
  excuseFor(ms: number, nowMs: number): void {
    this.heardMs = Math.min(nowMs, this.heardMs + ms)
    if (this.owesSinceMs < nowMs) this.owesSinceMs = Math.min(nowMs, this.owesSinceMs + ms)
  }

  /** A proposal was sent. */
  owes(nowMs: number): void {
    if (this.owesSinceMs === Number.POSITIVE_INFINITY) this.owesSinceMs = nowMs
  }

  /** Whether one of its clients may be waiting for a commit. */
  waits(nowMs: number): boolean {
    return nowMs - this.askedMs < WAITS_MS
  }

  /** Whether commits up to here have yet to be told, or something that waits for them. */
  lacksCommits(upTo: Zxid): boolean {
    return this.feed === 'behind' && (this.told < upTo || this.syncsOwed.length > 0)
  }

  /** Whether it is sent nothing more before UPTODATE. Invariant: never true together with `live`. */
  get isHeld(): boolean {
    return this.greeted && !this.current && !this.observer && !this.speaks.ranges
  }

  /** Whether it may acknowledge proposals. */
  get follows(): boolean {
    return this.phase === 'synchronizing' || this.phase === 'ready'
  }

  /** Whether PINGs may be sent to it. Before NEWLEADER, ZooKeeper's learner would take one for part
   * of its synchronization. A learner of ours that waits for our disk gets them, so that it knows
   * we are there. */
  get takesPings(): boolean {
    return (
      this.feed === 'behind' ||
      this.feed === 'live' ||
      (this.feed === 'asked' && this.speaks.beatMs > 0)
    )
  }

  /** Whether it waits for our disk, and not for too long. Then its silence says nothing. */
  isOwed(nowMs: number, limitMs: number): boolean {
    const isOwed = this.reading === 'asked' || this.reading === 'due'
    return isOwed && nowMs - this.owedSinceMs <= limitMs
  }
}
