// Writes one by one: which error wins, what becomes of the stat, how sequential names are made.

import { deepStrictEqual, strictEqual } from 'node:assert'
import { describe, it } from 'node:test'
import * as layout from '../../../actors/tree/store/node-layout.ts'
import type { Acl } from '../../../protocol/acl.ts'
import { ErrorCode } from '../../../protocol/error-code.ts'
import { OpCode } from '../../../protocol/op-code.ts'
import { readStat, type Stat } from '../../../protocol/stat.ts'
import type { Operation } from '../../simulator/model/operation.ts'
import {
  ANN,
  Bench,
  container,
  create,
  create2,
  del,
  set,
  setAcl,
  ttl,
  WALL_MS,
} from './fixture.ts'

const NOBODY: readonly Acl[] = [{ perms: 0, id: { scheme: 'world', id: 'anyone' } }]
const LOCKED: readonly Acl[] = [{ perms: 31, id: ANN }]
const BAD_ACL: readonly Acl[] = [{ perms: 31, id: { scheme: 'world', id: 'everyone' } }]

/** /open, /locked (ann's alone) with /locked/child, /eph (ephemeral). */
function furnished(options = {}): Bench {
  const bench = Bench.serving(options)
  bench.connect(1)
  bench.connect(2, ANN)
  bench.create(1, '/open')
  bench.create(2, '/locked', { acl: LOCKED })
  bench.create(2, '/locked/child', { acl: LOCKED })
  bench.create(1, '/eph', { flags: 1 })
  bench.create(1, '/full')
  bench.create(1, '/full/child')
  return bench
}

/** Each request breaks several rules; the first in ZooKeeper's order answers. */
const CHECKS: readonly [what: string, op: Operation, error: number][] = [
  ['create: flags before anything', create('bad', { flags: 7, acl: [] }), ErrorCode.badArguments],
  ['create: flags below zero', create('/x', { flags: -1 }), ErrorCode.badArguments],
  ['create: a TTL mode as a plain create', create('/x', { flags: 5 }), ErrorCode.badArguments],
  ['create: TTL of zero', ttl('/none/x', 0), ErrorCode.badArguments],
  ['create: TTL too long', ttl('/x', 2 ** 40), ErrorCode.badArguments],
  ['create: TTL in a mode without', ttl('/x', 5, 0), ErrorCode.badArguments],
  ['create: path without a slash', create('x', { acl: [] }), ErrorCode.badArguments],
  ['create: NUL', create('/none/a\0b', { acl: [] }), ErrorCode.badArguments],
  ['create: no list before no parent', create('/none/x', { acl: null }), ErrorCode.invalidACL],
  ['create: empty list', create('/none/x', { acl: [] }), ErrorCode.invalidACL],
  ['create: unacceptable list', create('/none/x', { acl: BAD_ACL }), ErrorCode.invalidACL],
  ['create: no parent before bad path', create('/none/../x'), ErrorCode.noNode],
  ['create: no right before exists', create('/locked/child'), ErrorCode.noAuth],
  ['create: bad path after its parent', create('/open/..'), ErrorCode.badArguments],
  ['create: empty name', create('/open/'), ErrorCode.badArguments],
  ['create: exists', create('/open', { flags: 1 }), ErrorCode.nodeExists],
  ['create: the root exists', create('/'), ErrorCode.nodeExists],
  ['create: below an ephemeral', create('/eph/x'), ErrorCode.noChildrenForEphemerals],
  ['delete: protected before everything', del('/zookeeper', 9), ErrorCode.badArguments],
  ['delete: the root', del('/'), ErrorCode.badArguments],
  ['delete: the quota node', del('/zookeeper/quota'), ErrorCode.badArguments],
  ['delete: no parent', del('/none/x'), ErrorCode.noNode],
  ['delete: no right before no node', del('/locked/none'), ErrorCode.noAuth],
  ['delete: the right is asked of the parent', del('/locked', 9), ErrorCode.badVersion],
  ['delete: no node', del('/none'), ErrorCode.noNode],
  ['delete: version before children', del('/full', 3), ErrorCode.badVersion],
  ['delete: children', del('/full'), ErrorCode.notEmpty],
  ['setData: bad path before no node', set('/none/', ''), ErrorCode.badArguments],
  ['setData: no node', set('/none', ''), ErrorCode.noNode],
  ['setData: no right before version', set('/locked', '', 7), ErrorCode.noAuth],
  ['setData: version', set('/open', '', 7), ErrorCode.badVersion],
  ['setACL: bad path before the list', setAcl('/open/', []), ErrorCode.badArguments],
  ['setACL: the list before no node', setAcl('/none', []), ErrorCode.invalidACL],
  ['setACL: no node', setAcl('/none', NOBODY), ErrorCode.noNode],
  ['setACL: no right before version', setAcl('/locked', NOBODY, 7), ErrorCode.noAuth],
  ['setACL: against aversion', setAcl('/open', NOBODY, 1), ErrorCode.badVersion],
]

