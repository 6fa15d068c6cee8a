// What a learner makes of LEADERINFO: the epoch that the leader offers, and whether to promise it.

import { readLeaderInfo } from '../../../protocol/quorum/learner-info.ts'
import { type Packet, PROTOCOL_VERSION } from '../../../protocol/quorum/packet.ts'
import { EPOCH, within } from '../../../protocol/quorum/ranges.ts'
import { epochOf, ZXID_ZERO } from '../../../protocol/zxid.ts'
import type { ZabContext } from '../context.ts'

export interface Offer {
  readonly epoch: number
  /** 0: no heartbeats, as from a leader of ZooKeeper's. */
  readonly heartbeatMs: number
  /** Why it is refused; null when it may be promised. */
  readonly wrong: string | null
}

/** Throws MalformedError. */
export function readOffer(
  { credit, epochs, history, membership, serverId }: ZabContext,
  { zxid, data }: Packet,
): Offer {
  const { protocolVersion, heartbeatMs } = readLeaderInfo(data)
  const epoch = within(EPOCH, epochOf(zxid))
  // An observer's promise counts for nobody, so it may follow a leader that came before the one
  // it has promised; but not go back behind the one it has followed.
  const promised = membership.isVoter(serverId) ? epochs.accepted : epochs.current
  // To a new member any epoch is far.
  const isNear = history.last === ZXID_ZERO || credit.follows(epoch, epochs.accepted)
  const isWrong = protocolVersion < PROTOCOL_VERSION || epoch < promised || !isNear
  return {
    epoch,
    heartbeatMs,
    wrong: isWrong ? `epoch ${epoch} offered, ${promised} promised` : null,
  }
}
