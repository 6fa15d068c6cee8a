// What an operator asks of a leader: about its observers, those that are up to date and what went to and fro; and
// to hand over.

import { deepStrictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { answerOperator } from '../../../actors/zab/leader/questions.ts'
import { Query } from '../../../protocol/messages/queries.ts'
import { learnerInfoBytes } from '../../../protocol/quorum/learner-info.ts'
import { PacketType } from '../../../protocol/quorum/packet.ts'
import { int, packet, z } from './ensemble-recorder.ts'
import { Bench } from './leader-bench.ts'
import { ZabBench } from './zab-bench.ts'

const OBSERVER = 9
const LINK = 2
const QUESTION = 77
const TICK_MS = 100

/** Leader 3, established with follower 2, to which an observer has come. */
class Observed extends Bench {
  constructor() {
    super()
    this.established()
    this.recorder.clock.nowMs = 1000
    this.joins(LINK, OBSERVER, 4, PacketType.observerInfo)
  }

  /** It is up to date. */
  synchronized(): this {
    this.acksEpoch(LINK, z('4.8'), 4)
    this.acks(LINK, '5.0')
    return this
  }

  asked(kind: number): string[] {
    const { clock, ...neighbours } = this.recorder.context(3)
    answerOperator(QUESTION, kind, this.leader, neighbours, clock.nowMs)
    return this.taken()
  }
}

const answer = (...rows: unknown[]): string => `answer ${QUESTION}: ${JSON.stringify(rows)}`

describe('a leader’s observers', () => {
  test('are listed once they are up to date, and followers are not', () => {
    const bench = new Observed()
    deepStrictEqual(bench.asked(Query.observers), [answer()])
    bench.synchronized()
    bench.recorder.clock.nowMs = 3500
    bench.recorder.unsent.set(LINK, 120)
    deepStrictEqual(bench.asked(Query.observers), [
      answer([OBSERVER, 2500, 3, 0, '10.0.0.2:40000', 7, z('5.1'), 1, 120]),
    ])
  })

  test('are counted anew after a reset', () => {
    const bench = new Observed().synchronized()
    bench.leader.packet(LINK, packet(PacketType.request, z('0.0'), new Uint8Array(20)))
    bench.taken()
    const row = (received: number, requests: number): string => {
      return answer([OBSERVER, 0, received, requests, '10.0.0.2:40000', 7, z('5.1'), 1, 0])
    }
    deepStrictEqual(bench.asked(Query.observers), [row(4, 1)])
    deepStrictEqual(bench.asked(Query.resetObservers), [`${LINK}: counts from now on`, row(0, 0)])
    deepStrictEqual(bench.asked(Query.observers), [row(0, 0)])
  })

  test('are gone with their links', () => {
    const bench = new Observed().synchronized()
    bench.leader.linkClosed(LINK)
    deepStrictEqual(bench.asked(Query.observers), [answer()])
  })
})

describe('a leader that is asked to hand over', () => {
  const handOver = (bench: Bench): string[] => {
    const { clock, ...neighbours } = bench.recorder.context(3)
    answerOperator(QUESTION, Query.handOver, bench.leader, neighbours, clock.nowMs)
    return bench.taken()
  }

  test('says why not, where the others are no quorum', () => {
    const bench = new Bench().established()
    deepStrictEqual(handOver(bench), [
      answer('the servers that are up to date are no quorum without this one'),
    ])
    bench.leader.tick()
    deepStrictEqual(bench.taken(), [])
  })

  test('commits nothing more, and ends its role with the next tick', () => {
    const bench = new Bench().established()
    bench.joins(LINK, 1, 4)
    bench.acksEpoch(LINK, z('4.8'), 4)
    bench.acks(LINK, '5.0')
    bench.proposes('5.1')
    deepStrictEqual(handOver(bench), [answer(null)])
    bench.leader.synced(z('5.1'))
    deepStrictEqual(bench.acks(1, '5.1'), [])
    bench.leader.tick()
    deepStrictEqual(bench.taken(), ['give up: another server is to lead'])
  })

  test('is told so also where it does not lead', () => {
    const { recorder } = new Bench()
    const { clock, ...neighbours } = recorder.context(3)
    answerOperator(QUESTION, Query.handOver, null, neighbours, clock.nowMs)
    deepStrictEqual(recorder.taken().at(-1), answer('this server does not lead'))
  })

  test('stands back from elections for half a tick', () => {
    const bench = ZabBench.leading()
    const { zab, recorder } = bench
    // Server 1 on link 2.
    zab.linkOpened(2)
    zab.packet(2, packet(PacketType.followerInfo, z('4.0'), learnerInfoBytes(1, 0n, 50)))
    zab.packet(2, packet(PacketType.ackEpoch, z('4.4'), int(4)))
    zab.packet(2, packet(PacketType.ack, z('5.0')))
    zab.endTurn()
    bench.taken()
    zab.query(QUESTION, Query.handOver)
    deepStrictEqual(recorder.taken().at(-1), answer(null))
    zab.tick()
    deepStrictEqual([bench.taken(), zab.role], [['fence', 'rest'], 'fencing'])
    zab.fenced()
    zab.fenced()
    deepStrictEqual([bench.taken(), zab.role], [[], 'fencing'])
    const dueMs = zab.nextTickMs()
    deepStrictEqual(dueMs, recorder.clock.nowMs + TICK_MS / 2)
    zab.elected(2)
    deepStrictEqual(zab.role, 'fencing')
    recorder.clock.nowMs = dueMs
    zab.tick()
    deepStrictEqual([bench.taken(), zab.role], [['look'], 'looking'])
  })
})
