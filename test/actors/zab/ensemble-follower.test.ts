// The learner's half of the handshake, packet by packet, and what it refuses.

import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Follower } from '../../../actors/zab/follower/follower.ts'
import { PacketType } from '../../../protocol/quorum/packet.ts'
import { ZXID_NONE, type Zxid } from '../../../protocol/zxid.ts'
import { int, packet, Recorder, transaction, z } from './ensemble-recorder.ts'

const LOGGED = ['4.5', '4.6', '4.7'].map(z)
const LINK = 71

/** Follower 1 of server 3, with 4.5 to 4.7 logged after 4.4, committed up to 4.6. */
class Bench {
  readonly recorder: Recorder
  readonly follower: Follower

  constructor(serverId: number = 1, keptMax: number = 100) {
    this.recorder = new Recorder(z('4.4'), LOGGED, z('4.6'), keptMax)
    this.follower = new Follower(this.recorder.context(serverId), 3)
    this.follower.start()
    this.follower.linkOpened(LINK)
    const info = serverId === 9 ? 'OBSERVERINFO' : 'FOLLOWERINFO'
    deepStrictEqual(this.taken(), ['dial 3', `${LINK}: ${info} 4.0`])
  }

  taken(): string[] {
    return this.recorder.taken()
  }

  ticksAt(nowMs: number): string[] {
    this.recorder.clock.nowMs = nowMs
    this.follower.tick()
    this.follower.nextTickMs()
    return this.taken()
  }

  hears(type: number, zxid: Zxid, data: Uint8Array | null = null): string[] {
    this.follower.packet(LINK, packet(type, zxid, data))
    return this.taken()
  }

  proposed(zxid: string, type: number = PacketType.proposal): string[] {
    return this.hears(type, z(zxid), transaction(z(zxid)))
  }

  /** Epoch 5 accepted: the synchronization may begin. */
  agreed(): this {
    this.hears(PacketType.leaderInfo, z('5.0'), int(0x10000))
    this.follower.epochSaved('accepted')
    this.taken()
    return this
  }

  saved(which: 'accepted' | 'current'): string[] {
    this.follower.epochSaved(which)
    return this.taken()
  }

  /** Serving at 4.7. */
  following(): this {
    this.agreed()
    this.hears(PacketType.diff, z('4.7'))
    this.hears(PacketType.newLeader, z('5.0'))
    this.saved('current')
    this.hears(PacketType.upToDate, ZXID_NONE)
    return this
  }

  synced(zxid: string): string[] {
    this.follower.synced(z(zxid))
    return this.taken()
  }
}

