// Another membership: who decides is asked of the one in force, at once.

import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Leader } from '../../../actors/zab/leader/leader.ts'
import { SyncRounds } from '../../../actors/zab/leader/sync-rounds.ts'
import { MalformedError } from '../../../protocol/bytes/jute-reader.ts'
import { utf8Bytes } from '../../../protocol/bytes/text.ts'
import { learnerInfoBytes } from '../../../protocol/quorum/learner-info.ts'
import { PacketType } from '../../../protocol/quorum/packet.ts'
import { membershipOf, type Roster } from '../../support/membership.ts'
import { CONFIG, int, packet, Recorder, transaction, z } from './ensemble-recorder.ts'
import { ZabBench } from './zab-bench.ts'

function tell(bench: ZabBench, roster: Roster): void {
  const { bytes } = membershipOf(roster)
  bench.zab.configured(bytes, 0, bytes.length)
}

describe('zab, told of a membership', () => {
  test('that is the one it has: nothing', () => {
    const bench = ZabBench.leading()
    tell(bench, CONFIG)
    deepStrictEqual(bench.taken(), [])
  })

  test('that is another: links and election hear of it, and it leads on', () => {
    const bench = ZabBench.leading()
    const roster = { voters: [2, 3, 4], version: 7n }
    tell(bench, roster)
    const { length } = membershipOf(roster).bytes
    deepStrictEqual(bench.taken(), ['links to 2,3,4', `election hears ${length} bytes`])
    strictEqual(bench.zab.role, 'leading')
  })

  test('in which it votes no more: its role ends', () => {
    const bench = ZabBench.leading()
    tell(bench, { voters: [1, 2], observers: [3] })
    deepStrictEqual(bench.taken().slice(2), ['fence', 'look'])
  })

  test('that is none: an error, since it is our own tree that says so', () => {
    const bench = ZabBench.leading()
    const bytes = utf8Bytes('server.1=nonsense')
    throws(() => bench.zab.configured(bytes, 0, bytes.length), MalformedError)
  })
})

describe('a leader', () => {
  /** Leads 5 with server 2, among these. */
  function leader(): {
    leader: Leader
    become(roster: Roster, next?: Roster): void
    taken(): string[]
  } {
    const recorder = new Recorder(z('4.4'), [], z('4.4'))
    let membership = membershipOf(CONFIG)
    const context = Object.defineProperty({ ...recorder.context(3) }, 'membership', {
      get: () => membership,
    })
    const role = new Leader(context)
    const taken = (): string[] => {
      role.endTurn()
      return recorder.taken()
    }
    role.start()
    role.linkOpened(1)
    role.packet(1, packet(PacketType.followerInfo, z('4.0'), learnerInfoBytes(2, 0n, 50)))
    role.epochSaved('accepted')
    role.packet(1, packet(PacketType.ackEpoch, z('4.4'), int(4)))
    role.epochSaved('current')
    role.packet(1, packet(PacketType.ack, z('5.0')))
    taken()
    return {
      leader: role,
      become: (roster, next) => {
        membership = membershipOf(roster, next ?? null)
      },
      taken,
    }
  }

  function propose(role: Leader, zxid: string): void {
    const bytes = transaction(z(zxid))
    role.propose(z(zxid), bytes, 0, bytes.length)
    role.synced(z(zxid))
    role.packet(1, packet(PacketType.ack, z(zxid)))
  }

  test('commits what two of three have, and not what two of five have', () => {
    const { leader: role, become, taken } = leader()
    propose(role, '5.1')
    strictEqual(taken().includes('committed 5.1'), true)
    become({ voters: [1, 2, 3, 4, 5] })
    propose(role, '5.2')
    strictEqual(taken().includes('committed 5.2'), false)
    become(CONFIG)
    role.packet(1, packet(PacketType.ack, z('5.2')))
    strictEqual(taken().includes('committed 5.2'), true)
  })

  test('needs a quorum of both while one configuration follows another', () => {
    const { leader: role, become, taken } = leader()
    become({ voters: [1, 2, 3] }, { voters: [3, 4, 5] })
    propose(role, '5.1')
    strictEqual(taken().includes('committed 5.1'), false)
    become({ voters: [1, 2, 3] }, { voters: [2, 3, 4] })
    propose(role, '5.2')
    strictEqual(taken().includes('committed 5.2'), true)
  })
})

test('a sync is confirmed by a quorum of the membership at the time of the answer', () => {
  const context = { membership: membershipOf({ voters: [1, 2, 3, 4, 5] }), serverId: 1 }
  const syncs = new SyncRounds(context)
  syncs.ask(0, z('5.0'))
  syncs.pinged([12], 0)
  syncs.answered(12, 2)
  deepStrictEqual(syncs.take(z('5.0')), [])
  context.membership = membershipOf({ voters: [1, 2, 3] })
  deepStrictEqual(
    syncs.take(z('5.0')).map(({ link }) => link),
    [0],
  )
})
