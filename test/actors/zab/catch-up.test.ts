// How a learner is fed: from memory and from the disk, no more than its link takes, and from when on it
// gets what is proposed as it is made.

import { deepStrictEqual, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { learnerInfoBytes } from '../../../protocol/quorum/learner-info.ts'
import { PacketType } from '../../../protocol/quorum/packet.ts'
import type { Zxid } from '../../../protocol/zxid.ts'
import { packet, transaction, z } from './ensemble-recorder.ts'
import { Bench } from './leader-bench.ts'

const BEAT_MS = 50

/** Established, with server 2 on link 1, and 5.1 to 5.9 committed, of which two are in memory. */
class Feeding extends Bench {
  constructor() {
    super(2)
    this.established()
    for (let i = 1; i <= 9; i++) this.commits(`5.${i}`)
  }

  commits(zxid: string): string[] {
    const lines = this.proposes(zxid)
    this.leader.synced(z(zxid))
    return [...lines, ...this.acks(1, zxid)]
  }

  /** Server 1 stands there, on link 2. */
  joinsAt(last: Zxid, current: number = 4): string[] {
    this.joins(2, 1, 4)
    return this.acksEpoch(2, last, current)
  }

  /** Server 1, of ours, stands there, on link 2. */
  oursJoinsAt(last: Zxid, current: number): string[] {
    this.leader.linkOpened(2)
    const info = learnerInfoBytes(1, 0n, BEAT_MS)
    this.leader.packet(2, packet(PacketType.followerInfo, z('4.0'), info))
    return this.acksEpoch(2, last, current)
  }

  reads(...zxids: string[]): string[] {
    const writer = new JuteWriter()
    for (const zxid of zxids) writer.buffer(transaction(z(zxid)))
    this.leader.catchUp.entriesRead(2, writer.bytes, 0, writer.length)
    return this.taken()
  }

  begins(from: string, bySnapshot: boolean): string[] {
    this.leader.catchUp.readBegun(2, z(from), bySnapshot)
    return this.taken()
  }

  piece(last: boolean): string[] {
    this.leader.catchUp.pieceRead(2, last, new Uint8Array(70), 0, 70)
    return this.taken()
  }

  waits(bytes: number): void {
    this.recorder.unsent.set(2, bytes)
  }

  /** The link has taken all that waited for it. */
  isReady(): string[] {
    this.waits(0)
    this.leader.catchUp.ready(2)
    return this.taken()
  }
}

const both = (...zxids: string[]): string[] =>
  zxids.flatMap((zxid) => [`2: PROPOSAL ${zxid}`, `2: COMMIT ${zxid}`])

describe('a learner that is behind what is held in memory', () => {
  test('gets what follows from the disk, then from memory, then NEWLEADER', () => {
    const bench = new Feeding()
    deepStrictEqual(bench.joinsAt(z('5.2'), 5), ['2: read near 5.2'])
    deepStrictEqual(bench.begins('5.2', false), ['2: DIFF 5.9', '2: read on'])
    deepStrictEqual(bench.reads('5.3', '5.4'), [...both('5.3', '5.4'), '2: read on'])
    deepStrictEqual(bench.reads('5.5', '5.6', '5.7'), [
      ...both('5.5', '5.6', '5.7'),
      '2: read no more',
      ...both('5.8', '5.9'),
      '2: NEWLEADER 5.0',
    ])
    deepStrictEqual(bench.proposes('5.10'), ['log 5.10', '1: PROPOSAL 5.10'])
    deepStrictEqual(bench.acks(2, '5.0').slice(0, 2), ['2: UPTODATE -', '2: PROPOSAL 5.10'])
  })

  test('is cut back first, where the disk says that it must', () => {
    const bench = new Feeding()
    deepStrictEqual(bench.joinsAt(z('4.9')), ['2: read near 4.9'])
    deepStrictEqual(bench.begins('4.8', false), ['2: TRUNC 4.8', '2: read on'])
    deepStrictEqual(bench.reads('5.1').slice(0, 2), both('5.1'))
  })

  test('gets a snapshot rather than a cut across epochs', () => {
    const bench = new Feeding()
    bench.joinsAt(z('4.9'))
    deepStrictEqual(bench.begins('3.7', false), ['2: read snapshot 3.7'])
    deepStrictEqual(bench.begins('5.4', true), ['2: SNAP 5.4', '2: read on'])
  })

  test('gets the snapshot, and what was written meanwhile, at the pace of its link', () => {
    const bench = new Feeding()
    bench.joinsAt(z('5.2'), 5)
    deepStrictEqual(bench.begins('5.8', true), ['2: SNAP 5.8', '2: read on'])
    bench.waits(100)
    deepStrictEqual(bench.piece(false), ['2: 70 bytes', '2: await room'])
    // Nothing else is sent meanwhile, whatever is written, and no PING.
    const written = ['5.10', '5.11', '5.12', '5.13'].flatMap((zxid) => bench.commits(zxid))
    bench.recorder.clock.nowMs = 50
    bench.leader.tick()
    ok(![...written, ...bench.taken()].some((line) => line.startsWith('2:')))
    deepStrictEqual(bench.isReady(), ['2: read on'])
    deepStrictEqual(bench.piece(true), ['2: 70 bytes', '2: 14 bytes', '2: read exact 5.8'])
    deepStrictEqual(bench.begins('5.8', false), ['2: read on'])
    bench.waits(99)
    deepStrictEqual(bench.reads('5.9'), [...both('5.9'), '2: read on'])
    bench.waits(100)
    deepStrictEqual(bench.reads('5.10', '5.11'), [
      ...both('5.10', '5.11'),
      '2: read no more',
      '2: await room',
    ])
    deepStrictEqual(bench.isReady(), [...both('5.12', '5.13'), '2: NEWLEADER 5.0'])
    deepStrictEqual(bench.acks(2, '5.0'), ['2: UPTODATE -', '1: PING 5.13', '2: PING 5.13'])
  })

  test('is not given from the disk what is not committed', () => {
    const bench = new Feeding()
    bench.proposes('5.10')
    bench.joinsAt(z('5.6'), 5)
    bench.begins('5.6', false)
    deepStrictEqual(bench.reads('5.7', '5.8', '5.9', '5.10'), [
      ...both('5.7', '5.8', '5.9'),
      '2: read no more',
      '2: PROPOSAL 5.10',
      '2: NEWLEADER 5.0',
    ])
  })

  test('loses its link when the disk cannot be read, or has a hole', () => {
    const failed = new Feeding()
    failed.joinsAt(z('5.2'), 5)
    failed.leader.catchUp.readFailed(2, 'it is gone')
    deepStrictEqual(failed.taken(), ['2: close'])
    const holed = new Feeding()
    holed.joinsAt(z('5.2'), 5)
    holed.begins('5.2', false)
    deepStrictEqual(holed.reads('5.4'), ['2: read no more', '2: close'])
  })

  const unreadable: [what: string, read: (bench: Feeding) => void][] = [
    ['where it stands', () => undefined],
    ['what follows', (bench) => bench.begins('5.2', false)],
    ['all of what follows', (bench) => [bench.begins('5.2', false), bench.reads('5.3')]],
    ['the snapshot', (bench) => [bench.begins('5.4', true), bench.piece(false)]],
    ['what follows the snapshot', (bench) => [bench.begins('5.4', true), bench.piece(true)]],
  ]
  for (const [what, read] of unreadable) {
    test(`gets a snapshot when it comes back because ${what} could not be read`, () => {
      const bench = new Feeding()
      bench.joinsAt(z('5.2'), 5)
      read(bench)
      bench.leader.catchUp.readFailed(2, 'it is damaged')
      deepStrictEqual(bench.taken(), ['2: close'])
      deepStrictEqual(bench.joinsAt(z('5.2'), 5), ['2: read snapshot 5.9'])
      // Until it gets one, however often it has to come.
      bench.leader.linkClosed(2)
      bench.taken()
      deepStrictEqual(bench.joinsAt(z('5.2'), 5), ['2: read snapshot 5.9'])
      deepStrictEqual(bench.begins('5.9', true), ['2: SNAP 5.9', '2: read on'])
      bench.leader.linkClosed(2)
      bench.taken()
      deepStrictEqual(bench.joinsAt(z('5.2'), 5), ['2: read near 5.2'])
    })
  }

  test('gets a snapshot when it comes back because the disk had a hole; others do not', () => {
    const bench = new Feeding()
    bench.joinsAt(z('5.2'), 5)
    bench.begins('5.2', false)
    deepStrictEqual(bench.reads('5.4'), ['2: read no more', '2: close'])
    bench.leader.linkOpened(2)
    bench.leader.packet(2, packet(PacketType.observerInfo, z('4.0'), learnerInfoBytes(9, 0n, 0)))
    bench.taken()
    deepStrictEqual(bench.acksEpoch(2, z('5.2'), 5), ['2: read near 5.2'])
    bench.leader.linkClosed(2)
    bench.taken()
    deepStrictEqual(bench.joinsAt(z('5.2'), 5), ['2: read snapshot 5.9'])
  })

  test('gets from memory what is there, whatever the disk was like', () => {
    const bench = new Feeding()
    bench.joinsAt(z('5.2'), 5)
    bench.leader.catchUp.readFailed(2, 'it is damaged')
    bench.taken()
    deepStrictEqual(bench.joinsAt(z('5.8'), 5).slice(0, 2), ['2: DIFF 5.9', '2: PROPOSAL 5.9'])
  })

  test('owes nothing when it has all, and nothing more is written', () => {
    const bench = new Feeding()
    bench.joinsAt(z('5.2'), 5)
    bench.begins('5.2', false)
    bench.reads('5.3', '5.4', '5.5', '5.6', '5.7')
    bench.acks(2, '5.0')
    for (let ms = 0; ms < 3000; ms += 50) {
      bench.recorder.clock.nowMs += 50
      for (const link of [1, 2]) bench.leader.packet(link, packet(PacketType.ping, z('5.1')))
      bench.leader.tick()
    }
    ok(!bench.taken().includes('2: close'))
  })

  test('an observer is informed of what is committed, at its pace as well', () => {
    const bench = new Feeding()
    bench.proposes('5.10')
    bench.leader.linkOpened(2)
    bench.leader.packet(2, packet(PacketType.observerInfo, z('4.0'), learnerInfoBytes(9, 0n, 0)))
    bench.taken()
    deepStrictEqual(bench.acksEpoch(2, z('5.6'), 5), ['2: read near 5.6'])
    bench.begins('5.6', false)
    deepStrictEqual(bench.reads('5.7', '5.8'), [
      '2: INFORM 5.7',
      '2: INFORM 5.8',
      '2: read no more',
      '2: INFORM 5.9',
      '2: NEWLEADER 5.0',
    ])
    bench.leader.synced(z('5.10'))
    ok(bench.acks(1, '5.10').includes('2: INFORM 5.10'))
  })
})

describe('a learner for whose link too much waits', () => {
  function slow(): Feeding {
    const bench = new Feeding()
    bench.joinsAt(z('5.9'), 5)
    bench.acks(2, '5.0')
    bench.proposes('5.10')
    bench.waits(400)
    bench.recorder.overfull.push(2)
    deepStrictEqual(bench.taken(), ['2: await room'])
    return bench
  }

  test('gets no broadcasts, until it has all that there is', () => {
    const bench = slow()
    const written = ['5.11', '5.12'].flatMap((zxid) => bench.commits(zxid))
    ok(!written.some((line) => line.startsWith('2:')))
    bench.proposes('5.13')
    deepStrictEqual(bench.isReady(), [
      '2: COMMIT 5.10',
      ...both('5.11', '5.12'),
      '2: PROPOSAL 5.13',
    ])
    deepStrictEqual(
      bench.commits('5.14').filter((line) => line.startsWith('2:')),
      ['2: PROPOSAL 5.14', '2: COMMIT 5.13', '2: COMMIT 5.14'],
    )
  })

  test('is fed from the disk when memory holds no more what it needs', () => {
    const bench = slow()
    for (const zxid of ['5.11', '5.12', '5.13', '5.14']) bench.commits(zxid)
    deepStrictEqual(bench.isReady(), ['2: COMMIT 5.10', '2: read exact 5.10'])
    deepStrictEqual(bench.begins('5.10', false), ['2: read on'])
    deepStrictEqual(bench.reads('5.11', '5.12'), [
      ...both('5.11', '5.12'),
      '2: read no more',
      ...both('5.13', '5.14'),
    ])
  })

  test('hears that a sync is done after the commits that were proposed before it', () => {
    const bench = slow()
    bench.leader.heartbeats.sync(2)
    bench.commits('5.11')
    bench.leader.heartbeats.sync(2)
    bench.commits('5.12')
    deepStrictEqual(bench.isReady(), [
      '2: COMMIT 5.10',
      '2: SYNC 0.0',
      ...both('5.11'),
      '2: SYNC 0.0',
      ...both('5.12'),
    ])
  })

  test('completes a quorum all the same', () => {
    const bench = slow()
    bench.proposes('5.11')
    bench.leader.linkClosed(1)
    bench.leader.synced(z('5.11'))
    deepStrictEqual(bench.isReady(), ['2: PROPOSAL 5.11'])
    deepStrictEqual(bench.acks(2, '5.11'), ['2: COMMIT 5.10', '2: COMMIT 5.11', 'committed 5.11'])
  })

  test('is dropped when it takes nothing for syncLimit, and not while it does', () => {
    const bench = slow()
    const { clock } = bench.recorder
    const after = (ms: number, takes: boolean): boolean => {
      for (let passed = 0; passed < ms; passed += 50) {
        clock.nowMs += 50
        if (takes) bench.leader.progress(2)
        bench.leader.packet(1, packet(PacketType.ping, z('5.1')))
        bench.leader.tick()
      }
      return bench.taken().includes('2: close')
    }
    deepStrictEqual([after(2000, true), after(600, false)], [false, true])
  })

  test('gets UPTODATE when it has all that there is', () => {
    const bench = new Feeding()
    bench.oursJoinsAt(z('5.9'), 5)
    bench.waits(400)
    bench.recorder.overfull.push(2)
    bench.taken()
    bench.commits('5.10')
    deepStrictEqual(bench.acks(2, '5.0'), [])
    deepStrictEqual(bench.isReady(), [
      ...both('5.10'),
      '2: UPTODATE -',
      '2: PING 5.10',
      '1: PING 5.10',
    ])
  })

  test('is told of the commits of what it was sent by the last one, if it is one of ours', () => {
    const bench = new Feeding()
    bench.oursJoinsAt(z('5.9'), 5)
    bench.acks(2, '5.0')
    for (const zxid of ['5.10', '5.11', '5.12']) bench.proposes(zxid)
    bench.recorder.overfull.push(2)
    bench.taken()
    bench.leader.synced(z('5.11'))
    bench.acks(1, '5.11')
    deepStrictEqual(bench.isReady(), ['2: COMMIT 5.11'])
  })
})

test('what is committed is kept in memory until it is on our own disk', () => {
  const bench = new Feeding()
  for (const zxid of ['5.10', '5.11', '5.12', '5.13']) {
    bench.proposes(zxid)
    bench.acks(1, zxid)
  }
  bench.joinsAt(z('5.9'), 5)
  bench.acks(2, '5.0')
  bench.acks(2, '5.13')
  ok(bench.recorder.history.reaches(z('5.9')))
  bench.leader.synced(z('5.13'))
  bench.commits('5.14')
  ok(!bench.recorder.history.reaches(z('5.9')))
})
