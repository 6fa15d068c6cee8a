// A disk that hangs: whose duty goes on, who steps down, and who is not to be elected meanwhile.

import { deepStrictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Leader } from '../../../actors/zab/leader/leader.ts'
import type { Zab } from '../../../actors/zab/zab.ts'
import { learnerInfoBytes } from '../../../protocol/quorum/learner-info.ts'
import { PacketType } from '../../../protocol/quorum/packet.ts'
import { int, packet, Recorder, transaction, z } from './ensemble-recorder.ts'
import { ZabBench } from './zab-bench.ts'

const SYNC_LIMIT_MS = 500

/** Leader 3 of epoch 5, followed by servers 1 and 2 on the links of their ids. */
class Bench {
  readonly recorder: Recorder = new Recorder(z('4.4'), [z('4.5')], z('4.5'))
  readonly leader: Leader = new Leader(this.recorder.context(3))

  constructor() {
    this.leader.start()
    for (const id of [1, 2]) {
      this.leader.linkOpened(id)
      const info = learnerInfoBytes(id, 0n, 50)
      this.leader.packet(id, packet(PacketType.followerInfo, z('4.0'), info))
      this.leader.packet(id, packet(PacketType.ackEpoch, z('4.5'), int(4)))
    }
    this.leader.epochSaved('accepted')
    this.leader.epochSaved('current')
    for (const id of [1, 2]) this.leader.packet(id, packet(PacketType.ack, z('5.0')))
    this.taken()
  }

  /** What it has given up for, or committed, not what it has sent. */
  taken(): string[] {
    this.leader.endTurn()
    return this.recorder.taken().filter((line) => /^(give|committed)/.test(line))
  }

  propose(zxid: string): void {
    const bytes = transaction(z(zxid))
    this.leader.propose(z(zxid), bytes, 0, bytes.length)
  }

  /** Time passes in beats; the followers answer each. */
  pass(ms: number, acked: Readonly<Record<number, string>>): string[] {
    const { clock } = this.recorder
    const endMs = clock.nowMs + ms
    for (let nowMs = -1; nowMs < endMs; nowMs = clock.nowMs) {
      clock.nowMs = Math.max(clock.nowMs, Math.min(endMs, this.leader.nextTickMs()))
      this.leader.tick()
      for (const id of [1, 2]) {
        this.leader.packet(id, packet(PacketType.ping, z('5.0'), new Uint8Array(0)))
        const zxid = acked[id]
        if (zxid !== undefined) this.leader.packet(id, packet(PacketType.ack, z(zxid)))
      }
    }
    return this.taken()
  }
}

describe('a leader whose own disk hangs', () => {
  test('commits with the disks of the others', () => {
    const bench = new Bench()
    bench.propose('5.1')
    deepStrictEqual(bench.pass(50, { 1: '5.1', 2: '5.1' }), ['committed 5.1'])
  })

  test('steps down after syncLimit, when the others can do without it', () => {
    const bench = new Bench()
    bench.propose('5.1')
    bench.pass(50, { 1: '5.1', 2: '5.1' })
    deepStrictEqual(bench.pass(SYNC_LIMIT_MS - 100, {}), [])
    deepStrictEqual(bench.pass(150, {}), ['give up: our own disk has synced nothing for 550 ms'])
  })

  test('stays when one of the others hangs as well, or when its own goes on in time', () => {
    const bench = new Bench()
    bench.propose('5.1')
    bench.pass(50, { 1: '5.1' })
    deepStrictEqual(bench.pass(SYNC_LIMIT_MS + 40, {}), [])

    const slow = new Bench()
    slow.propose('5.1')
    slow.propose('5.2')
    slow.pass(SYNC_LIMIT_MS - 100, { 1: '5.2', 2: '5.2' })
    slow.recorder.log.synced(z('5.1'))
    deepStrictEqual(slow.pass(SYNC_LIMIT_MS - 100, {}), [])
  })

  test('steps down after a tick once nothing more fits before the disk', () => {
    const bench = new Bench()
    bench.propose('5.1')
    bench.pass(50, { 1: '5.1', 2: '5.1' })
    const { clock } = bench.recorder
    clock.nowMs += 50
    bench.leader.whileBlocked()
    deepStrictEqual(bench.taken(), [])
    clock.nowMs += 1
    bench.leader.whileBlocked()
    deepStrictEqual(bench.taken(), ['give up: our own disk has synced nothing for 101 ms'])
  })

  test('is not to blame for the time in which the whole process stood still', () => {
    const bench = new Bench()
    bench.propose('5.1')
    bench.pass(50, { 1: '5.1', 2: '5.1' })
    bench.recorder.clock.nowMs += 10 * SYNC_LIMIT_MS
    deepStrictEqual(bench.pass(0, {}), [])
    deepStrictEqual(bench.pass(SYNC_LIMIT_MS - 150, {}), [])
  })
})

describe('a role that ends while the disk hangs', () => {
  /** A member that leads 5 while its disk has owed a sync for so long. */
  function ended(owesMs: number): { zab: Zab; taken: () => string[] } {
    const bench = ZabBench.leading()
    const { zab, recorder } = bench
    const bytes = transaction(z('5.1'))
    zab.propose(z('5.1'), bytes, 0, bytes.length)
    bench.taken()
    recorder.clock.nowMs += owesMs
    // One that has promised a later epoch ends it.
    zab.linkOpened(9)
    zab.packet(9, packet(PacketType.followerInfo, z('6.0'), learnerInfoBytes(1, 0n, 50)))
    return { zab, taken: () => bench.taken() }
  }

  test('is followed by an election at once when it does not', () => {
    deepStrictEqual(ended(100).taken(), ['fence', 'look'])
  })

  test('keeps the server out of elections until it answers', () => {
    const { zab, taken } = ended(101)
    deepStrictEqual([taken(), zab.role], [['fence', 'rest'], 'fencing'])
    zab.fenced()
    deepStrictEqual([taken(), zab.role], [[], 'fencing'])
    zab.synced(z('5.1'))
    zab.fenced()
    deepStrictEqual([taken(), zab.role], [['look'], 'looking'])
  })
})
