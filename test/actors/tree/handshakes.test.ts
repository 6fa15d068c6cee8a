// Handshakes and forwarded writes of a member whose leader changes.

import { deepStrictEqual, strictEqual } from 'node:assert'
import { describe, it } from 'node:test'
import { REVALIDATIONS_MAX } from '../../../protocol/limits.ts'
import { ServingMode } from '../../../protocol/messages/network.ts'
import type { SessionId } from '../../../protocol/session-id.ts'
import type { Zxid } from '../../../protocol/zxid.ts'
import { Bench, create } from './fixture.ts'

const MEMBER = {
  member: {
    serverId: 1,
    standaloneEnabled: true,
    multiAddressEnabled: false,
    learnerMode: ServingMode.follower,
    config: new Uint8Array(0),
    configVersion: 0 as Zxid,
  },
}
const FIRST_EPOCH = 0x1_0000_0000 as Zxid
const NEXT_EPOCH = 0x2_0000_0000 as Zxid

describe('a session that nobody knows', () => {
  it('is refused, but only closed on a client that has seen more than this server', () => {
    const bench = new Bench(MEMBER)
    bench.tree.recovered(0 as Zxid)
    bench.tree.lead(FIRST_EPOCH, false)
    for (const slot of [1, 2]) bench.tree.opened(slot, '10.0.0.1')
    bench.taken()
    bench.tree.refuse(1, FIRST_EPOCH)
    deepStrictEqual(bench.taken(), [['connected', 1, 0n, 0]])
    // Another leads by now, and this one has not noticed.
    bench.tree.refuse(2, (NEXT_EPOCH + 1) as Zxid)
    deepStrictEqual(bench.taken(), [['close', 2]])
  })
})

describe('a learner’s clients that come with sessions', () => {
  it('are so many while its leader says nothing; the next looks for another server', () => {
    const bench = new Bench(MEMBER)
    bench.tree.recovered(0 as Zxid)
    bench.tree.follow(FIRST_EPOCH)
    const attach = (slot: number): void => {
      bench.tree.opened(slot, '10.0.0.1')
      bench.tree.attach(slot, BigInt(slot) as SessionId, 4000, 0 as Zxid)
    }
    for (let slot = 1; slot <= REVALIDATIONS_MAX; slot++) attach(slot)
    bench.taken()
    attach(REVALIDATIONS_MAX + 1)
    deepStrictEqual(
      bench.taken().filter(([kind]) => kind === 'close' || kind === 'revalidate'),
      [['close', REVALIDATIONS_MAX + 1]],
    )
    bench.tree.revalidated(1n as SessionId, false)
    bench.taken()
    attach(REVALIDATIONS_MAX + 2)
    deepStrictEqual(
      bench.taken().map(([kind]) => kind),
      ['revalidate'],
    )
  })
})

describe('a write of a session that has moved', () => {
  it('is not answered: its connection is closed (ZOOKEEPER-710)', () => {
    const bench = new Bench(MEMBER)
    bench.tree.recovered(0 as Zxid)
    bench.tree.lead(FIRST_EPOCH, false)
    const id = bench.connect(1)
    bench.tree.revalidation(7, id, 4000)
    bench.taken()
    bench.send(1, create('/moved'))
    deepStrictEqual(
      bench.effects.filter(([kind]) => kind === 'close'),
      [['close', 1]],
    )
    deepStrictEqual(bench.replies, [])
    strictEqual(bench.exists('/moved'), false)
  })
})

describe('a forwarded write', () => {
  it('is answered after a change of leader that others were lost in', () => {
    const leader = Bench.serving()
    const id = leader.connect(1)
    leader.send(1, create('/lost'))
    leader.send(1, create('/kept'))
    const [opened, lost, kept] = leader.proposed

    const bench = new Bench(MEMBER)
    const { tree } = bench
    const apply = (txn: typeof opened): void => {
      tree.apply(txn!.zxid, txn!.bytes, 0, txn!.bytes.length)
    }
    tree.recovered(0 as Zxid)
    tree.follow(0 as Zxid)
    tree.opened(1, '10.0.0.1')
    tree.createSession(1, id, 4000, 0 as Zxid)
    apply(opened)
    bench.send(1, create('/lost'))
    tree.idle()
    tree.fenced()
    tree.follow(0 as Zxid)
    tree.opened(2, '10.0.0.1')
    tree.attach(2, id, 4000, 0 as Zxid)
    tree.revalidated(id, true)
    // The old connection's end is heard of only now.
    const xid = bench.send(2, create('/kept'))
    tree.closed(1)
    apply(lost)
    bench.taken()
    apply(kept)
    deepStrictEqual(
      bench.replies.map((reply) => reply.xid),
      [xid],
    )
    strictEqual(bench.exists('/kept'), true)
  })
})
