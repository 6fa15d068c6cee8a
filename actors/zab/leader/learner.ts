// What a leader knows of one learner.

import { SERVER_NONE, type ServerId } from '../../../protocol/quorum/server-id.ts'
import { ZXID_NONE, type Zxid } from '../../../protocol/zxid.ts'
import type { Link } from '../context.ts'
import type { History } from '../history.ts'

/**
 *   connected --FOLLOWERINFO--> informed --ACKEPOCH--> agreed --sync sent--> synchronizing
 *     --ACK of NEWLEADER--> ready (gets UPTODATE once the leader is established)
 */
export type LearnerPhase = 'connected' | 'informed' | 'agreed' | 'synchronizing' | 'ready'

/** How it is given what we have (catch-up.ts). */
export type Feed = 'new' | 'asked' | 'snapshot' | 'behind' | 'live'

/** A learner whose clients asked for nothing for so long has none that waits. */
const WAITS_MS = 100

export class Learner {
  readonly link: Link
  phase: LearnerPhase = 'connected'
  serverId: ServerId = SERVER_NONE
  observer = false
  acceptedEpoch = 0
  lastZxid: Zxid = ZXID_NONE
  /** The newest proposal it has on disk. */
  acked: Zxid = ZXID_NONE
  heardMs: number
  /** It was told to commit up to here once it has it on disk. */
  promised: Zxid = ZXID_NONE
  /** Since when it owes the acknowledgement of a proposal; Infinity if it owes none. */
  owesSinceMs: number = Number.POSITIVE_INFINITY
  /** It is one of ours, and wants heartbeats beside ZooKeeper's PINGs. */
  heartbeats = false
  /** It has pulses: who is silent is busy, not gone. */
  pulses = false
  /** When a client of its asked for something last: it waits for a commit. */
  askedMs: number = Number.NEGATIVE_INFINITY
  /** NEWLEADER was sent. */
  greeted = false
  /** UPTODATE is to be sent when it has all that there is. */
  owedUpToDate = false
  /** UPTODATE was sent. */
  current = false
  feed: Feed = 'new'
  /** While it is behind: the newest it was sent, and the newest commit of which it was told. */
  sent: Zxid = ZXID_NONE
  told: Zxid = ZXID_NONE
  /** What is under way with the disk for it: asked where to begin, may be asked for a piece, one is
   * due. */
  reading: 'none' | 'asked' | 'open' | 'due' = 'none'
  /** What is read are transactions from `sent` on. */
  readsEntries = false

  constructor(link: Link, nowMs: number) {
    this.link = link
    this.heardMs = nowMs
  }

  introduced(serverId: ServerId, observer: boolean, epoch: number, heartbeatMs: number): void {
    this.serverId = serverId
    this.observer = observer
    this.heartbeats = heartbeatMs > 0
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

  /** Whether packets may go to it that are no part of its synchronization. */
  get takesPackets(): boolean {
    return this.feed === 'behind' || this.feed === 'live'
  }
}
