// What both roles of zab share: who we are, what we remember, and whom we can tell.

import type { ElectionZabMessages } from '../../protocol/messages/election.ts'
import type { SessionsMessages } from '../../protocol/messages/sessions.ts'
import type { ServerId } from '../../protocol/quorum/server-id.ts'
import type { Clock, Journal } from '../actor.ts'
import type { Membership } from '../membership.ts'
import type { Configurations } from './configurations.ts'
import type { LeaderReport } from './gauges.ts'
import type { History } from './history.ts'
import type { EpochCredit } from './leader/epoch-credit.ts'
import type { ZabLinks, ZabTimes, ZabTree } from './neighbours.ts'
import type { OwnLog } from './own-log.ts'

/** Our durable promises, as last saved. */
export interface Epochs {
  accepted: number
  current: number
}

export interface ZabContext {
  readonly serverId: ServerId
  /** The membership in force. A reconfiguration replaces it. */
  readonly membership: Membership
  readonly configs: Configurations
  readonly times: ZabTimes
  /** A learner that is being fed gets more while less than this waits for its link. */
  readonly roomBytes: number
  readonly clock: Clock
  readonly history: History
  readonly epochs: Epochs
  readonly credit: EpochCredit
  readonly links: ZabLinks
  readonly log: OwnLog
  /** The pulses between our own servers. */
  readonly pulses: Pick<ElectionZabMessages, 'startPulses' | 'stopPulses'>
  readonly tree: ZabTree
  readonly sessions: Pick<SessionsMessages, 'touched' | 'learnerLost'>
  readonly journal: Journal
  readonly report: LeaderReport
  /** At this time a quorum stood behind the server that expires sessions, our leader or ourselves;
   * -Infinity if that is not known yet. */
  inTouch(ms: number): void
  /** This server leads or follows in this epoch, and serves clients. */
  established(epoch: number): void
  /** Whether this server has lost what it had acknowledged, and must not be counted (rejoin.ts). */
  readonly damaged: boolean
  /** It has its history back. */
  whole(): void
  /** Ends the role at the end of the turn, for this reason. */
  giveUpSoon(why: string): void
  /** Ends the role, and looks for a leader again. */
  giveUp(why: string): void
}
