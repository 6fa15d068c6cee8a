// The leader's half of the handshake, packet by packet, and whom it refuses.

import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { LINK_SELF } from '../../../protocol/messages/zab.ts'
import { learnerInfoBytes } from '../../../protocol/quorum/learner-info.ts'
import { PacketType } from '../../../protocol/quorum/packet.ts'
import { EPOCH_MAX, ZXID_NONE, type Zxid } from '../../../protocol/zxid.ts'
import { int, packet, z } from './ensemble-recorder.ts'
import { Bench } from './leader-bench.ts'

describe('the leader, from discovery to the first commit', () => {
  test('each step waits for its quorum and for the disk', () => {
    const bench = new Bench()
    deepStrictEqual(bench.joins(1, 2, 4), ['save accepted 5', '1: LEADERINFO 5.0'])
    deepStrictEqual(bench.saved('accepted'), [])
    deepStrictEqual(bench.acksEpoch(1, z('4.8'), 4), [
      'save current 5',
      '1: DIFF 4.8',
      '1: NEWLEADER 5.0',
    ])
    deepStrictEqual(bench.saved('current'), [])
    deepStrictEqual(bench.acks(1, '5.0'), [
      'apply 4.7',
      'apply 4.8',
      'established 5',
      'lead 5.0',
      '1: UPTODATE -',
      '1: PING 4.8',
    ])
    deepStrictEqual(bench.acks(1, '5.0'), [])
    deepStrictEqual(bench.proposes('5.1'), ['log 5.1', '1: PROPOSAL 5.1'])
    deepStrictEqual(bench.acks(1, '5.1'), [])
    bench.leader.synced(z('5.1'))
    deepStrictEqual(bench.taken(), ['1: COMMIT 5.1', 'committed 5.1'])
  })

  test('its own promises count when they are on disk, the learners were asked before', () => {
    const bench = new Bench()
    bench.joins(1, 2, 4)
    deepStrictEqual(bench.acksEpoch(1, z('4.8'), 4), [])
    deepStrictEqual(bench.joins(2, 1, 4), ['2: LEADERINFO 5.0'])
    deepStrictEqual(bench.acksEpoch(2, z('4.8'), 4), [])
    deepStrictEqual(bench.saved('accepted'), [
      'save current 5',
      '1: DIFF 4.8',
      '1: NEWLEADER 5.0',
      '2: DIFF 4.8',
      '2: NEWLEADER 5.0',
    ])
    deepStrictEqual(bench.acks(1, '5.0'), [])
    deepStrictEqual(bench.acks(2, '5.0'), [])
    strictEqual(bench.saved('current').includes('established 5'), true)
  })

  const newLeader = '1: NEWLEADER 5.0'
  const rest = ['1: PROPOSAL 4.7', '1: COMMIT 4.7', '1: PROPOSAL 4.8', '1: COMMIT 4.8']
  const cases: readonly (readonly [name: string, last: Zxid, sent: readonly string[]])[] = [
    ['at our end: empty DIFF', z('4.8'), ['1: DIFF 4.8', newLeader]],
    ['behind, within what is held: DIFF', z('4.6'), ['1: DIFF 4.8', ...rest, newLeader]],
    [
      'at the very beginning of what is held',
      z('4.4'),
      [
        '1: DIFF 4.8',
        '1: PROPOSAL 4.5',
        '1: COMMIT 4.5',
        '1: PROPOSAL 4.6',
        '1: COMMIT 4.6',
        ...rest,
        newLeader,
      ],
    ],
    ['before what is held: the disk may hold it', z('4.3'), ['1: read near 4.3']],
    ['nowhere: a snapshot', ZXID_NONE, ['1: read snapshot 4.8']],
    [
      'at the zero of an epoch without a transaction: a snapshot',
      z('4.0'),
      ['1: read snapshot 4.8'],
    ],
  ]
  for (const [name, last, sent] of cases) {
    test(`a voter ${name}`, () => {
      const bench = new Bench()
      bench.joins(1, 2, 4)
      bench.saved('accepted')
      deepStrictEqual(bench.acksEpoch(1, last, 4), ['save current 5', ...sent])
    })
  }

  test('a voter with more than ours, of an earlier epoch: TRUNC; further back: the disk', () => {
    const bench = new Bench()
    bench.recorder.epochs.current = 4
    bench.joins(1, 2, 4)
    bench.saved('accepted')
    deepStrictEqual(bench.acksEpoch(1, z('4.9'), 3), [
      'save current 5',
      '1: TRUNC 4.8',
      '1: NEWLEADER 5.0',
    ])
    bench.joins(2, 1, 4)
    deepStrictEqual(bench.acksEpoch(2, z('3.9'), 3), ['2: read near 3.9'])
  })

  test('an observer is informed, and never counted', () => {
    const bench = new Bench()
    deepStrictEqual(bench.joins(5, 9, 7, PacketType.observerInfo), [])
    deepStrictEqual(bench.joins(1, 2, 4), [
      'save accepted 8',
      '5: LEADERINFO 8.0',
      '1: LEADERINFO 8.0',
    ])
    bench.saved('accepted')
    deepStrictEqual(bench.acksEpoch(5, z('4.6'), 4), [])
    deepStrictEqual(bench.acksEpoch(1, z('4.8'), 4), [
      'save current 8',
      '5: DIFF 4.8',
      '5: INFORM 4.7',
      '5: INFORM 4.8',
      '5: NEWLEADER 8.0',
      '1: DIFF 4.8',
      '1: NEWLEADER 8.0',
    ])
    bench.saved('current')
    deepStrictEqual(bench.acks(5, '8.0'), [])
    strictEqual(bench.leader.phase, 'synchronization')
  })

  test('a late joiner gets what is proposed, committed or not, exactly once', () => {
    const bench = new Bench().established()
    bench.proposes('5.1')
    bench.proposes('5.2')
    bench.leader.synced(z('5.2'))
    bench.taken()
    deepStrictEqual(bench.acks(1, '5.1'), ['1: COMMIT 5.1', 'committed 5.1'])
    deepStrictEqual(bench.joins(2, 1, 4), ['2: LEADERINFO 5.0'])
    deepStrictEqual(bench.acksEpoch(2, z('4.8'), 4), [
      '2: DIFF 5.1',
      '2: PROPOSAL 5.1',
      '2: COMMIT 5.1',
      '2: PROPOSAL 5.2',
      '2: NEWLEADER 5.0',
    ])
    // ZooKeeper's server would stumble over a COMMIT before UPTODATE.
    deepStrictEqual(bench.proposes('5.3'), ['log 5.3', '1: PROPOSAL 5.3'])
    deepStrictEqual(bench.acks(1, '5.2'), ['1: COMMIT 5.2', 'committed 5.2'])
    deepStrictEqual(bench.acks(2, '5.0'), [
      '2: UPTODATE -',
      '2: COMMIT 5.2',
      '2: PROPOSAL 5.3',
      '1: PING 5.3',
      '2: PING 5.3',
    ])
    deepStrictEqual(bench.proposes('5.4'), ['log 5.4', '1: PROPOSAL 5.4', '2: PROPOSAL 5.4'])
  })

  test('one that has logged what is not committed gets the tree and acknowledges it anew', () => {
    const bench = new Bench().established()
    bench.proposes('5.1')
    bench.joins(2, 1, 5)
    deepStrictEqual(bench.acksEpoch(2, z('5.1'), -1), ['2: read snapshot 4.8'])
    bench.leader.catchUp.readBegun(2, z('4.8'), true)
    bench.leader.catchUp.pieceRead(2, true, new Uint8Array(9), 0, 9)
    deepStrictEqual(bench.taken(), [
      '2: SNAP 4.8',
      '2: read on',
      '2: 9 bytes',
      '2: 14 bytes',
      '2: read no more',
      '2: PROPOSAL 5.1',
      '2: NEWLEADER 5.0',
    ])
  })

  test('an acknowledgement before the one of NEWLEADER does not commit (4685)', () => {
    const bench = new Bench().established()
    bench.leader.linkClosed(1)
    bench.proposes('5.1')
    bench.leader.synced(z('5.1'))
    bench.joins(2, 1, 4)
    bench.acksEpoch(2, z('4.8'), 4)
    deepStrictEqual(bench.acks(2, '5.1'), [])
    deepStrictEqual(bench.acks(2, '5.0'), [
      '2: UPTODATE -',
      '2: COMMIT 5.1',
      'committed 5.1',
      '2: PING 5.1',
    ])
  })
})

