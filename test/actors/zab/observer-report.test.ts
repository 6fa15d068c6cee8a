// What a leader says of its observers: those that are up to date, and what went to and fro.

import { deepStrictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { answerAboutObservers } from '../../../actors/zab/leader/observer-report.ts'
import { Query } from '../../../protocol/messages/queries.ts'
import { PacketType } from '../../../protocol/quorum/packet.ts'
import { packet, z } from './ensemble-recorder.ts'
import { Bench } from './leader-bench.ts'

const OBSERVER = 9
const LINK = 2
const QUESTION = 77

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
    const { links, clock, tree } = this.recorder.context(3)
    const answer = tree.answer.bind(tree)
    const learners = this.leader.learners.values()
    answerAboutObservers(QUESTION, kind, learners, links, clock.nowMs, answer)
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
