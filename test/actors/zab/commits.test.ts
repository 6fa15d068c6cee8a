// When a voter of ours is told of a commit: where a client of its waits, as soon as only its own disk
// is missing; and what it makes of that.

import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Follower } from '../../../actors/zab/follower/follower.ts'
import { Leader } from '../../../actors/zab/leader/leader.ts'
import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { OpCode } from '../../../protocol/op-code.ts'
import { learnerInfoBytes } from '../../../protocol/quorum/learner-info.ts'
import { PacketType, WHEN_LOGGED } from '../../../protocol/quorum/packet.ts'
import { ZXID_NONE } from '../../../protocol/zxid.ts'
import { int, packet, Recorder, transaction, z } from './ensemble-recorder.ts'

const REQUEST = new Uint8Array(20)

/** Leader 3 of epoch 5, with voters of ours: 2 on link 1, whose client has asked, and 1 on link 2. */
class LeaderBench {
  readonly recorder: Recorder = new Recorder(z('4.4'), [], z('4.4'))
  readonly leader: Leader = new Leader(this.recorder.context(3))

  constructor() {
    this.leader.start()
    for (const [link, id] of [[1, 2] as const, [2, 1] as const]) {
      this.leader.linkOpened(link)
      this.hears(link, PacketType.followerInfo, '4.0', learnerInfoBytes(id, 0n, 50))
    }
    this.leader.epochSaved('accepted')
    for (const link of [1, 2]) this.hears(link, PacketType.ackEpoch, '4.4', int(4))
    this.leader.epochSaved('current')
    for (const link of [1, 2]) this.hears(link, PacketType.ack, '5.0')
    strictEqual(this.leader.phase, 'broadcast')
    this.hears(1, PacketType.request, '0.0', REQUEST)
  }

  hears(link: number, type: number, zxid: string, data: Uint8Array | null = null): string[] {
    this.leader.packet(link, packet(type, z(zxid), data))
    return this.taken()
  }

  proposes(zxid: string, type: number = OpCode.setData): void {
    const bytes = transaction(z(zxid), type)
    // Among others, as in a ring.
    const shifted = new Uint8Array(bytes.length + 3)
    shifted.set(bytes, 3)
    this.leader.propose(z(zxid), shifted, 3, shifted.length)
    this.taken()
  }

  synced(zxid: string): string[] {
    this.leader.synced(z(zxid))
    return this.taken()
  }

  taken(): string[] {
    this.leader.endTurn()
    return this.recorder.taken()
  }
}

describe('a leader', () => {
  test('tells whose client waits when its own disk has the proposal, and not again', () => {
    const bench = new LeaderBench()
    bench.proposes('5.1')
    deepStrictEqual(bench.synced('5.1'), ['1: COMMIT 5.1 when logged'])
    deepStrictEqual(bench.hears(1, PacketType.ack, '5.1'), ['2: COMMIT 5.1', 'committed 5.1'])
  })

  test('tells it without a condition when others complete the quorum', () => {
    const bench = new LeaderBench()
    bench.proposes('5.1')
    deepStrictEqual(bench.hears(2, PacketType.ack, '5.1'), ['1: COMMIT 5.1 when logged'])
    // Its own disk may be slow.
    const commits = ['2: COMMIT 5.1', '1: COMMIT 5.1', 'committed 5.1']
    deepStrictEqual(bench.synced('5.1'), commits)
  })

  test('tells nobody early of a session that its own tree does not have, nor of what follows', () => {
    const bench = new LeaderBench()
    bench.proposes('5.1')
    bench.proposes('5.2', OpCode.createSession)
    bench.proposes('5.3')
    deepStrictEqual(bench.synced('5.3'), ['1: COMMIT 5.1 when logged'])
    const committed = ['1: COMMIT 5.2', '2: COMMIT 5.2', 'committed 5.2']
    deepStrictEqual(bench.hears(1, PacketType.ack, '5.2'), [
      ...committed,
      '1: COMMIT 5.3 when logged',
    ])
  })

  test('tells nobody early of a session that is the first of its epoch', () => {
    const bench = new LeaderBench()
    bench.proposes('5.1', OpCode.createSession)
    deepStrictEqual(bench.synced('5.1'), [])
    const committed = ['1: COMMIT 5.1', '2: COMMIT 5.1', 'committed 5.1']
    deepStrictEqual(bench.hears(1, PacketType.ack, '5.1'), committed)
  })
})

describe('a follower', () => {
  function following(leaderInfo: Uint8Array): { follower: Follower; recorder: Recorder } {
    const recorder = new Recorder(z('4.4'), [], z('4.4'))
    const follower = new Follower(recorder.context(1), 3)
    follower.start()
    const hears = (type: number, zxid = z('5.0'), data: Uint8Array | null = null): void =>
      follower.packet(71, packet(type, zxid, data))
    follower.linkOpened(71)
    hears(PacketType.leaderInfo, z('5.0'), leaderInfo)
    follower.epochSaved('accepted')
    hears(PacketType.diff, z('4.4'))
    hears(PacketType.newLeader)
    follower.epochSaved('current')
    hears(PacketType.upToDate, ZXID_NONE)
    for (const zxid of ['5.1', '5.2', '5.3']) {
      hears(PacketType.proposal, z(zxid), transaction(z(zxid)))
    }
    recorder.taken()
    return { follower, recorder }
  }

  function ours(): Uint8Array {
    const writer = new JuteWriter(8)
    writer.int(0x10000)
    writer.int(50)
    return writer.finish()
  }

  const told = (zxid: string) => packet(PacketType.commit, z(zxid), WHEN_LOGGED)

  test('commits what it is told to as far as it has it on disk', () => {
    const { follower, recorder } = following(ours())
    follower.packet(71, told('5.2'))
    deepStrictEqual(recorder.taken(), [])
    follower.synced(z('5.1'))
    deepStrictEqual(recorder.taken(), ['71: ACK 5.1', 'apply 5.1'])
    follower.synced(z('5.3'))
    deepStrictEqual(recorder.taken(), ['71: ACK 5.3', 'apply 5.2'])
    follower.packet(71, told('5.3'))
    deepStrictEqual(recorder.taken(), ['apply 5.3'])
  })

  test('commits at once what it is told without a condition', () => {
    const { follower, recorder } = following(ours())
    follower.packet(71, told('5.2'))
    follower.packet(71, packet(PacketType.commit, z('5.2')))
    deepStrictEqual(recorder.taken(), ['apply 5.1', 'apply 5.2'])
  })

  test('refuses a commit of what was never proposed', () => {
    const { follower, recorder } = following(ours())
    follower.packet(71, told('5.4'))
    deepStrictEqual(recorder.taken(), ['give up: commit of 0x500000004, but 0x500000001 is next'])
  })
})
