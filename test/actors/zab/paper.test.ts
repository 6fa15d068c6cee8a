// The paper, line by line: Junqueira, Reed, Serafini, "Zab: High-performance broadcast for primary-backup
// systems" (DSN 2011), with its three phases and the invariants that its proof rests on. Its words and
// ours:
//
//   f.p, the last epoch promised       acceptedEpoch        CEPOCH       FOLLOWERINFO
//   f.a, the last NEWLEADER accepted   currentEpoch         NEWEPOCH     LEADERINFO
//   h_f, the history                   the log              ACK-E        ACKEPOCH
//   abdeliver                          apply to the tree    COMMIT-LD    UPTODATE
//
// One thing is ZooKeeper's and not the paper's: the leader does not fetch the best history in discovery;
// the election finds who has it, and a leader that meets a better one gives up.

import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { followerStage } from '../../scripts/follower-stage.ts'
import { leaderStage } from '../../scripts/leader-stage.ts'
import { commandOf, type Stage } from '../../support/script.ts'

/** A role, to which commands of the scripts are given. */
class Role {
  readonly #stage: Stage

  constructor(stage: Stage, begin: string) {
    this.#stage = stage
    this.hears(begin)
  }

  /** What the last of them comes to. */
  hears(...commands: string[]): readonly string[] {
    let effects: readonly string[] = []
    for (const command of commands) effects = this.#stage(commandOf(command))
    return effects
  }
}

const leader = (): Role => new Role(leaderStage(), 'leader history=4.5-4.8 committed=4.6')
const follower = (): Role => new Role(followerStage(), 'follower history=4.5-4.7 committed=4.6')

const DISCOVERED = ['open 1', 'hear 1 FOLLOWERINFO 4.0 id=1', 'saved accepted']
const AGREED = [...DISCOVERED, 'hear 1 ACKEPOCH 4.8 current=4', 'saved current']
const LED = [...AGREED, 'hear 1 ACK 5.0']
const PROMISED = ['open', 'hear LEADERINFO 5.0', 'saved accepted']
const SYNCHRONIZED = [...PROMISED, 'hear DIFF 4.7', 'hear NEWLEADER 5.0', 'saved current']
const FOLLOWED = [...SYNCHRONIZED, 'hear UPTODATE -']

describe('phase 1, discovery', () => {
  test('f.1.1: a follower sends CEPOCH(f.p) to its prospective leader', () => {
    deepStrictEqual(follower().hears('open'), ['71: FOLLOWERINFO 4.0'])
  })

  test('l.1.1: upon CEPOCH from a quorum, NEWEPOCH later than all of them', () => {
    const five = new Role(leaderStage(), 'leader epochs=4/4')
    deepStrictEqual(five.hears('open 1', 'hear 1 FOLLOWERINFO 6.0 id=1'), [
      'save accepted 7',
      '1: LEADERINFO 7.0',
    ])
  })

  test('f.1.2: upon NEWEPOCH(e) with f.p < e, f.p becomes e and ACK-E(f.a, h_f) is sent', () => {
    const role = follower()
    // Durable first: what is promised survives a crash.
    deepStrictEqual(role.hears('open', 'hear LEADERINFO 5.0'), ['save accepted 5'])
    deepStrictEqual(role.hears('saved accepted'), ['71: ACKEPOCH 4.7 4'])
  })

  test('l.1.2: upon ACK-E from a quorum, the history is the best of theirs, or we give up', () => {
    const role = leader()
    const better = role.hears(...DISCOVERED, 'hear 1 ACKEPOCH 4.9 current=4')
    deepStrictEqual(better, ['1: close'])
    ok(role.hears('wait 200').some((line) => line.includes('give up')))
  })

  test('invariant: no proposal of an epoch before f.p is accepted any more', () => {
    const role = new Role(followerStage(), 'follower epochs=6/4')
    const effects = role.hears('open', 'hear LEADERINFO 5.0')
    deepStrictEqual(effects, ['give up: epoch 5 offered, 6 promised'])
  })

  test('invariant: ACK-E changes nothing of h_f', () => {
    const role = follower()
    const effects = [...PROMISED].flatMap((command) => role.hears(command))
    ok(!effects.some((line) => /^(log|cut|install|apply)/.test(line)))
  })
})