describe('a sync of a client of a Java learner', () => {
  test('is answered before the commit of what was proposed after it', () => {
    const bench = new Bench().established()
    bench.proposes('5.1')
    bench.leader.heartbeats.sync(1)
    deepStrictEqual(bench.taken(), ['1: PING 5.1'])
    bench.proposes('5.2')
    bench.leader.synced(z('5.2'))
    const asked = ['1: COMMIT 5.1', '1: SYNC 0.0', '1: COMMIT 5.2', 'committed 5.2']
    deepStrictEqual(bench.acks(1, '5.2'), asked)
    bench.leader.packet(1, packet(PacketType.ping, z('5.1')))
    deepStrictEqual(bench.taken(), [])
  })

  test('and our own one after the commits that it has waited for', () => {
    const bench = new Bench().established()
    bench.proposes('5.1')
    bench.leader.heartbeats.sync(LINK_SELF)
    bench.proposes('5.2')
    bench.leader.synced(z('5.2'))
    const commits = ['1: COMMIT 5.1', '1: COMMIT 5.2']
    deepStrictEqual(bench.acks(1, '5.2'), [...commits, 'committed 5.2', 'synchronized'])
  })
})

describe('the leader refuses', () => {
  test('a voter that has promised a later epoch: a new election is due', () => {
    const bench = new Bench().established()
    const [line] = bench.joins(2, 1, 6)
    strictEqual(line, 'give up: server 1 has accepted a later epoch')
  })

  test('a second link of a learner that is alive, but not of one that is silent', () => {
    const bench = new Bench().established()
    deepStrictEqual(bench.joins(2, 2, 5), ['2: close'])
    bench.leader.linkOpened(3)
    bench.recorder.clock.nowMs = 101
    deepStrictEqual(bench.joins(4, 2, 5)[0], '1: close')
  })

  test('an epoch that no member can have come to, and any epoch of one that is no member', () => {
    const bench = new Bench()
    deepStrictEqual(bench.joins(1, 1, EPOCH_MAX - 1), ['1: close'])
    deepStrictEqual(bench.joins(2, 77, 1000), [])
    deepStrictEqual(bench.joins(3, 2, 4), [
      'save accepted 5',
      '2: LEADERINFO 5.0',
      '3: LEADERINFO 5.0',
    ])
  })

  test('to lead a voter that is ahead', () => {
    for (const [last, current] of [
      ['4.9', 4],
      ['4.1', 5],
    ] as const) {
      const bench = new Bench()
      bench.joins(1, 2, 4)
      bench.saved('accepted')
      deepStrictEqual(bench.acksEpoch(1, z(last), current), ['1: close'])
      strictEqual(bench.leader.nextTickMs(), 50)
      bench.recorder.clock.nowMs = 100
      bench.leader.tick()
      deepStrictEqual(bench.taken(), ['give up: no quorum for agreement in time'])
    }
  })

  test('to give up for one that says it is ahead, when a quorum without it agrees', () => {
    const bench = new Bench()
    bench.joins(1, 2, 4)
    bench.joins(2, 1, 4)
    bench.saved('accepted')
    bench.acksEpoch(1, z('4.9'), 4)
    strictEqual(bench.acksEpoch(2, z('4.8'), 4)[0], 'save current 5')
    bench.recorder.clock.nowMs = 100
    bench.leader.tick()
    deepStrictEqual(bench.taken(), ['2: PING 4.8'])
  })

  test('to count a promise made to somebody else', () => {
    const bench = new Bench()
    bench.joins(1, 2, 4)
    bench.saved('accepted')
    deepStrictEqual(bench.acksEpoch(1, z('4.8'), -1), [])
    strictEqual(bench.leader.phase, 'agreement')
  })

  test('packets out of turn, of no known type, or with nothing in them', () => {
    const cases: readonly (readonly [type: number, data: Uint8Array | null])[] = [
      [PacketType.ackEpoch, int(4)],
      [PacketType.followerInfo, null],
      [PacketType.commit, null],
      [99, null],
    ]
    for (const [type, data] of cases) {
      const bench = new Bench()
      bench.leader.linkOpened(1)
      bench.leader.packet(1, packet(type, z('4.0'), data))
      deepStrictEqual(bench.taken(), ['1: close'], `type ${type}`)
    }
  })

  test('ACKEPOCH before LEADERINFO, an introduction twice, an ack of what was never proposed', () => {
    const early = new Bench()
    early.joins(1, 9, 4, PacketType.observerInfo)
    deepStrictEqual(early.acksEpoch(1, z('4.8'), 4), ['1: close'])
    const twice = new Bench()
    twice.joins(1, 2, 4)
    twice.leader.packet(1, packet(PacketType.followerInfo, z('4.0'), learnerInfoBytes(2, 0n, 0)))
    deepStrictEqual(twice.taken(), ['1: close'])
    deepStrictEqual(new Bench().established().acks(1, '5.9'), ['1: close'])
  })

  test('an epoch at the end of the range, its own id, an old protocol', () => {
    const bench = new Bench()
    deepStrictEqual(bench.joins(1, 2, EPOCH_MAX), ['1: close'])
    deepStrictEqual(bench.joins(2, 3, 4), ['2: close'])
    const writer = new JuteWriter(20)
    writer.longNumber(2)
    writer.int(1)
    writer.long(0n)
    bench.leader.linkOpened(3)
    bench.leader.packet(3, packet(PacketType.followerInfo, z('4.0'), writer.finish()))
    deepStrictEqual(bench.taken(), ['3: close'])
  })

  test('a proposal of an earlier leadership of its own', () => {
    deepStrictEqual(new Bench().established().proposes('4.9'), [])
  })

  test('the first link of a server that has come again', () => {
    const bench = new Bench()
    bench.joins(1, 2, 4)
    bench.saved('accepted')
    deepStrictEqual(bench.joins(2, 2, 4), ['1: close', '2: LEADERINFO 5.0'])
  })
})

