// What a leader knows of one learner.

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

/** How it is given what we have (catch-up.ts). */
export type Feed = 'new' | 'asked' | 'snapshot' | 'behind' | 'live'

/** A learner whose clients asked for nothing for so long has none that waits. */
const WAITS_MS = 100

export class Learner implements Peer {
  readonly link: Link
  /** Invariant: it never goes back. */
  phase: LearnerPhase = 'connected'
  /** Invariant: known, with the next two, from `informed` on, and the same from then on. Below 0 of one
   * that is not to be counted (follower/rejoin.ts). */
  serverId: ServerId = SERVER_NONE
  observer = false
  acceptedEpoch = 0
  /** Where its history ended. Invariant: known from `agreed` on. */
  lastZxid: Zxid = ZXID_NONE
  /** The newest proposal it has on disk. Invariant: it never goes back, and is nothing that was not
   * proposed (`Leader.#onAck` refuses more). */
  acked: Zxid = ZXID_NONE
  heardMs: number
  /** It was told to commit up to here once it has it on disk. Invariant: never goes back; with its disk
   * there is a quorum that has it. */
  promised: Zxid = ZXID_NONE
  /** Since when it owes the acknowledgement of a proposal; Infinity if it owes none. */
  owesSinceMs: number = Number.POSITIVE_INFINITY
  /** What it understands beyond ZooKeeper's protocol. */
  speaks: Capabilities = ZOOKEEPERS
  /** It has pulses: who is silent is busy, not gone. Invariant: false of one that speaks of none. */
  pulses = false
  /** When a client of its asked for something last: it waits for a commit. */
  askedMs: number = Number.NEGATIVE_INFINITY
  /** NEWLEADER was sent. Invariant: with it, and before, everything that was logged when we were
   * elected. */
  greeted = false
  /** UPTODATE is to be sent when it has all that there is. Invariant: not with `current`. */
  owedUpToDate = false
  /** UPTODATE was sent. Invariant: only to one that is `ready`, when the epoch is established. */
  current = false
  /** How many PINGs it has answered. Invariant: no more than it was sent since UPTODATE. */
  answers = 0
  /** Invariant: who is `live` has been sent all that there is, or gets it with the next write. */
  feed: Feed = 'new'
  /** While it is behind: the newest it was sent, and the newest commit of which it was told. Invariant:
   * told <= sent, and what it holds up to `sent` is ours without a hole. */
  sent: Zxid = ZXID_NONE
  told: Zxid = ZXID_NONE
  /** What is under way with the disk for it: asked where to begin, may be asked for a piece, one is
   * due. */
  reading: 'none' | 'asked' | 'open' | 'due' = 'none'
  /** Since when, if it is asked for or due. */
  owedSinceMs = 0
  /** What is read are transactions from `sent` on. Invariant: only while something is read. */
  readsEntries = false

  constructor(link: Link, nowMs: number) {
    this.link = link
    this.heardMs = nowMs
  }

  introduced(serverId: ServerId, observer: boolean, epoch: number, heartbeatMs: number): void {
    this.serverId = serverId
    this.observer = observer
    this.speaks = capabilitiesOf(heartbeatMs)
    this.acceptedEpoch = epoch
    this.phase = 'informed'
  }

  /** UPTODATE is sent; what it has not acknowledged, it owes from now on. */
  becomeCurrent(history: History, nowMs: number): void {
    this.current = true
    const { last, committed } = history
    const owes = !this.observer && this.acked < last && last > committed
    this.owesSinceMs = owes ? nowMs : Number.POSITIVE_INFINITY
  }

  /** For how long it has owed an acknowledgement; 0 when it does not. */
  owesMs(nowMs: number): number {
    return Math.max(0, nowMs - this.owesSinceMs)
  }

  /** Its silence until now was none of its fault, or no silence. */
  excuse(nowMs: number): void {
    this.heardMs = nowMs
    if (this.owesSinceMs < nowMs) this.owesSinceMs = nowMs
  }

  /** We were held up ourselves for so long. Not more than that: where every tick is late, who is gone
   * must be noticed all the same. */
  excuseFor(ms: number, nowMs: number): void {
    this.heardMs = Math.min(nowMs, this.heardMs + ms)
    if (this.owesSinceMs < nowMs) this.owesSinceMs = Math.min(nowMs, this.owesSinceMs + ms)
  }

  /** A proposal was sent. */
  owes(nowMs: number): void {
    if (this.owesSinceMs === Number.POSITIVE_INFINITY) this.owesSinceMs = nowMs
  }

  /** Whether a client of its may be waiting for a commit. */
  waits(nowMs: number): boolean {
    return nowMs - this.askedMs < WAITS_MS
  }

  /** Whether it may acknowledge proposals. */
  get follows(): boolean {
    return this.phase === 'synchronizing' || this.phase === 'ready'
  }

  /** Whether PINGs may go to it. One of ZooKeeper's takes the first packet for its synchronization's;
   * one of ours that waits for our disk is told that we are there. */
  get takesPings(): boolean {
    return (
      this.feed === 'behind' ||
      this.feed === 'live' ||
      (this.feed === 'asked' && this.speaks.beatMs > 0)
    )
  }

  /** Whether it waits for our disk, and not for too long. Then it cannot be silent. */
  isOwed(nowMs: number, limitMs: number): boolean {
    const isOwed = this.reading === 'asked' || this.reading === 'due'
    return isOwed && nowMs - this.owedSinceMs <= limitMs
  }
}
