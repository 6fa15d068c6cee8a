// A session as its manager knows it.

import type { ConnectionSlot } from '../../protocol/messages/network.ts'
import type { Link } from '../../protocol/messages/zab.ts'
import type { SessionId } from '../../protocol/session-id.ts'
import type { Expiring } from './expiry-queue.ts'

export interface Session extends Expiring {
  readonly id: SessionId
  timeoutMs: number
  slot: ConnectionSlot
  /** At a leader: the learner that last reported this session. */
  link: Link
  state: 'pending' | 'open' | 'closing'
}
