// A leader by itself, with what it says to whom.

import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { Leader } from '../../../actors/zab/leader/leader.ts'
import { learnerInfoBytes } from '../../../protocol/quorum/learner-info.ts'
import { PacketType } from '../../../protocol/quorum/packet.ts'
import type { Zxid } from '../../../protocol/zxid.ts'
import { int, packet, Recorder, transaction, z } from './ensemble-recorder.ts'

export const LOGGED: readonly Zxid[] = ['4.5', '4.6', '4.7', '4.8'].map(z)

/** Leader 3 of epoch 5, with 4.5 to 4.8 logged after 4.4, committed up to 4.6. */
export class Bench {
  readonly recorder: Recorder
  readonly leader: Leader

  /** `keptMax`: committed entries that are held in memory. */
  constructor(
    keptMax: number = 100,
    recorder: Recorder = new Recorder(z('4.4'), LOGGED, z('4.6'), keptMax),
  ) {
    this.recorder = recorder
    this.leader = new Leader(this.recorder.context(3))
    this.leader.start()
    deepStrictEqual(this.taken(), ['listen'])
  }

  /** What the turn has come to. */
  taken(): string[] {
    this.leader.endTurn()
    return this.recorder.taken()
  }

  joins(
    link: number,
    id: number,
    accepted: number,
    type: number = PacketType.followerInfo,
  ): string[] {
    this.leader.linkOpened(link)
    this.leader.packet(link, packet(type, z(`${accepted}.0`), learnerInfoBytes(id, 0n, 0)))
    return this.taken()
  }

  acksEpoch(link: number, last: Zxid, current: number): string[] {
    this.leader.packet(link, packet(PacketType.ackEpoch, last, int(current)))
    return this.taken()
  }

  acks(link: number, zxid: string): string[] {
    this.leader.packet(link, packet(PacketType.ack, z(zxid)))
    return this.taken()
  }

  saved(which: 'accepted' | 'current'): string[] {
    this.leader.epochSaved(which)
    return this.taken()
  }

  /** Established, with server 2 on link 1. */
  established(): this {
    const { epochs } = this.recorder
    this.joins(1, 2, epochs.accepted)
    this.saved('accepted')
    this.acksEpoch(1, z('4.8'), epochs.current)
    this.saved('current')
    this.acks(1, `${epochs.accepted}.0`)
    strictEqual(this.leader.phase, 'broadcast')
    return this
  }

  proposes(zxid: string): string[] {
    const bytes = transaction(z(zxid))
    this.leader.propose(z(zxid), bytes, 0, bytes.length)
    return this.taken()
  }
}
