// What a leader knows of one learner.

import type { ServerId } from '../../protocol/quorum/server-id.ts'
import { ZXID_NONE, type Zxid } from '../../protocol/zxid.ts'
import type { Link } from './context.ts'
import type { History } from './history.ts'

/**
 *   connected --FOLLOWERINFO--> informed --ACKEPOCH--> agreed --sync sent--> synchronizing
 *     --ACK of NEWLEADER--> ready (gets UPTODATE once the leader is established)
 */
export type LearnerPhase = 'connected' | 'informed' | 'agreed' | 'synchronizing' | 'ready'

/** A learner whose clients asked for nothing for so long has none that waits. */
const WAITS_MS = 100

export class Learner {
  readonly link: Link
  phase: LearnerPhase = 'connected'
  serverId: ServerId = 0
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
  /** UPTODATE was sent. */
  current = false

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
    if (!this.observer && this.acked < last && last > committed) this.owesSinceMs = nowMs
  }

  /** For how long it has owed an acknowledgement; 0 when it does not. */
  owesMs(nowMs: number): number {
    return Math.max(0, nowMs - this.owesSinceMs)
  }

  /** Whether a client of its may be waiting for a commit. */
  waits(nowMs: number): boolean {
    return nowMs - this.askedMs < WAITS_MS
  }

  /** Whether proposals and commits go to it. */
  get follows(): boolean {
    return this.phase === 'synchronizing' || this.phase === 'ready'
  }
}