describe('the leader gives up', () => {
  test('without a quorum within initLimit, or when it wakes after that', () => {
    const bench = new Bench()
    bench.recorder.clock.nowMs = 1000
    bench.leader.tick()
    deepStrictEqual(bench.taken(), ['give up: no quorum for discovery in time'])
    const late = new Bench()
    late.joins(1, 2, 4)
    late.saved('accepted')
    late.acksEpoch(1, z('4.8'), 4)
    late.saved('current')
    late.recorder.clock.nowMs = 1000
    deepStrictEqual(late.acks(1, '5.0'), ['give up: established too late'])
  })

  test('when its followers are gone', () => {
    const bench = new Bench().established()
    bench.leader.linkClosed(1)
    bench.recorder.clock.nowMs = 50
    bench.leader.tick()
    strictEqual(bench.taken().at(-1), 'give up: no quorum of followers left')
  })

  test('a silent learner is dropped after syncLimit', () => {
    const bench = new Bench().established()
    for (let ms = 50; ms <= 600; ms += 50) {
      bench.recorder.clock.nowMs = ms
      bench.leader.tick()
    }
    deepStrictEqual(bench.taken().slice(-2), ['1: close', 'give up: no quorum of followers left'])
  })

  test('a silent learner is dropped where every tick comes late, and not for our own lateness', () => {
    const bench = new Bench().established()
    const { clock } = bench.recorder
    clock.nowMs = 30_000
    bench.leader.tick()
    ok(!bench.taken().some((line) => line.startsWith('give up')))
    let said: string[] = []
    while (!said.some((line) => line.startsWith('give up'))) {
      ok(clock.nowMs < 40_000, 'it leads on alone')
      clock.nowMs = bench.leader.nextTickMs() + 100
      bench.leader.tick()
      said = bench.taken()
    }
  })
})
