// What both roles of zab share: who we are, what we remember, whom we can tell.

import type { ElectionZabMessages } from '../../protocol/messages/election.ts'
import type { SessionsMessages } from '../../protocol/messages/sessions.ts'
import type { ServerId } from '../../protocol/quorum/server-id.ts'
import type { Clock, Journal } from '../actor.ts'
import type { Membership } from '../membership.ts'
import type { History } from './history.ts'
import type { EpochCredit } from './leader/epoch-credit.ts'
import type { ZabLinks, ZabTimes, ZabTree } from './neighbours.ts'
import type { OwnLog } from './own-log.ts'

/** The durable promises, as last saved. */
export interface Epochs {
  accepted: number
  current: number
}

export interface ZabContext {
  readonly serverId: ServerId
  /** Of now: a reconfiguration changes it. */
  readonly membership: Membership
  readonly times: ZabTimes
  /** A learner that is fed is given more when less than this waits for it. */
  readonly roomBytes: number
  readonly clock: Clock
  readonly history: History
  readonly epochs: Epochs
  readonly credit: EpochCredit
  readonly links: ZabLinks
  readonly log: OwnLog
  /** Of servers of ours. */
  readonly pulses: Pick<ElectionZabMessages, 'startPulses' | 'stopPulses'>
  readonly tree: ZabTree
  readonly sessions: Pick<SessionsMessages, 'touched' | 'learnerLost'>
  readonly journal: Journal
  /** At this time a quorum stood behind whoever expires sessions, our leader or ourselves; -Infinity:
   * of that nothing is known yet. */
  inTouch(ms: number): void
  /** This server leads or follows, and serves clients, in this epoch. */
  established(epoch: number): void
  /** This server has lost what it had acknowledged, and is not to be counted (rejoin.ts). */
  readonly damaged: boolean
  /** It has got that back. */
  whole(): void
  /** Ends the role: back to looking for a leader. */
  giveUp(why: string): void
}
