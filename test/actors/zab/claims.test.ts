// What others claim to have accepted: how much of it is believed, and what a lie can cost.

import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { CREDIT_FIRST } from '../../../actors/zab/leader/epoch-credit.ts'
import { Leader } from '../../../actors/zab/leader/leader.ts'
import { learnerInfoBytes } from '../../../protocol/quorum/learner-info.ts'
import { PacketType } from '../../../protocol/quorum/packet.ts'
import { EPOCH } from '../../../protocol/quorum/ranges.ts'
import { EPOCH_MAX } from '../../../protocol/zxid.ts'
import { packet, Recorder, z } from './ensemble-recorder.ts'
import { Bench, LOGGED } from './leader-bench.ts'

describe('claims of a later epoch, whoever makes them', () => {
  const MINUTE_MS = 60_000

  /** The epoch of one leader after the other, each told this much more than the one before. */
  function led(recorder: Recorder, elections: number, by: number): number {
    for (let i = 0; i < elections; i++) {
      const leader = new Leader(recorder.context(3))
      leader.start()
      leader.linkOpened(1)
      const claimed = z(`${Math.min(EPOCH_MAX, recorder.epochs.accepted + by)}.0`)
      leader.packet(1, packet(PacketType.followerInfo, claimed, learnerInfoBytes(1, 0n, 0)))
      leader.linkOpened(2)
      const told = z(`${recorder.epochs.accepted}.0`)
      leader.packet(2, packet(PacketType.followerInfo, told, learnerInfoBytes(2, 0n, 0)))
    }
    return recorder.epochs.accepted
  }

  test('cost no more epochs than there are elections, and what is believed besides', () => {
    for (const by of [1, 2, CREDIT_FIRST, 65_535, EPOCH_MAX]) {
      const elections = 200
      const recorder = new Recorder(z('4.4'), LOGGED, z('4.6'))
      const epoch = led(recorder, elections, by)
      ok(epoch <= 4 + elections + CREDIT_FIRST, `${epoch} after lies of ${by} each`)
    }
  })

  test('depose a leader as often as they are believed, and once a minute from then on', () => {
    const recorder = new Recorder(z('4.4'), LOGGED, z('4.6'))
    let deposed = 0
    for (let ms = 0; ms < 10 * MINUTE_MS; ms += 1000) {
      recorder.clock.nowMs = ms
      const bench = new Bench(100, recorder).established()
      const claimed = recorder.epochs.accepted + 1
      if (bench.joins(2, 1, claimed)[0]?.startsWith('give up') === true) deposed++
    }
    ok(deposed >= CREDIT_FIRST && deposed <= CREDIT_FIRST + 10, `${deposed} times`)
  })

  test('of a member that tells the truth are believed: each took an election of ours', () => {
    const recorder = new Recorder(z('4.4'), LOGGED, z('4.6'))
    for (let i = 0; i < 500; i++) recorder.credit.introduced()
    const bench = new Bench(100, recorder)
    strictEqual(bench.joins(1, 2, 504)[0], 'save accepted 505')
  })

  test('that are far from ours are believed after long without a leader', () => {
    const recorder = new Recorder(z('4.4'), LOGGED, z('4.6'))
    const claims = (epoch: number): string | undefined =>
      new Bench(100, recorder).joins(1, 2, epoch)[0]
    recorder.clock.nowMs = 999
    strictEqual(claims(1000), '1: close')
    recorder.clock.nowMs = 1000
    strictEqual(claims(1000), 'save accepted 1001')
    recorder.credit.led(true)
    strictEqual(claims(4000), '1: close')
    recorder.credit.led(false)
    recorder.clock.nowMs = 2000
    strictEqual(claims(4000), 'save accepted 4001')
    strictEqual(claims(5000), '1: close')
  })

  test('that a refused voter repeats for long are believed, eight times at most', () => {
    const recorder = new Recorder(z('4.4'), LOGGED, z('4.6'))
    let link = 1
    const claims = (bench: Bench, epoch: number): string | undefined =>
      bench.joins(++link, 1, epoch).at(-1)
    let deposed = 0
    for (let reign = 0; reign < 20; reign++) {
      recorder.credit.led(false)
      const bench = new Bench(100, recorder).established()
      const { accepted } = recorder.epochs
      const far = accepted + CREDIT_FIRST + 100
      deepStrictEqual(claims(bench, far), `${link}: close`)
      recorder.clock.nowMs += 999
      deepStrictEqual(claims(bench, far), `${link}: close`)
      recorder.clock.nowMs += 1
      const said = claims(bench, far)
      if (said === 'give up: server 1 has accepted a later epoch') deposed++
      else deepStrictEqual(said, `${link}: close`)
    }
    strictEqual(deposed, 8)
  })

  test('of an observer bind nobody', () => {
    const bench = new Bench().established()
    const { observerInfo } = PacketType
    strictEqual(bench.joins(2, 9, 1000, observerInfo)[0], '2: LEADERINFO 5.0')
  })

  test('in an election that came to nothing leave the epoch where it was', () => {
    const bench = new Bench()
    strictEqual(bench.joins(1, 2, 4)[0], 'save accepted 5')
    bench.leader.stop()
    strictEqual(bench.recorder.epochs.accepted, 4)
    const agreed = new Bench()
    agreed.joins(1, 2, 4)
    agreed.saved('accepted')
    strictEqual(agreed.acksEpoch(1, z('4.8'), 4)[0], 'save current 5')
    agreed.leader.stop()
    strictEqual(agreed.recorder.epochs.accepted, 5)
  })

  test('at the end of all epochs: none is named that could not be read', () => {
    const recorder = new Recorder(z('4.4'), LOGGED, z('4.6'))
    recorder.epochs.accepted = EPOCH.max - 1
    strictEqual(new Bench(100, recorder).joins(1, 2, 4)[0], `save accepted ${EPOCH.max}`)
    deepStrictEqual(new Bench(100, recorder).joins(1, 2, 4), [])
  })
})
