// How a learner is brought to the leader's history: DIFF, TRUNC or SNAP, then NEWLEADER
// (LearnerHandler.syncFollower).
//
// Only committed entries are sent as PROPOSAL with COMMIT; what is proposed and not committed
// follows as PROPOSAL alone. Whoever is behind what is held in memory gets the whole tree.

import { PacketType } from '../../protocol/quorum/packet.ts'
import { counterOf, epochOf, type Zxid } from '../../protocol/zxid.ts'
import type { ZabContext } from './context.ts'
import type { Learner } from './learner.ts'

/** `newEpochZxid` is the new epoch's with counter 0. */
export function synchronize(learner: Learner, context: ZabContext, newEpochZxid: Zxid): void {
  const { history, links, tree, config } = context
  const base = baseOf(learner.lastZxid, context)
  if (base === null) {
    tree.sendSnapshot(learner.link)
  } else {
    const isPrefix = base === learner.lastZxid
    const type = isPrefix ? PacketType.diff : PacketType.trunc
    links.send(learner.link, type, isPrefix ? history.committed : base, null)
    sendEntries(learner, base, context)
  }
  links.send(learner.link, PacketType.newLeader, newEpochZxid, config)
}

/** The last zxid that learner and leader share, if everything after it is held; else null. */
function baseOf(lastZxid: Zxid, { history }: ZabContext): Zxid | null {
  // Followers that were told of an epoch without a transaction stand at its zero.
  if (counterOf(lastZxid) === 0 && lastZxid >= history.committed) return history.committed
  if (history.reaches(lastZxid)) return lastZxid
  const floor = history.floor(lastZxid)
  // A cut across epochs is not allowed: the tree goes over whole.
  return floor !== null && epochOf(floor) === epochOf(lastZxid) ? floor : null
}

function sendEntries(learner: Learner, base: Zxid, { history, links }: ZabContext): void {
  for (const { zxid, bytes } of history.after(base)) {
    const committed = zxid <= history.committed
    if (learner.observer) {
      if (committed) links.send(learner.link, PacketType.inform, zxid, bytes)
      continue
    }
    links.send(learner.link, PacketType.proposal, zxid, bytes)
    if (committed) links.send(learner.link, PacketType.commit, zxid, null)
  }
}