describe('the order of checks', () => {
  for (const [what, op, error] of CHECKS) {
    it(what, () => {
      const bench = furnished()
      const before = bench.data.digest.toHex()
      strictEqual(bench.error(1, op), error)
      strictEqual(bench.data.digest.toHex(), before, 'nothing has changed')
      strictEqual(bench.proposed.at(-1)!.type, OpCode.error, 'and yet it took a zxid')
    })
  }

  it('TTL modes are unknown without extended types, whatever the TTL', () => {
    const bench = Bench.serving({ extendedTypes: false })
    bench.connect(1)
    strictEqual(bench.error(1, ttl('/x', 0)), ErrorCode.unimplemented)
  })

  it('a malformed request is an error and costs a zxid', () => {
    const bench = furnished()
    bench.deliver(() => bench.tree.request(1, 99, OpCode.create, new Uint8Array(3), 0, 3))
    strictEqual(bench.replies.at(-1)!.err, ErrorCode.marshallingError)
  })

  it('a session that is closing writes no more', () => {
    const bench = furnished()
    bench.committing = false
    bench.taken()
    bench.tree.expire(bench.data.owner(nodeOf(bench, '/eph')))
    bench.send(1, create('/late'))
    const effects = bench.commit()
    strictEqual(bench.exists('/late'), false)
    strictEqual(bench.exists('/eph'), false)
    deepStrictEqual(
      effects.filter(([name]) => name === 'reply'),
      [],
      'its connection is closed, not answered',
    )
  })
})

