// How a learner reads LEADERINFO: which epoch the leader offers, and whether to promise it.

import { readLeaderInfo } from '../../../protocol/quorum/learner-info.ts'
import { type Packet, PROTOCOL_VERSION } from '../../../protocol/quorum/packet.ts'
import { EPOCH, within } from '../../../protocol/quorum/ranges.ts'
import { epochOf, ZXID_ZERO } from '../../../protocol/zxid.ts'
import type { ZabContext } from '../context.ts'

export interface Offer {
  readonly epoch: number
  /** 0 if the leader promises no heartbeats, as ZooKeeper's does not. */
  readonly heartbeatMs: number
  /** Why the epoch is refused; null if it may be promised. */
  readonly wrong: string | null
}

/** `treeEpoch`: the only epoch that will do, because a cut was refused in it; -1 if any will. Throws
 * MalformedError. */
export function readOffer(
  { configs, credit, epochs, history, membership, serverId }: ZabContext,
  { zxid, data }: Packet,
  treeEpoch = -1,
): Offer {
  const { protocolVersion, heartbeatMs } = readLeaderInfo(data)
  const epoch = within(EPOCH, epochOf(zxid))
  // An observer's promise counts for nobody. So it may follow a leader whose epoch is earlier than
  // one it has promised, but not one earlier than the epoch it has followed. One that may become a
  // voter keeps its promises.
  const keeps = configs.enabled || membership.isVoter(serverId)
  const promised = keeps ? epochs.accepted : epochs.current
  // A new member accepts any epoch, however far ahead.
  const isNear = history.last === ZXID_ZERO || credit.follows(epoch, epochs.accepted)
  const isWrong = protocolVersion < PROTOCOL_VERSION || epoch < promised || !isNear
  const isOther = treeEpoch !== -1 && epoch !== treeEpoch
  return {
    epoch,
    heartbeatMs,
    wrong: isWrong || isOther ? `epoch ${epoch} offered, ${promised} promised` : null,
  }
}
