// What a leader does not believe of whoever introduces itself as a learner. Nobody proves on port
// 2888 who he is, so a liar can cost an election, as with ZooKeeper; it must not cost every one that
// would follow (`epoch-credit.ts`), nor a learner that is well.

import { PROTOCOL_VERSION } from '../../../protocol/quorum/packet.ts'
import { EPOCH, isWithin } from '../../../protocol/quorum/ranges.ts'
import type { ServerId } from '../../../protocol/quorum/server-id.ts'
import type { Zxid } from '../../../protocol/zxid.ts'
import type { ZabContext } from '../context.ts'
import type { Learner } from './learner.ts'

export interface Introduction {
  readonly serverId: ServerId
  readonly protocolVersion: number
  /** That it has accepted. */
  readonly epoch: number
}

/** Why this one is sent away; null when it may be what it says. `doubles` are linked with the same
 * id. */
export function doubtOf(
  { clock, epochs, credit, membership, times, serverId: own }: ZabContext,
  doubles: Iterable<Learner>,
  { serverId, protocolVersion, epoch }: Introduction,
): string | null {
  if (protocolVersion < PROTOCOL_VERSION || !isWithin(EPOCH, epoch)) {
    return `server ${serverId} says protocol ${protocolVersion}, epoch ${epoch}`
  }
  if (serverId === own) return 'a learner with our own id'
  for (const { current, heardMs, speaks } of doubles) {
    const beatMs = speaks.beatMs > 0 ? times.silenceMs : times.tickTimeMs
    // If it has lost its link, it comes again when we have seen that, too.
    if (current && clock.nowMs - heardMs <= beatMs) return `server ${serverId} is linked, and alive`
  }
  // Who is no member is not heeded.
  if (membership.isMember(serverId) && !credit.believes(epoch, epochs.accepted)) {
    return `server ${serverId} says that it has accepted epoch ${epoch}, which is not believed yet`
  }
  return null
}

/** Whether a voter that says this of itself has a history that we may lack: a later epoch was current
 * for it, or it has more of ours. Then we are not the one to lead it. */
export function isAhead(
  { epochs, history }: Pick<ZabContext, 'epochs' | 'history'>,
  currentEpoch: number,
  lastZxid: Zxid,
): boolean {
  if (currentEpoch !== epochs.current) return currentEpoch > epochs.current
  return lastZxid > history.last
}
