// What zab of an ensemble's member is given: its settings, and who is around it.

import type { ElectionZabMessages } from '../../protocol/messages/election.ts'
import type { ServerId } from '../../protocol/quorum/server-id.ts'
import type { Journal } from '../actor.ts'
import type { Membership } from '../membership.ts'
import type { ZabContext } from './context.ts'
import type { ZabLinks, ZabLog, ZabTimes, ZabTree } from './neighbours.ts'

export interface ZabOptions extends ZabTimes {
  readonly serverId: ServerId
  /** As it starts. */
  readonly membership: Membership
  /** Milliseconds without a leader after which reads are served all the same; Infinity: never. */
  readonly readOnlyAfterMs: number
  /** Committed transactions kept for learners that were away (commitLogCount). */
  readonly commitLogCount: number
  readonly committedBytesMax: number
  /** What may wait for a learner that is behind before it is given more. */
  readonly roomBytes: number
}

export interface ZabNeighbours {
  links: ZabLinks
  log: ZabLog
  tree: ZabTree
  election: ElectionZabMessages
  sessions: ZabContext['sessions']
  journal: Journal
  /** Infinity: as long as there is nobody to be in touch with. */
  inTouch(ms: number): void
}

/** How far apart our leader's signs of life are, in ms: as configured, and a tenth of a tick at most. Two
 * of them pass before a learner knows how lately a quorum stood behind its leader, and it does not hear
 * its clients for long without (follower/touch.ts). */
export function beatMsOf({ heartbeatMs, tickTimeMs }: ZabTimes): number {
  return Math.min(heartbeatMs, Math.max(1, Math.floor(tickTimeMs / 10)))
}
