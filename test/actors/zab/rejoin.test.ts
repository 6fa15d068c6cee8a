// A voter that has lost what it had acknowledged: it follows as somebody that nobody counts, takes the
// whole tree, and is a voter again when a transaction of its own has been committed without it.

import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Follower } from '../../../actors/zab/follower/follower.ts'
import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { LINK_SELF } from '../../../protocol/messages/zab.ts'
import { OpCode } from '../../../protocol/op-code.ts'
import { readLearnerInfo } from '../../../protocol/quorum/learner-info.ts'
import { PacketType } from '../../../protocol/quorum/packet.ts'
import { SESSION_NONE } from '../../../protocol/session-id.ts'
import { writeTxnHeader } from '../../../protocol/txn.ts'
import { ZXID_NONE, ZXID_ZERO, type Zxid } from '../../../protocol/zxid.ts'
import { int, packet, Recorder, transaction, z } from './ensemble-recorder.ts'
import { ZabBench } from './zab-bench.ts'

const LINK = 71

class Bench {
  readonly recorder = new Recorder(ZXID_ZERO, [], ZXID_ZERO)
  readonly follower: Follower
  /** What it says of itself. */
  info: Uint8Array | null = null

  constructor() {
    const context = this.recorder.context(1, true)
    const { send } = context.links
    context.links.send = (link, type, zxid, data, authinfo) => {
      if (type === PacketType.observerInfo) this.info = data
      send(link, type, zxid, data, authinfo)
    }
    this.follower = new Follower(context, 3)
    this.follower.start()
    this.follower.linkOpened(LINK)
  }

  hears(type: number, zxid: Zxid, data: Uint8Array | null = null): string[] {
    this.follower.packet(LINK, packet(type, zxid, data))
    return this.recorder.taken()
  }

  /** UPTODATE was heard. */
  installed(): this {
    this.hears(PacketType.leaderInfo, z('5.0'), int(0x10000))
    this.follower.epochSaved('accepted')
    this.hears(PacketType.snap, z('4.7'))
    this.follower.snapshotEnd(LINK)
    this.follower.repair.installed()
    this.hears(PacketType.newLeader, z('5.0'))
    this.follower.epochSaved('current')
    this.recorder.taken()
    return this
  }
}

/** As the leader makes it of a request that fails. */
function failed(zxid: Zxid, cxid: number): Uint8Array {
  const writer = new JuteWriter(40)
  const sessionId = SESSION_NONE
  writeTxnHeader(writer, { sessionId, cxid, zxid, timeMs: 0, type: OpCode.error })
  writer.int(-112)
  return writer.finish()
}

describe('a voter that has lost what it had acknowledged', () => {
  test('introduces itself as an observer with an id that no configuration names', () => {
    const bench = new Bench()
    deepStrictEqual(bench.recorder.taken(), ['dial 3', `${LINK}: OBSERVERINFO 4.0`])
    strictEqual(readLearnerInfo(bench.info!).serverId < 0, true)
  })

  test('stands nowhere, whatever it holds, and takes nothing but the whole tree', () => {
    for (const by of [PacketType.diff, PacketType.trunc]) {
      const bench = new Bench()
      bench.hears(PacketType.leaderInfo, z('5.0'), int(0x10000))
      bench.follower.epochSaved('accepted')
      strictEqual(bench.recorder.taken().at(-1), `${LINK}: ACKEPOCH - -1`)
      strictEqual(bench.hears(by, ZXID_ZERO).at(-1)?.startsWith('give up'), true)
    }
  })

  test('serves nobody at UPTODATE, but has a request that fails committed', () => {
    const bench = new Bench().installed()
    deepStrictEqual(bench.hears(PacketType.upToDate, ZXID_NONE), [
      `${LINK}: ACK 5.0`,
      `${LINK}: REQUEST -`,
    ])
    deepStrictEqual(bench.hears(PacketType.ping, z('5.1')), [`${LINK}: PING 5.1`])
  })

  test('is whole when that is on its disk, with all before it; not by what others commit', () => {
    const bench = new Bench().installed()
    bench.hears(PacketType.upToDate, ZXID_NONE)
    const others = [transaction(z('5.1')), failed(z('5.2'), -3)]
    deepStrictEqual(bench.hears(PacketType.inform, z('5.1'), others[0]), ['log 5.1', 'apply 5.1'])
    bench.hears(PacketType.inform, z('5.2'), others[1])
    bench.follower.synced(z('5.2'))
    deepStrictEqual(bench.recorder.taken(), [])
    bench.hears(PacketType.inform, z('5.3'), failed(z('5.3'), -2))
    deepStrictEqual(bench.recorder.taken(), [])
    bench.follower.synced(z('5.3'))
    deepStrictEqual(bench.recorder.taken(), ['whole again'])
  })

  test('looks elsewhere when its leader falls silent', () => {
    const bench = new Bench().installed()
    bench.hears(PacketType.upToDate, ZXID_NONE)
    bench.recorder.clock.nowMs = bench.follower.nextTickMs()
    bench.follower.tick()
    strictEqual(bench.recorder.taken().at(-1)?.startsWith('give up'), true)
  })
})

describe('a follower that cannot read back what it has just logged', () => {
  test('loads its disk before it looks for a leader: so it finds out what is lost', () => {
    const bench = new ZabBench(100)
    const { zab } = bench
    const link = LINK
    zab.elected(2)
    zab.linkOpened(link)
    zab.packet(link, packet(PacketType.leaderInfo, z('5.0'), int(0x10000)))
    zab.epochSaved('accepted')
    zab.packet(link, packet(PacketType.diff, z('4.4')))
    for (const zxid of ['4.5', '4.6', '4.7', '4.8']) {
      zab.packet(link, packet(PacketType.proposal, z(zxid), transaction(z(zxid))))
      zab.packet(link, packet(PacketType.commit, z(zxid)))
      zab.synced(z(zxid))
    }
    zab.packet(link, packet(PacketType.newLeader, z('5.0')))
    zab.epochSaved('current')
    bench.taken()
    zab.packet(link, packet(PacketType.upToDate, ZXID_NONE))
    deepStrictEqual(bench.taken(), [`${LINK_SELF}: read exact`])
    zab.readFailed(LINK_SELF, 'it is damaged')
    deepStrictEqual(bench.taken(), ['fence', 'rest'])
    zab.fenced()
    zab.fenced()
    deepStrictEqual(bench.taken(), ['reload'])
    zab.damaged()
    zab.loaded(ZXID_ZERO)
    deepStrictEqual(bench.taken(), ['look'])
  })
})
