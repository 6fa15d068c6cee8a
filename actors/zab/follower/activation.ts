// What a learner is told of configurations besides the transactions that make them: with NEWLEADER the
// one that its leader has seen last, and with the commit of a reconfiguration who is to lead from then
// on (Learner, Follower.processPacket).
//
// A learner of ours needs neither to be safe. The transactions say which configuration is next, and
// their commits that it is in force (configurations.ts).

import { JuteReader, MalformedError } from '../../../protocol/bytes/jute-reader.ts'
import { utf8 } from '../../../protocol/bytes/text.ts'
import { type Packet, PacketType } from '../../../protocol/quorum/packet.ts'
import { DESIGNATED_BYTES } from '../../../protocol/quorum/reconfig-txn.ts'
import type { ServerId } from '../../../protocol/quorum/server-id.ts'
import type { Zxid } from '../../../protocol/zxid.ts'
import type { ZabContext } from '../context.ts'

export class Activation {
  readonly #context: ZabContext
  readonly #leader: ServerId
  #offered = ''

  constructor(context: ZabContext, leader: ServerId) {
    this.#context = context
    this.#leader = leader
  }

  /** NEWLEADER has come. A leader of 3.4 sends no configuration. */
  offered({ data }: Packet): void {
    this.#offered = data === null ? '' : utf8(data, 0, data.length)
  }

  /** Everything up to `committed` is applied, and the leader of this epoch is established. What is in
   * force may have come without a transaction, so the tree is told. */
  upToDate(committed: Zxid, epoch: number): void {
    const { configs, tree } = this.#context
    if (!configs.enabled) return
    configs.committed(committed)
    if (this.#offered.length > 1) configs.offered(this.#offered, committed, epoch)
    const { bytes } = configs.membership
    tree.config(bytes, 0, bytes.length)
  }

  /** A reconfiguration is committed. If somebody else is to lead, this leader commits no more. */
  heard({ data }: Packet): void {
    if (data === null || data.length < DESIGNATED_BYTES) {
      throw new MalformedError('a reconfiguration is committed, and nobody named to lead')
    }
    const designated = new JuteReader(data).long()
    if (designated !== BigInt(this.#leader)) {
      this.#context.giveUpSoon(`server ${designated} is to lead`)
    }
  }
}

/** Whether this server votes in no configuration, not even as a member to be. A server that the
 * configuration does not name follows as a voter does, so that it may become one. */
export function observes({ configs, membership, serverId }: ZabContext): boolean {
  return configs.enabled ? membership.isObserver(serverId) : !membership.isVoter(serverId)
}

/** INFORMANDACTIVATE as an INFORM. */
export function withoutLeader(packet: Packet): Packet {
  const { data } = packet
  return {
    ...packet,
    type: PacketType.inform,
    data: data === null ? null : data.subarray(DESIGNATED_BYTES),
  }
}
