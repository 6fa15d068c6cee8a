// What zab of an ensemble's member is made with: its settings and its neighbours.

import type { ElectionZabMessages } from '../../protocol/messages/election.ts'
import type { ServerId } from '../../protocol/quorum/server-id.ts'
import type { Journal } from '../actor.ts'
import type { Membership } from '../membership.ts'
import type { ZabContext } from './context.ts'
import type { ZabLinks, ZabLog, ZabTimes, ZabTree } from './neighbours.ts'

export interface ZabOptions extends ZabTimes {
  readonly serverId: ServerId
  /** The membership at the start. */
  readonly membership: Membership
  /** Whether the membership may change while the server runs. */
  readonly reconfigEnabled: boolean
  /** After how many ms without a leader reads are served all the same; Infinity: never. */
  readonly readOnlyAfterMs: number
  /** How many committed transactions are kept for learners that were away (commitLogCount). */
  readonly commitLogCount: number
  readonly committedBytesMax: number
  /** How much may wait for a learner that is behind before it is given more. */
  readonly roomBytes: number
}

export interface ZabNeighbours {
  links: ZabLinks
  log: ZabLog
  tree: ZabTree
  election: ElectionZabMessages
  sessions: ZabContext['sessions']
  journal: Journal
  /** Infinity while there is nobody to be in touch with. -Infinity from the end of a role on, until
   * the tree has let its clients go: it would go on answering them. */
  inTouch(ms: number): void
}

/** How often our leaders give a sign of life, in ms: as configured, but at least ten times a tick.
 * Two signs pass before a learner knows how recently a quorum stood behind its leader, and without
 * that knowledge it does not read from its clients for long (follower/touch.ts). */
export function beatMsOf({ heartbeatMs, tickTimeMs }: ZabTimes): number {
  return Math.min(heartbeatMs, Math.max(1, Math.floor(tickTimeMs / 10)))
}
