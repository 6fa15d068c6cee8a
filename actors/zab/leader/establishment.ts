// What happens at the moment when a leader's epoch is established: a quorum has its history on disk, so
// all of that is committed, the reconfiguration that it may end with included (ZOOKEEPER-1324).

import { formatZxid, zxidOf } from '../../../protocol/zxid.ts'
import type { ZabContext } from '../context.ts'
import type { Handover } from './handover.ts'
import type { Heartbeats } from './heartbeats.ts'

export function establish(
  context: ZabContext,
  epoch: number,
  heartbeats: Heartbeats,
  handover: Handover,
): void {
  const { configs, credit, history, journal, membership, serverId, tree } = context
  const designated = handover.designated(membership.newest)
  for (const { zxid, bytes } of history.commit(history.last)) {
    tree.apply(zxid, bytes, 0, bytes.length)
  }
  journal.log('info', 'leading', { epoch, history: formatZxid(history.last) })
  credit.led(true)
  context.established(epoch)
  heartbeats.established()
  configs.committed(zxidOf(epoch, 0))
  const { bytes } = configs.membership
  if (configs.enabled) tree.config(bytes, 0, bytes.length)
  if (designated !== serverId) handover.begin(designated)
  tree.lead(zxidOf(epoch, 0), false)
}
