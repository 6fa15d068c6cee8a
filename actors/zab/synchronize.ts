// How a learner is brought to the leader's history: DIFF, TRUNC or SNAP, then NEWLEADER
// (LearnerHandler.syncFollower).
//
// Committed entries go as PROPOSAL with COMMIT, and so does all that the leader had logged when it
// was elected: the epoch's initial history, which the quorum of NEWLEADER acks commits; the learner
// applies it at UPTODATE. What is proposed since and not committed follows as PROPOSAL alone, and a
// learner that has more than what is committed is cut back first, so that it acknowledges the rest
// anew. Whoever is behind what is held in memory gets the whole tree.

import { PacketType } from '../../protocol/quorum/packet.ts'
import { counterOf, epochOf, formatZxid, type Zxid } from '../../protocol/zxid.ts'
import type { ZabContext } from './context.ts'
import type { History } from './history.ts'
import type { Learner } from './learner.ts'

/** For the journal. */
export const SYNC_NAMES: Readonly<Record<number, string>> = {
  [PacketType.diff]: 'DIFF',
  [PacketType.trunc]: 'TRUNC',
  [PacketType.snap]: 'SNAP',
}

/** `decided` is the last entry that is committed, or will be before this learner is UPTODATE. */
export function synchronize(
  learner: Learner,
  { history, links, tree, config, journal }: ZabContext,
  decided: Zxid,
  newEpochZxid: Zxid,
): void {
  const { link, lastZxid } = learner
  const base = baseOf(lastZxid, history, decided)
  const by = base === null ? 'SNAP' : base === lastZxid ? 'DIFF' : 'TRUNC'
  const [from, to] = [formatZxid(lastZxid), formatZxid(decided)]
  journal.log('info', 'synchronizes', { server: learner.serverId, by, from, to })
  if (base === null) {
    links.holdForSnapshot(link)
    tree.sendSnapshot(link)
  } else if (base === lastZxid) links.send(link, PacketType.diff, decided, null)
  else links.send(link, PacketType.trunc, base, null)
  for (const { zxid, bytes } of history.after(base ?? history.committed)) {
    if (learner.observer) {
      if (zxid <= decided) links.send(link, PacketType.inform, zxid, bytes)
      continue
    }
    links.send(link, PacketType.proposal, zxid, bytes)
    if (zxid <= decided) links.send(link, PacketType.commit, zxid, null)
  }
  links.send(link, PacketType.newLeader, newEpochZxid, config)
}

/** The last decided entry that learner and leader share, if everything after it is held; else
 * null. A learner that stands at an epoch's zero has had a snapshot of an epoch without a
 * transaction: the zxid is in nobody's history, so what its tree holds cannot be told. */
function baseOf(lastZxid: Zxid, history: History, decided: Zxid): Zxid | null {
  if (lastZxid <= decided && history.reaches(lastZxid)) return lastZxid
  if (counterOf(lastZxid) === 0) return null
  const floor = history.floor(lastZxid < decided ? lastZxid : decided)
  // A cut across epochs is not allowed: the tree goes over whole.
  return floor !== null && epochOf(floor) === epochOf(lastZxid) ? floor : null
}