describe('the follower, from LEADERINFO to the first commit', () => {
  test('DIFF: nothing is acknowledged before the disk says so, nothing applied before UPTODATE', () => {
    const bench = new Bench()
    deepStrictEqual(bench.hears(PacketType.leaderInfo, z('5.0'), int(0x10000)), ['save accepted 5'])
    deepStrictEqual(bench.saved('accepted'), ['71: ACKEPOCH 4.7 4'])
    deepStrictEqual(bench.hears(PacketType.diff, z('4.8')), [])
    deepStrictEqual(bench.proposed('4.8'), ['log 4.8'])
    deepStrictEqual(bench.hears(PacketType.commit, z('4.8')), [])
    deepStrictEqual(bench.hears(PacketType.newLeader, z('5.0')), ['save current 5'])
    deepStrictEqual(bench.synced('4.8'), [])
    deepStrictEqual(bench.saved('current'), ['71: ACK 5.0'])
    deepStrictEqual(bench.hears(PacketType.upToDate, ZXID_NONE), [
      '71: ACK 5.0',
      'apply 4.7',
      'apply 4.8',
      'established 5',
      'follow 5.0',
    ])
    deepStrictEqual(bench.proposed('5.1'), ['log 5.1'])
    deepStrictEqual(bench.proposed('5.2'), ['log 5.2'])
    deepStrictEqual(bench.synced('5.2'), ['71: ACK 5.1', '71: ACK 5.2'])
    deepStrictEqual(bench.hears(PacketType.commit, z('5.1')), ['apply 5.1'])
  })

  test('empty DIFF', () => {
    const bench = new Bench().agreed()
    deepStrictEqual(bench.hears(PacketType.diff, z('4.7')), [])
    deepStrictEqual(bench.hears(PacketType.newLeader, z('5.0')), ['save current 5'])
  })

  test('TRUNC of what is not applied: cut, and proposals wait for it', () => {
    const bench = new Bench().agreed()
    deepStrictEqual(bench.hears(PacketType.trunc, z('4.6')), ['cut 4.6'])
    deepStrictEqual(bench.proposed('5.1'), [])
    deepStrictEqual(bench.hears(PacketType.newLeader, z('5.0')), [])
    bench.follower.repair.truncated(z('4.6'))
    deepStrictEqual(bench.taken(), ['log 5.1', 'save current 5'])
    deepStrictEqual(bench.saved('current'), ['71: ACK 5.0'])
    deepStrictEqual(bench.synced('5.1'), ['71: ACK 5.1'])
  })

  test('TRUNC of what is applied: the tree is read from disk again', () => {
    const bench = new Bench().agreed()
    bench.hears(PacketType.trunc, z('4.5'))
    bench.follower.repair.truncated(z('4.5'))
    deepStrictEqual(bench.taken(), ['reload'])
    deepStrictEqual(bench.hears(PacketType.newLeader, z('5.0')), [])
    bench.follower.repair.loaded(z('4.5'))
    deepStrictEqual(bench.taken(), ['save current 5'])
  })

  test('a TRUNC that the log refuses: the same leader is asked for its tree', () => {
    const bench = new Bench().agreed()
    bench.hears(PacketType.trunc, z('4.5'))
    bench.follower.repair.truncated(z('4.7'))
    deepStrictEqual(bench.taken(), ['71: close', 'dial 3'])
    bench.follower.linkOpened(72)
    bench.follower.packet(72, packet(PacketType.leaderInfo, z('5.0'), int(0x10000)))
    deepStrictEqual(bench.taken(), ['72: FOLLOWERINFO 5.0', '72: ACKEPOCH - -1'])
    bench.follower.packet(72, packet(PacketType.snap, z('4.5')))
    deepStrictEqual(bench.taken(), ['tree begins 4.5'])
    ok(bench.follower.repair.isUnderWay)
  })

  test('SNAP: proposals wait until it is durable, and the epoch after them', () => {
    const bench = new Bench().agreed()
    deepStrictEqual(bench.hears(PacketType.snap, z('5.3')), ['tree begins 5.3'])
    bench.follower.snapshotPiece(LINK, new Uint8Array(8), 0, 8)
    bench.follower.snapshotPiece(LINK + 1, new Uint8Array(9), 0, 9)
    bench.follower.snapshotEnd(LINK)
    deepStrictEqual(bench.taken(), ['tree takes 8', 'tree ends 5.3', 'install 5.3'])
    deepStrictEqual(bench.proposed('5.4'), [])
    deepStrictEqual(bench.hears(PacketType.newLeader, z('5.0')), [])
    bench.follower.repair.installed()
    deepStrictEqual(bench.taken(), ['log 5.4', 'save current 5'])
  })

  test('an observer logs what it is informed of and acknowledges NEWLEADER only', () => {
    const bench = new Bench(9).agreed()
    bench.hears(PacketType.diff, z('4.8'))
    deepStrictEqual(bench.proposed('4.8', PacketType.inform), ['log 4.8'])
    deepStrictEqual(bench.hears(PacketType.newLeader, z('5.0')), ['save current 5'])
    deepStrictEqual(bench.saved('current'), ['71: ACK 5.0'])
    bench.hears(PacketType.upToDate, ZXID_NONE)
    deepStrictEqual(bench.proposed('5.1', PacketType.inform), ['log 5.1', 'apply 5.1'])
    deepStrictEqual(bench.synced('5.1'), [])
  })

  test('a proposal sent twice is taken once; a ping is answered', () => {
    const bench = new Bench().following()
    deepStrictEqual(bench.proposed('5.1'), ['log 5.1'])
    deepStrictEqual(bench.proposed('5.1'), [])
    deepStrictEqual(bench.hears(PacketType.ping, z('5.1')), ['71: PING 5.1'])
  })

  test('what is committed and forgotten before it is synced is acknowledged all the same', () => {
    const bench = new Bench(1, 0).following()
    bench.proposed('5.1')
    bench.proposed('5.2')
    bench.hears(PacketType.commit, z('5.1'))
    bench.hears(PacketType.commit, z('5.2'))
    deepStrictEqual(bench.synced('5.2'), ['71: ACK 5.2'])
  })

  test('an epoch promised before is not promised again', () => {
    const bench = new Bench()
    const lines = bench.hears(PacketType.leaderInfo, z('4.0'), int(0x10000))
    deepStrictEqual(lines, ['71: ACKEPOCH 4.7 -1'])
  })

  test('a leader that does not listen yet is dialled at growing intervals, until initLimit', () => {
    const recorder = new Recorder(z('4.4'), [], z('4.4'))
    const follower = new Follower(recorder.context(1), 3)
    follower.start()
    const dials = [0]
    for (let dial = 1; recorder.clock.nowMs < 1000; dial++) {
      follower.linkClosed(70 + dial)
      recorder.clock.nowMs = follower.nextTickMs()
      follower.tick()
      dials.push(recorder.clock.nowMs)
    }
    deepStrictEqual(dials, [0, 2, 6, 14, 30, 62, 126, 254, 510, 1000])
    ok(recorder.taken().at(-1)!.startsWith('give up'))
  })
})

