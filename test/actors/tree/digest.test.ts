// The tree's digest, against values computed with java.util.zip.CRC32 as ZooKeeper's
// DigestCalculator does it.

import { deepStrictEqual, strictEqual } from 'node:assert'
import { describe, it } from 'node:test'
import { TreeDigest } from '../../../actors/tree/store/tree-digest.ts'
import { Query } from '../../../protocol/messages/queries.ts'
import type { Zxid } from '../../../protocol/zxid.ts'
import { Bench, container, create, del, OPEN, set, setAcl } from './fixture.ts'

const HELLO = new TextEncoder().encode('hello')

describe('digest', () => {
  it('follows every change', () => {
    const bench = Bench.serving()
    const digest = () => bench.data.digest.toHex()
    strictEqual(digest(), '51c6d660')
    bench.connect(1)
    strictEqual(digest(), '51c6d660', 'sessions do not count')
    bench.ask(1, create('/a', { data: HELLO }))
    strictEqual(digest(), '52f3718b')
    bench.ask(1, set('/a', 'x'))
    strictEqual(digest(), '1294614c2', 'more than 32 bits')
    bench.ask(1, create('/a/e', { data: null, flags: 1 }))
    strictEqual(digest(), '145a149dc')
    bench.ask(1, del('/a/e'))
    strictEqual(digest(), '82a2c46c')
    bench.ask(1, container('/c'))
    strictEqual(digest(), '188947789')
    strictEqual(bench.mismatches, 0)
  })

  it('does not know what lies below /zookeeper', () => {
    const bench = Bench.serving()
    bench.connect(1)
    bench.create(1, '/zookeeper-like')
    const before = bench.data.digest.toHex()
    bench.ask(1, set('/zookeeper/quota', 'x'))
    strictEqual(bench.data.digest.toHex(), before)
    bench.ask(1, set('/zookeeper-like', 'x'))
    strictEqual(bench.data.digest.toHex() === before, false)
    strictEqual(bench.mismatches, 0)
  })

  it('counts aversion, not the access list itself', () => {
    const bench = Bench.serving()
    bench.connect(1)
    bench.create(1, '/a')
    const before = bench.data.digest.toHex()
    bench.ask(1, setAcl('/a', OPEN))
    strictEqual(bench.data.digest.toHex() === before, false)
    strictEqual(bench.mismatches, 0)
  })

  it('is predicted over any number of transactions under way', () => {
    const bench = Bench.serving()
    bench.connect(1)
    bench.committing = false
    for (let i = 0; i < 50; i++) {
      bench.send(1, create('/s-', { flags: 2 }))
      bench.send(1, set(`/s-000000000${i % 10}`, `${i}`))
      if (i % 7 === 0) bench.send(1, del(`/s-000000000${i % 10}`))
    }
    bench.commit()
    strictEqual(bench.mismatches, 0)
  })

  it('that is not what the transaction says is counted', () => {
    const bench = Bench.serving()
    bench.connect(1)
    bench.committing = false
    bench.send(1, create('/a'))
    const wrong = bench.proposed.at(-1)!.bytes
    wrong[wrong.length - 1]! ^= 1
    bench.tree.apply(3 as Zxid, wrong, 0, wrong.length)
    strictEqual(bench.mismatches, 1)
  })

  it('can be asked for, every 128th zxid', () => {
    const bench = Bench.serving()
    bench.connect(1)
    for (let i = 0; i < 300; i++) bench.ask(1, set('/', `${i}`))
    bench.taken()
    bench.tree.query(5, Query.digests)
    const [effect] = bench.taken()
    const history = effect?.[2] as [string, string][]
    deepStrictEqual([effect?.[1], history.map(([zxid]) => zxid)], [5, ['80', '100']])
  })

  it('carries and borrows between its words', () => {
    const digest = new TreeDigest()
    digest.replace(0, 0xffff_ffff)
    digest.replace(0, 2)
    strictEqual(digest.toHex(), '100000001')
    digest.replace(2, 0)
    digest.replace(0xffff_ffff, 0)
    digest.replace(1, 0)
    strictEqual(digest.toHex(), 'ffffffffffffffff')
    strictEqual(digest.toBigInt(), -1n)
  })
})
