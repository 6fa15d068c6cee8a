// What a leader does not believe of a learner that introduces itself. Without quorum SASL nobody on
// port 2888 proves who he is. So a liar can cost one election, as with ZooKeeper; but it must not
// cost every following one (`epoch-credit.ts`), nor the link of a healthy learner.

import { PROTOCOL_VERSION } from '../../../protocol/quorum/packet.ts'
import { EPOCH, isWithin } from '../../../protocol/quorum/ranges.ts'
import type { ServerId } from '../../../protocol/quorum/server-id.ts'
import type { Zxid } from '../../../protocol/zxid.ts'
import type { ZabContext } from '../context.ts'
import type { Learner } from './learner.ts'

export interface Introduction {
  readonly serverId: ServerId
  readonly protocolVersion: number
  /** Of the configuration that is in force there. */
  readonly configVersion: bigint
  /** The epoch that it has accepted. */
  readonly epoch: number
}

/** Why this learner is sent away; null if it may be what it says. `doubles`: learners linked with
 * the same id. */
export function doubtOf(
  { clock, configs, epochs, credit, membership, times, serverId: own }: ZabContext,
  doubles: Iterable<Learner>,
  { serverId, protocolVersion, epoch, configVersion }: Introduction,
): string | null {
  if (protocolVersion < PROTOCOL_VERSION || !isWithin(EPOCH, epoch)) {
    return `server ${serverId} says protocol ${protocolVersion}, epoch ${epoch}`
  }
  if (serverId === own) return 'a learner with our own id'
  for (const { current, heardMs, speaks } of doubles) {
    const beatMs = speaks.beatMs > 0 ? times.silenceMs : times.tickTimeMs
    // If the healthy one has lost its link after all, it will come again once we have noticed.
    if (current && clock.nowMs - heardMs <= beatMs) return `server ${serverId} is linked, and alive`
  }
  if (configs.enabled && configVersion > membership.newest.version) {
    return `server ${serverId} has a later configuration, ${configVersion.toString(16)}`
  }
  // What a server says that is no member has no consequences, and an observer's promise binds nobody;
  // unless they may become voters.
  if (configs.enabled || membership.isVoter(serverId)) {
    if (!credit.believesVoter(serverId, epoch, epochs.accepted)) {
      return `server ${serverId} says that it has accepted epoch ${epoch}, which is not believed yet`
    }
  } else if (membership.isMember(serverId)) credit.believes(epoch, epochs.accepted)
  return null
}

/** Whether a voter that says this of itself may have a history that we lack: a later epoch was
 * current for it, or it has more of ours. Then we must not lead it. */
export function isAhead(
  { epochs, history }: Pick<ZabContext, 'epochs' | 'history'>,
  currentEpoch: number,
  lastZxid: Zxid,
): boolean {
  if (currentEpoch !== epochs.current) return currentEpoch > epochs.current
  return lastZxid > history.last
}
