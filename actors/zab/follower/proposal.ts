// What a learner checks of a proposal before it logs it.

import type { Packet } from '../../../protocol/quorum/packet.ts'
import { epochOf, formatZxid } from '../../../protocol/zxid.ts'
import { type History, zxidIn } from '../history.ts'

/** Why this cannot be a proposal of the leader of this epoch; null if it can. One that was sent twice
 * is none of the leader's mistakes (protocol-spec issue 2). */
export function flawOfProposal(
  history: History,
  { zxid, data }: Packet,
  epoch: number,
): string | null {
  const name = `proposal ${formatZxid(zxid)}`
  if (data === null) return `${name} without a transaction`
  if (zxidIn(data) !== zxid) return `${name} is not what it says`
  if (zxid <= history.last) return null
  if (history.mayAppend(zxid) && epochOf(zxid) <= epoch) return null
  return `${name} does not follow ${formatZxid(history.last)}`
}
