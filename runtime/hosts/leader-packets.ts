// What a learner counts of its leader's packets: proposals and commits, and how old proposals are.

import { intAt } from '../../protocol/bytes/int-at.ts'
import { type Packet, PacketType } from '../../protocol/quorum/packet.ts'
import { TXN_HEADER_BYTES, TXN_TIME_AT } from '../../protocol/txn.ts'
import type { Environment } from './environment.ts'

const TWO_32 = 2 ** 32

/** To be called with each packet. */
export function leaderPackets({ clock, gauges, meters }: Environment): (packet: Packet) => void {
  const proposals = gauges.gauge('proposalsReceived')
  const commits = gauges.gauge('commitsReceived')
  const latency = meters.meter('proposal_latency', clock)
  const revalidations = gauges.gauge('revalidations')
  return ({ type, data }) => {
    if (type === PacketType.commit) commits.add(1)
    // The leader's answers, each to a question of ours; and a leader is asked.
    if (type === PacketType.revalidate) revalidations.add(1)
    if (type !== PacketType.proposal && type !== PacketType.inform) return
    proposals.add(1)
    if (data === null || data.length < TXN_HEADER_BYTES) return
    const made = intAt(data, TXN_TIME_AT) * TWO_32 + (intAt(data, TXN_TIME_AT + 4) >>> 0)
    const ms = clock.wallMs - made
    // The leader's clock may be ahead of ours.
    if (ms >= 0) latency.observe(ms)
  }
}
