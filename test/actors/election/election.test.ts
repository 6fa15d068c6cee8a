// Elections as stories: who wins, how long it takes, who may join, what a stranger can do.

import { deepStrictEqual, notStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { beats } from '../../../actors/election/vote.ts'
import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import {
  type Notification,
  PeerState,
  VOTE_NONE,
  writeNotification,
} from '../../../protocol/quorum/notification.ts'
import { membershipOf } from '../../support/membership.ts'
import { generator, Mesh, majority } from './mesh.ts'

const THREE = majority(1, 2, 3)

function elected(mesh: Mesh, boundMs: number = 5000): number | null {
  ok(
    mesh.run(boundMs, () => mesh.agreed()),
    describeAll(mesh),
  )
  return [...mesh.members.values()].find((member) => member.up)!.leader
}

function describeAll(mesh: Mesh): string {
  return [...mesh.members.values()].map(({ election }) => election.describe()).join('\n')
}

describe('the order of votes', () => {
  const membership = membershipOf(THREE)
  const vote = (leader: number, zxid: number, peerEpoch: number) => ({
    leader,
    zxid: BigInt(zxid),
    peerEpoch: BigInt(peerEpoch),
  })
  const cases = [
    ['a later epoch wins over everything', vote(1, 1, 2), vote(3, 9, 1)],
    ['then the longer history', vote(1, 9, 1), vote(3, 8, 1)],
    ['then the larger id', vote(3, 9, 1), vote(2, 9, 1)],
  ] as const
  for (const [name, better, worse] of cases) {
    test(name, () => {
      strictEqual(beats(better, worse, membership), true)
      strictEqual(beats(worse, better, membership), false)
      strictEqual(beats(better, better, membership), false)
    })
  }

  test('a candidate without weight never wins', () => {
    const weights = new Map([[3, 0]])
    const weighted = membershipOf({ ...THREE, groups: [[1, 2, 3]], weights })
    strictEqual(beats(vote(3, 9, 9), vote(1, 0, 0), weighted), false)
  })
})

describe('a voter that has lost its history', () => {
  const never = (): boolean => false

  test('is no vote: with it and one that lags, nobody is elected', () => {
    const mesh = new Mesh(THREE, 1, histories([2, -1, -1], [1, 1, 0x1_0000_0003]))
    for (const id of [1, 2]) mesh.look(id)
    mesh.run(60_000, never)
    deepStrictEqual([mesh.member(1).leader, mesh.member(2).leader], [null, null])
  })

  test('finds the leader that the others elect, before them or after', () => {
    for (const order of [
      [3, 1, 2],
      [1, 2, 3],
    ]) {
      const held = histories([3, -1, -1], [1, 1, 0x1_0000_0005], [2, 1, 0x1_0000_0003])
      const mesh = new Mesh(THREE, 5, held)
      for (const id of order) mesh.look(id)
      strictEqual(elected(mesh), 1)
    }
  })

  test('does not lead, though others still vote for what it was', () => {
    const held = histories([3, 2, 0x2_0000_0001], [1, 1, 1], [2, 1, 1])
    const mesh = new Mesh(THREE, 3, held)
    for (const id of [1, 2, 3]) mesh.look(id)
    mesh.run(2, never)
    Object.assign(mesh.member(3), { zxid: -1, epoch: -1 })
    mesh.look(3)
    mesh.run(5000, never)
    notStrictEqual(mesh.member(3).leader, 3)
  })

  test('finds one in an earlier round than it is in itself', () => {
    const mesh = new Mesh(THREE, 4, histories([3, -1, -1]))
    for (let i = 0; i < 9; i++) mesh.look(3)
    mesh.run(60_000, never)
    for (const id of [1, 2]) mesh.look(id)
    ok(mesh.run(2000, () => mesh.member(3).leader !== null))
  })
})

describe('another membership', () => {
  test('decides an election under way: two of five are no quorum, two of three are', () => {
    const mesh = new Mesh(majority(1, 2, 3, 4, 5), 1)
    for (const id of [1, 2]) mesh.look(id)
    strictEqual(
      mesh.run(5000, () => mesh.agreed()),
      false,
    )
    const { bytes } = membershipOf(THREE)
    for (const id of [1, 2]) mesh.member(id).election.configured(bytes, 0, bytes.length)
    strictEqual(elected(mesh), 2)
  })

  test('has no room for who left: its vote counts no more', () => {
    const mesh = new Mesh(THREE, 1)
    for (const id of [1, 2]) mesh.look(id)
    strictEqual(elected(mesh), 2)
    const { bytes } = membershipOf({ voters: [1, 3] })
    mesh.member(1).election.configured(bytes, 0, bytes.length)
    mesh.look(1)
    mesh.look(2)
    mesh.run(5000, () => mesh.member(1).leader !== null)
    strictEqual(mesh.member(1).leader, null)
  })
})

function histories(
  ...held: [id: number, epoch: number, zxid: number][]
): Map<number, [number, number]> {
  return new Map(held.map(([id, epoch, zxid]) => [id, [epoch, zxid]]))
}

describe('an election', () => {
  test('three start together: the largest id leads, long before 200 ms', () => {
    const mesh = new Mesh(THREE, 1)
    for (const id of [1, 2, 3]) mesh.look(id)
    strictEqual(elected(mesh), 3)
    ok(mesh.clock.nowMs < 100, `took ${mesh.clock.nowMs} ms`)
  })

  test('the most recent history leads, whatever its id', () => {
    const mesh = new Mesh(THREE, 2, new Map([[1, [1, 0x1_0000_0005]]]))
    for (const id of [1, 2, 3]) mesh.look(id)
    strictEqual(elected(mesh), 1)
  })

  test('two of three suffice, and the third joins what they decided', () => {
    const mesh = new Mesh(THREE, 3)
    mesh.look(1)
    mesh.look(2)
    strictEqual(elected(mesh), 2)
    mesh.look(3)
    strictEqual(elected(mesh), 2)
  })

  test('one that led and rests is nobody to follow: the others elect among themselves', () => {
    const mesh = new Mesh(THREE, 3)
    for (const id of [1, 2, 3]) mesh.look(id)
    strictEqual(elected(mesh), 3)
    mesh.members.get(3)!.election.rest()
    mesh.look(1)
    ok(mesh.run(1000, () => mesh.members.get(1)!.election.vote.leader === 1))
    mesh.look(2)
    ok(mesh.run(1000, () => [1, 2].every((id) => mesh.members.get(id)!.leader === 2)))
  })

  test('one of three decides nothing', () => {
    const mesh = new Mesh(THREE, 4)
    mesh.look(3)
    strictEqual(
      mesh.run(10_000, () => mesh.agreed()),
      false,
    )
  })

  test('the leader crashes: the others find a new one among themselves', () => {
    const mesh = new Mesh(THREE, 5)
    for (const id of [1, 2, 3]) mesh.look(id)
    strictEqual(elected(mesh), 3)
    mesh.crash(3)
    const startedMs = mesh.clock.nowMs
    mesh.look(1)
    mesh.look(2)
    strictEqual(elected(mesh), 2)
    ok(mesh.clock.nowMs - startedMs < 100, `took ${mesh.clock.nowMs - startedMs} ms`)
  })

  test('a vote that came while its receiver still followed is not waited for', () => {
    const mesh = new Mesh(THREE, 7)
    for (const id of [1, 2, 3]) mesh.look(id)
    strictEqual(elected(mesh), 3)
    mesh.crash(3)
    const [one, two] = [mesh.member(1), mesh.member(2)]
    two.leader = null
    two.election.look(two.zxid, two.epoch)
    mesh.run(50, () => false)
    one.leader = null
    const startedMs = mesh.clock.nowMs
    one.election.look(one.zxid, one.epoch)
    strictEqual(elected(mesh), 2)
    ok(mesh.clock.nowMs - startedMs < 100, `took ${mesh.clock.nowMs - startedMs} ms`)
  })

  test('a follower that starts late in another round is brought along', () => {
    const mesh = new Mesh(THREE, 6)
    for (let i = 0; i < 5; i++) mesh.look(1)
    mesh.look(2)
    mesh.look(3)
    strictEqual(elected(mesh), 3)
    strictEqual(mesh.member(3).election.round, 5n)
  })

  test('an observer follows and never counts', () => {
    const mesh = new Mesh({ ...THREE, observers: [9] }, 7)
    for (const id of [9, 1, 2, 3]) mesh.look(id)
    strictEqual(elected(mesh), 3)
  })

  test('observers without a leader are silent between their questions', () => {
    for (const rounds of [1, 5]) {
      const mesh = new Mesh({ ...THREE, observers: [8, 9] }, 7)
      // Rounds of their own, later than the voter's, who alone is no quorum.
      for (let i = 0; i < rounds; i++) for (const id of [8, 9]) mesh.look(id)
      mesh.look(1)
      mesh.run(10_000, () => false)
      ok(mesh.sent < 150, `${mesh.sent} messages in ten seconds`)
    }
  })

  test('an objector with a link is waited for, at most the bound', () => {
    const mesh = new Mesh(THREE, 8, new Map(), { finalizeWaitMs: 150 })
    mesh.look(1)
    mesh.look(2)
    // The third is linked but says nothing.
    mesh.member(1).election.linkUp(3)
    mesh.member(2).election.linkUp(3)
    strictEqual(elected(mesh), 2)
    ok(mesh.clock.nowMs >= 150 && mesh.clock.nowMs < 250, `took ${mesh.clock.nowMs} ms`)
  })
})

describe('what others send', () => {
  function vote(changes: Partial<Notification>): Uint8Array {
    const writer = new JuteWriter()
    const state = PeerState.looking
    const dull = { leader: 3, zxid: 0n, round: 1n, peerEpoch: 0n, config: '' }
    writeNotification(writer, { state, ...dull, ...changes })
    return writer.finish()
  }

  const LONG_MAX = 2n ** 63n - 1n
  const rounds = [LONG_MAX, 2n ** 53n - 1n, 2n ** 53n, 2n ** 31n, 2n ** 31n - 1n, -1n, -LONG_MAX]
  for (const round of rounds) {
    test(`round ${round} of a liar is forgotten when it has left`, () => {
      const mesh = new Mesh(majority(1, 2, 3, 4), 11)
      for (const id of [1, 2, 3]) mesh.look(id)
      const bytes = vote({ round, leader: 4 })
      for (const id of [1, 2, 3]) mesh.member(id).election.notified(4, bytes, 0, bytes.length)
      // They believe it, and find that nobody leads.
      mesh.run(1000, () => false)
      for (let death = 0; death < 3; death++) {
        for (const id of [1, 2, 3]) mesh.look(id)
        strictEqual(elected(mesh), 3)
      }
      for (const id of [1, 2, 3]) {
        const counted = mesh.member(id).election.round
        ok(counted >= 0n && counted <= 2n ** 31n + 3n, `${counted}`)
      }
    })
  }

  test('whatever number a vote holds, the others still elect when its sender has left', () => {
    const longs = [LONG_MAX, LONG_MAX - 1n, 2n ** 53n, 2n ** 52n, 0n, -1n, VOTE_NONE]
    for (const field of ['zxid', 'peerEpoch', 'round'] as const) {
      for (const value of longs) {
        for (const state of [PeerState.looking, PeerState.leading, PeerState.following]) {
          const mesh = new Mesh(THREE, 12)
          mesh.look(1)
          const bytes = vote({ [field]: value, state })
          mesh.member(1).election.notified(3, bytes, 0, bytes.length)
          mesh.look(2)
          mesh.run(1000, () => false)
          mesh.look(1)
          mesh.look(2)
          strictEqual(elected(mesh), 2, `${field} ${value} in state ${state}`)
        }
      }
    }
  })

  test('a candidate that is gone is given up by all at once: who decided completes a quorum', () => {
    const mesh = new Mesh(majority(1, 2, 3, 4, 5), 13)
    const told = { leader: 4, zxid: LONG_MAX, round: 2n ** 31n }
    mesh.look(1)
    const { election } = mesh.member(1)
    const hear = (from: number, state: PeerState): void => {
      const bytes = vote({ ...told, state })
      election.notified(from, bytes, 0, bytes.length)
    }
    hear(2, PeerState.looking)
    strictEqual(mesh.member(1).leader, null)
    hear(3, PeerState.following)
    strictEqual(mesh.member(1).leader, 4)
  })

  test('votes of strangers, for strangers, and rubbish change nothing', () => {
    const mesh = new Mesh(THREE, 9)
    mesh.look(1)
    const { election } = mesh.member(1)
    const before = election.vote
    const random = generator(99)
    for (let i = 0; i < 2000; i++) {
      const bytes = Uint8Array.from({ length: random(80) }, () => random(256))
      election.notified(1 + random(4), bytes, 0, bytes.length)
    }
    strictEqual(mesh.member(1).leader, null)
    deepStrictEqual(election.vote, before)
  })
})

test('established members whose votes differ in zxid and round are joined (1732, 1818)', () => {
  for (const rounds of [
    [7n, 9n],
    [9n, 7n],
    [1n, 1n],
  ]) {
    const mesh = new Mesh(THREE, 13)
    mesh.look(1)
    const say = (from: number, state: PeerState, zxid: bigint, round: bigint): void => {
      const vote = { leader: 3, zxid, round, peerEpoch: 5n, config: '' }
      const writer = new JuteWriter()
      writeNotification(writer, { state, ...vote })
      mesh.member(1).election.notified(from, writer.bytes, 0, writer.length)
    }
    say(2, PeerState.following, 0x4_0000_0009n, rounds[0]!)
    say(3, PeerState.leading, 0x4_0000_0007n, rounds[1]!)
    strictEqual(mesh.member(1).leader, 3)
  }
})

describe('any schedule', () => {
  for (let seed = 1; seed <= 150; seed++) {
    test(`seed ${seed}: crashes, cuts and losses, then all agree`, () => {
      const random = generator(seed * 7919)
      const size = 3 + 2 * random(2)
      const voters = Array.from({ length: size }, (_, i) => i + 1)
      const histories = new Map(voters.map((id) => [id, [random(3), random(5)] as const]))
      const mesh = new Mesh(majority(...voters), seed, histories)
      mesh.lossy = true
      for (const id of voters) mesh.look(id)
      for (let i = 0; i < 6; i++) {
        const [a, b] = [1 + random(size), 1 + random(size)]
        if (random(2) === 0) {
          mesh.crash(a)
          mesh.look(a)
        } else if (a !== b) {
          mesh.cut(a, b)
        }
        mesh.run(random(400), () => false)
      }
      mesh.heal()
      const settled = mesh.run(400_000, () => {
        for (const { id } of mesh.members.values()) {
          if (mesh.isDisappointed(id) && random(200) === 0) mesh.look(id)
        }
        return mesh.agreed()
      })
      ok(settled, describeAll(mesh))
      const leader = mesh.member(mesh.member(1).leader!)
      strictEqual(leader.leader, leader.id)
    })
  }
})
