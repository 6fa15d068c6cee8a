// What an election is made with: its settings and its neighbours.

import type { ElectionLinks, ElectionResult } from '../../protocol/messages/election.ts'
import type { ServerId } from '../../protocol/quorum/server-id.ts'
import type { Journal } from '../actor.ts'
import type { Membership } from '../membership.ts'
import type { SilenceTimes } from '../silence.ts'

export interface ElectionOptions extends SilenceTimes {
  readonly serverId: ServerId
  /** The membership at the start. Its text is sent with every vote. */
  readonly membership: Membership
  /** Whether a later configuration that others have is to be told. */
  readonly reconfigEnabled?: boolean
  /** How long to wait for a better vote once a quorum agrees; ZooKeeper's is 200 ms. */
  readonly finalizeWaitMs: number
  /** Votes are repeated after this, then at twice the interval each time, up to the maximum. */
  readonly minNotificationIntervalMs: number
  readonly maxNotificationIntervalMs: number
}

export interface ElectionNeighbours {
  links: ElectionLinks
  zab: ElectionResult
  journal: Journal
}