describe('the follower gives up on', () => {
  const info = (bench: Bench): Bench => bench.agreed()
  const cases: readonly (readonly [name: string, hear: (bench: Bench) => string[]])[] = [
    ['a lower epoch', (b) => b.hears(PacketType.leaderInfo, z('3.0'), int(0x10000))],
    ['LEADERINFO of an older protocol', (b) => b.hears(PacketType.leaderInfo, z('5.0'), int(1))],
    ['LEADERINFO twice', (b) => info(b).hears(PacketType.leaderInfo, z('6.0'), int(0x10000))],
    ['DIFF before LEADERINFO', (b) => b.hears(PacketType.diff, z('4.7'))],
    ['a proposal before DIFF', (b) => info(b).proposed('4.8')],
    ['NEWLEADER before DIFF', (b) => info(b).hears(PacketType.newLeader, z('5.0'))],
    ['UPTODATE before NEWLEADER', (b) => info(b).hears(PacketType.upToDate, ZXID_NONE)],
    ['TRUNC to what it has not', (b) => info(b).hears(PacketType.trunc, z('4.9'))],
    ['TRUNC to nowhere', (b) => info(b).hears(PacketType.trunc, ZXID_NONE)],
    ['SNAP at nowhere', (b) => info(b).hears(PacketType.snap, ZXID_NONE)],
    ['DIFF twice', (b) => b.following().hears(PacketType.diff, z('4.7'))],
    ['NEWLEADER twice', (b) => b.following().hears(PacketType.newLeader, z('5.0'))],
    ['a hole (4925)', (b) => b.following().proposed('5.2')],
    ['a proposal of a later epoch', (b) => b.following().proposed('6.1')],
    ['a commit of what was not proposed', (b) => b.following().hears(PacketType.commit, z('5.1'))],
    [
      'a proposal that is another',
      (b) => b.following().hears(PacketType.proposal, z('5.1'), transaction(z('5.2'))),
    ],
    [
      'a proposal without a header',
      (b) => b.following().hears(PacketType.proposal, z('5.1'), new Uint8Array(3)),
    ],
    ['a packet of no known type', (b) => b.following().hears(99, z('5.1'))],
    ['an acknowledgement', (b) => b.following().hears(PacketType.ack, z('5.1'))],
  ]
  for (const [name, hear] of cases) {
    test(name, () => {
      const lines = hear(new Bench())
      ok(lines.length === 1 && lines[0]!.startsWith('give up'), lines.join('; '))
    })
  }

  test('a commit that skips one', () => {
    const bench = new Bench().following()
    bench.proposed('5.1')
    bench.proposed('5.2')
    ok(bench.hears(PacketType.commit, z('5.2'))[0]!.startsWith('give up'))
  })

  test('another NEWLEADER than promised, initLimit', () => {
    const bench = new Bench().agreed()
    bench.hears(PacketType.diff, z('4.7'))
    ok(bench.hears(PacketType.newLeader, z('6.0'))[0]!.startsWith('give up'))
    const late = new Bench().agreed()
    deepStrictEqual(late.ticksAt(1000), ['give up: not synchronized with 3 within initLimit'])
  })

  test('a leader that says nothing, though what has come was read', () => {
    const bench = new Bench().following()
    strictEqual(bench.follower.nextTickMs(), 500)
    deepStrictEqual(bench.ticksAt(500), [])
    strictEqual(bench.follower.nextTickMs(), 505)
    deepStrictEqual(bench.ticksAt(505), ['give up: the leader 3 is silent'])
  })

  test('a silence that was only unread', () => {
    const bench = new Bench().following()
    bench.follower.nextTickMs()
    // 30 ms late is not late enough to be excused by itself.
    deepStrictEqual(bench.ticksAt(530), [])
    bench.hears(PacketType.ping, z('4.7'))
    deepStrictEqual([...bench.ticksAt(535), ...bench.ticksAt(1030)], [])
    deepStrictEqual(bench.ticksAt(1035), ['give up: the leader 3 is silent'])
  })

  test('a silence during which this server was held up itself', () => {
    const bench = new Bench().following()
    bench.follower.nextTickMs()
    deepStrictEqual(bench.ticksAt(3000), [])
    strictEqual(bench.follower.nextTickMs(), 3250)
    deepStrictEqual([...bench.ticksAt(3250)], [])
    strictEqual(bench.ticksAt(3270).length, 1)
  })

  test('nothing that comes on another link', () => {
    const bench = new Bench().following()
    bench.follower.packet(LINK + 1, packet(PacketType.commit, z('9.9')))
    bench.follower.linkClosed(LINK + 1)
    deepStrictEqual(bench.taken(), [])
  })
})