describe('phase 2, synchronization', () => {
  test('l.2.1: NEWLEADER(e, the initial history) goes to all that have promised e', () => {
    const effects = leader().hears(...DISCOVERED, 'hear 1 ACKEPOCH 4.6 current=4')
    deepStrictEqual(effects, [
      'save current 5',
      '1: DIFF 4.8',
      '1: PROPOSAL 4.7',
      '1: COMMIT 4.7',
      '1: PROPOSAL 4.8',
      '1: COMMIT 4.8',
      '1: NEWLEADER 5.0',
    ])
  })

  test('f.2.1: with f.p = e, f.a becomes e, the history is accepted and acknowledged', () => {
    const role = follower()
    const history = role.hears(...PROMISED, 'hear DIFF 4.8', 'hear PROPOSAL 4.8')
    deepStrictEqual(history, ['log 4.8'])
    // The log writes in the order of asking: the history, then f.a.
    deepStrictEqual(role.hears('hear NEWLEADER 5.0'), ['save current 5'])
    deepStrictEqual(role.hears('saved current'), ['71: ACK 5.0'])
  })

  test('f.2.1: otherwise a new election', () => {
    const effects = follower().hears(...PROMISED, 'hear DIFF 4.7', 'hear NEWLEADER 4.0')
    ok(effects.some((line) => line.startsWith('give up: NEWLEADER 0x400000000')))
  })

  test('l.2.2: upon a quorum of acknowledgements, COMMIT-LD, and the primary begins', () => {
    const effects = leader().hears(...AGREED, 'hear 1 ACK 5.0')
    deepStrictEqual(effects.slice(0, 5), [
      'apply 4.7',
      'apply 4.8',
      'established 5',
      'lead 5.0',
      '1: UPTODATE -',
    ])
  })

  test('f.2.2: upon COMMIT-LD, the initial history is delivered in order', () => {
    const role = follower()
    const effects = role.hears(...SYNCHRONIZED, 'hear COMMIT 4.7')
    deepStrictEqual(effects, [])
    ok(role.hears('hear UPTODATE -').includes('apply 4.7'))
  })

  test('invariant: nothing is delivered of an epoch that no quorum has accepted', () => {
    const role = follower()
    const effects = SYNCHRONIZED.flatMap((command) => role.hears(command))
    ok(!effects.some((line) => line.startsWith('apply')))
  })
})

describe('phase 3, broadcast', () => {
  test('l.3.1: a proposal goes to all, in the order of zxids', () => {
    const role = leader()
    deepStrictEqual(role.hears(...LED, 'propose 5.1'), ['log 5.1', '1: PROPOSAL 5.1'])
    deepStrictEqual(role.hears('propose 5.2'), ['log 5.2', '1: PROPOSAL 5.2'])
  })

  test('l.3.2: upon acknowledgements from a quorum, COMMIT', () => {
    const role = leader()
    deepStrictEqual(role.hears(...LED, 'propose 5.1', 'hear 1 ACK 5.1'), [])
    deepStrictEqual(role.hears('synced 5.1'), ['1: COMMIT 5.1', 'committed 5.1'])
  })

  test('f.3.1: a proposal is appended to h_f, and acknowledged when it is there', () => {
    const role = follower()
    deepStrictEqual(role.hears(...FOLLOWED, 'hear PROPOSAL 5.1'), ['log 5.1'])
    deepStrictEqual(role.hears('synced 5.1'), ['71: ACK 5.1'])
  })

  test('f.3.2: upon COMMIT it is delivered, once all before it are', () => {
    const role = follower()
    const proposed = [...FOLLOWED, 'hear PROPOSAL 5.1', 'hear PROPOSAL 5.2']
    deepStrictEqual(role.hears(...proposed, 'hear COMMIT 5.1'), ['apply 5.1'])
    const early = follower().hears(...proposed, 'hear COMMIT 5.2')
    ok(early.every((line) => line.startsWith('give up')))
  })

  test('l.3.3, l.3.4: who comes later gets NEWEPOCH, NEWLEADER, and COMMIT-LD at once', () => {
    const role = leader()
    role.hears(...LED, 'propose 5.1', 'synced 5.1')
    deepStrictEqual(role.hears('open 2', 'hear 2 FOLLOWERINFO 4.0 id=2'), ['2: LEADERINFO 5.0'])
    // What is proposed and not committed is part of what it accepts.
    deepStrictEqual(role.hears('hear 2 ACKEPOCH 4.8 current=4'), [
      '2: DIFF 4.8',
      '2: PROPOSAL 5.1',
      '2: NEWLEADER 5.0',
    ])
    strictEqual(role.hears('hear 2 ACK 5.0')[0], '2: UPTODATE -')
  })

  test('local primary order: a proposal that does not follow the one before is refused', () => {
    const effects = follower().hears(...FOLLOWED, 'hear PROPOSAL 5.1', 'hear PROPOSAL 5.3')
    ok(effects.some((line) => line.startsWith('give up: proposal 0x500000003')))
  })

  test('global primary order: nor does one of a later epoch than is followed', () => {
    const effects = follower().hears(...FOLLOWED, 'hear PROPOSAL 6.1')
    ok(effects.some((line) => line.startsWith('give up: proposal 0x600000001')))
  })

  test('primary integrity: who leads has delivered what was committed before it proposes', () => {
    const role = leader()
    const effects = LED.flatMap((command) => role.hears(command))
    const lead = effects.indexOf('lead 5.0')
    ok(effects.indexOf('apply 4.7') < lead && effects.indexOf('apply 4.8') < lead)
  })
})