describe('stat', () => {
  const later = (bench: Bench): number => {
    bench.clock.wallMs += 1000
    return bench.clock.wallMs
  }

  it('of a new node', () => {
    const bench = Bench.serving()
    const session = bench.connect(1)
    const reply = bench.ask(1, create2('/e', { flags: 1, data: new Uint8Array(5) }))
    strictEqual(reply.body.text(), '/e')
    deepStrictEqual(readStat(reply.body), {
      czxid: 2,
      mzxid: 2,
      ctime: WALL_MS,
      mtime: WALL_MS,
      version: 0,
      cversion: 0,
      aversion: 0,
      ephemeralOwner: session,
      dataLength: 5,
      numChildren: 0,
      pzxid: 2,
    } as unknown as Stat)
  })

  it('containers and TTL nodes report no owner', () => {
    const bench = Bench.serving()
    bench.connect(1)
    bench.ask(1, container('/c'))
    bench.ask(1, ttl('/t', 1000))
    strictEqual(bench.stat(1, '/c').ephemeralOwner, 0n)
    strictEqual(bench.stat(1, '/t').ephemeralOwner, 0n)
    strictEqual(bench.data.owner(nodeOf(bench, '/t')), BigInt.asIntN(64, (0xffn << 56n) | 1000n))
  })

  it('setData moves version, mzxid and mtime; setACL aversion alone', () => {
    const bench = Bench.serving()
    bench.connect(1)
    bench.create(1, '/a')
    const before = bench.stat(1, '/a')
    const mtime = later(bench)
    const afterSet = readStat(bench.ask(1, set('/a', 'xyz')).body)
    deepStrictEqual(afterSet, { ...before, version: 1, mzxid: 3, mtime, dataLength: 3 })
    later(bench)
    const open = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }]
    const afterAcl = readStat(bench.ask(1, setAcl('/a', open)).body)
    deepStrictEqual(afterAcl, { ...afterSet, aversion: 1 })
  })

  it('null data has length 0 and stays null', () => {
    const bench = Bench.serving()
    bench.connect(1)
    bench.create(1, '/a')
    strictEqual(readStat(bench.ask(1, set('/a', null)).body).dataLength, 0)
    strictEqual(
      bench.ask(1, { type: OpCode.getData, path: '/a', watch: false }).body.buffer(),
      null,
    )
  })

  it('cversion counts creates and deletes of children, pzxid is the last of them', () => {
    const bench = Bench.serving()
    bench.connect(1)
    bench.create(1, '/p')
    for (const name of ['a', 'b', 'c']) bench.create(1, `/p/${name}`)
    bench.ask(1, del('/p/b'))
    const { cversion, numChildren, pzxid, mzxid, version } = bench.stat(1, '/p')
    deepStrictEqual(
      { cversion, numChildren, pzxid, mzxid, version },
      { cversion: 4, numChildren: 2, pzxid: 6, mzxid: 2, version: 0 },
    )
    bench.ask(1, set('/p/a', 'x'))
    strictEqual(bench.stat(1, '/p').pzxid, 6, 'data of a child is no change of the parent')
  })

  it('a version never becomes -1, which means any', () => {
    const bench = Bench.serving()
    bench.connect(1)
    bench.create(1, '/a')
    bench.data.store.setWord(nodeOf(bench, '/a'), layout.VERSION, -2)
    strictEqual(readStat(bench.ask(1, set('/a', 'x')).body).version, 0)
  })

  it('version wraps around', () => {
    const bench = Bench.serving()
    bench.connect(1)
    bench.create(1, '/a')
    bench.data.store.setWord(nodeOf(bench, '/a'), layout.VERSION, 0x7fff_ffff)
    strictEqual(readStat(bench.ask(1, set('/a', 'x')).body).version, -0x8000_0000)
  })
})

describe('sequential names', () => {
  it('count every create of a child, sequential or not, and no delete', () => {
    const bench = Bench.serving()
    bench.connect(1)
    bench.create(1, '/p')
    strictEqual(bench.create(1, '/p/s-', { flags: 2 }), '/p/s-0000000000')
    bench.create(1, '/p/plain')
    bench.ask(1, del('/p/plain'))
    strictEqual(bench.create(1, '/p/e-', { flags: 3 }), '/p/e-0000000002')
    strictEqual(bench.create(1, '/p/', { flags: 2 }), '/p/0000000003')
    strictEqual(bench.ask(1, ttl('/p/t-', 50, 6)).body.text(), '/p/t-0000000004')
  })

  it('count what is under way', () => {
    const bench = Bench.serving()
    bench.connect(1)
    bench.create(1, '/p')
    bench.committing = false
    for (let i = 0; i < 3; i++) bench.send(1, create('/p/s-', { flags: 2 }))
    bench.commit()
    for (const n of [0, 1, 2]) strictEqual(bench.exists(`/p/s-000000000${n}`), true)
  })

  it('overflow as an int does', () => {
    const bench = Bench.serving()
    bench.connect(1)
    bench.create(1, '/p')
    bench.data.store.setWord(nodeOf(bench, '/p'), layout.CVERSION, 0x7fff_fffe)
    strictEqual(bench.create(1, '/p/s-', { flags: 2 }), '/p/s-2147483646')
    strictEqual(bench.create(1, '/p/s-', { flags: 2 }), '/p/s-2147483647')
    strictEqual(bench.create(1, '/p/s-', { flags: 2 }), '/p/s--2147483648')
    strictEqual(bench.create(1, '/p/s-', { flags: 2 }), '/p/s--2147483647')
    strictEqual(bench.mismatches, 0)
  })
})

function nodeOf(bench: Bench, path: string): number {
  const bytes = new TextEncoder().encode(path)
  return bench.data.find(bytes, 0, bytes.length)
}
