// Who is told of a proposal at once.

import { deepStrictEqual } from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { ZOOKEEPERS } from '../../../actors/zab/capabilities.ts'
import { FanOut } from '../../../actors/zab/leader/fan-out.ts'
import { Learner } from '../../../actors/zab/leader/learner.ts'
import { LearnerTable } from '../../../actors/zab/leader/learner-table.ts'
import type { ServerId } from '../../../protocol/quorum/server-id.ts'
import type { Zxid } from '../../../protocol/zxid.ts'
import { membershipOf } from '../../support/membership.ts'
import { CONFIG, Recorder, transaction, z } from './ensemble-recorder.ts'

const HEARTBEAT_MS = 50

/** Leader 1 with a learner on link 10 * id for every other voter. */
class Bench {
  readonly recorder: Recorder = new Recorder(z('5.0'), [], z('5.0'))
  readonly learners: LearnerTable = new LearnerTable()
  readonly #audience: FanOut
  #zxid: Zxid = z('5.0')

  constructor(voters: readonly ServerId[]) {
    const membership = membershipOf({ ...CONFIG, voters })
    this.#audience = new FanOut({ ...this.recorder.context(1), membership }, this.learners)
    for (const id of voters.slice(1)) this.join(id, HEARTBEAT_MS)
  }

  join(id: ServerId, heartbeatMs: number, observer: boolean = false): Learner {
    const learner = new Learner(id * 10, 0)
    learner.introduced(id, observer, 5, heartbeatMs)
    learner.phase = 'ready'
    learner.current = true
    learner.feed = 'live'
    this.learners.set(learner.link, learner)
    return learner
  }

  learner(id: ServerId): Learner {
    return this.learners.get(id * 10)!
  }

  /** `sinceMs`: after the proposal before. */
  proposes(sinceMs: number): { now: number[]; soon: number[] } {
    this.recorder.clock.nowMs += sinceMs
    this.#zxid = (this.#zxid + 1) as Zxid
    const bytes = transaction(this.#zxid)
    this.recorder.history.append(this.#zxid, bytes, 0, bytes.length)
    return this.#audience.divide()
  }

  commits(): void {
    this.recorder.history.commit(this.#zxid)
  }

  /** The same when its fellow in the stream was just committed. */
  follows(): { now: number[]; soon: number[] } {
    this.proposes(1000)
    this.commits()
    return this.proposes(1)
  }

  get isStream(): boolean {
    return this.#audience.isStream
  }
}

describe('the audience of a proposal', () => {
  let bench: Bench

  beforeEach(() => {
    bench = new Bench([1, 2, 3])
  })

  test('is everybody when it comes alone', () => {
    deepStrictEqual(bench.proposes(0), { now: [20, 30], soon: [] })
    bench.commits()
    deepStrictEqual(bench.proposes(5), { now: [20, 30], soon: [] })
    deepStrictEqual(bench.isStream, false)
  })

  test('is a quorum when it follows another: who has acknowledged most', () => {
    deepStrictEqual(bench.follows(), { now: [20], soon: [30] })
    bench.commits()
    bench.learner(3).acked = z('5.2')
    bench.learner(2).acked = z('5.1')
    deepStrictEqual(bench.proposes(1), { now: [30], soon: [20] })
    deepStrictEqual(bench.isStream, true)
  })

  test('is everybody when more are under way', () => {
    bench.follows()
    deepStrictEqual(bench.proposes(1), { now: [20], soon: [30] })
    deepStrictEqual(bench.proposes(1), { now: [20, 30], soon: [] })
    bench.commits()
    deepStrictEqual(bench.proposes(1), { now: [20], soon: [30] })
  })

  test('has whose clients wait in it, and these count for the quorum', () => {
    bench.learner(3).askedMs = 1000
    deepStrictEqual(bench.follows(), { now: [30], soon: [20] })
    bench.learner(2).askedMs = 1000
    deepStrictEqual(bench.follows().now, [20])
  })

  test('has Java learners and those not current in it; only the current count', () => {
    bench.learner(3).speaks = ZOOKEEPERS
    deepStrictEqual(bench.follows(), { now: [30], soon: [20] })
    bench.learner(3).current = false
    bench.learner(3).phase = 'synchronizing'
    deepStrictEqual(bench.follows(), { now: [30, 20], soon: [] })
  })

  test('never has observers, nor those that are behind, in it', () => {
    bench.join(9, HEARTBEAT_MS, true)
    bench.learner(2).feed = 'new'
    deepStrictEqual(bench.follows(), { now: [30], soon: [] })
    bench.learner(2).feed = 'behind'
    deepStrictEqual(bench.follows(), { now: [30], soon: [] })
  })

  test('is two more of five servers', () => {
    bench = new Bench([1, 2, 3, 4, 5])
    for (const [id, acked] of [[2, '5.0'] as const, [4, '5.1'] as const, [5, '5.1'] as const]) {
      bench.learner(id).acked = z(acked)
    }
    deepStrictEqual(bench.follows(), { now: [40, 50], soon: [20, 30] })
    bench.learner(3).askedMs = bench.recorder.clock.nowMs
    bench.commits()
    deepStrictEqual(bench.proposes(1), { now: [30, 40], soon: [50, 20] })
  })

  test('is the only one there is where one is enough', () => {
    bench = new Bench([1])
    deepStrictEqual(bench.follows(), { now: [], soon: [] })
  })
})
