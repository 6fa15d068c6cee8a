// Access lists, quotas, and the cleaner of containers and TTL nodes.

import { deepStrictEqual, strictEqual } from 'node:assert'
import { describe, it } from 'node:test'
import { fixAcls } from '../../../actors/tree/writes/acl-rules.ts'
import { type Acl, type Id, readAcls } from '../../../protocol/acl.ts'
import { ErrorCode } from '../../../protocol/error-code.ts'
import { OpCode } from '../../../protocol/op-code.ts'
import type { Operation } from '../../simulator/model/operation.ts'
import {
  ANN,
  Bench,
  children,
  container,
  create,
  del,
  get,
  multi,
  OPEN,
  set,
  setAcl,
  ttl,
} from './fixture.ts'

const BOB: Id = { scheme: 'digest', id: 'bob:hash' }
const AUTH: Id = { scheme: 'auth', id: 'whatever' }
const acl = (perms: number, id: Id): Acl => ({ perms, id })

function withAcl(...acls: Acl[]): Bench {
  const bench = Bench.serving()
  bench.connect(1)
  bench.connect(2, ANN)
  bench.connect(3, { scheme: 'super', id: '' })
  bench.create(3, '/n', { acl: acls })
  return bench
}

function aclOf(bench: Bench, slot: number, path: string): readonly Acl[] | null {
  return readAcls(bench.ask(slot, { type: OpCode.getACL, path }).body)
}

describe('names of certificates in access lists', () => {
  const CASES: readonly (readonly [id: string, schemes: readonly string[], isGood: boolean])[] = [
    ['CN=alice,O=Example', ['x509'], true],
    ['alice', ['x509'], false],
    ['CN=alice', ['ip'], false],
  ]
  for (const [id, schemes, isGood] of CASES) {
    it(`${id} with ${schemes}: ${isGood}`, () => {
      const list = [acl(31, { scheme: 'x509', id })]
      deepStrictEqual(fixAcls(list, [], { schemes: new Set(schemes) }), isGood ? list : null)
    })
  }
})

describe('access lists', () => {
  const RIGHTS: readonly [what: string, perms: number, op: Operation][] = [
    ['read: getData', 1, get('/n')],
    ['read: getChildren', 1, children('/n')],
    ['read: exists', 1, { type: OpCode.exists, path: '/n', watch: false }],
    ['read: the number of descendants', 1, { type: OpCode.getAllChildrenNumber, path: '/n' }],
    ['read or admin: getACL', 17, { type: OpCode.getACL, path: '/n' }],
    ['write: setData', 2, set('/n', '')],
    ['create: a child', 4, create('/n/child')],
    ['delete: a child', 8, del('/n/old')],
    ['admin: setACL', 16, setAcl('/n', OPEN)],
  ]
  for (const [what, perms, op] of RIGHTS) {
    it(`${what} needs that right and no other`, () => {
      for (const bit of [1, 2, 4, 8, 16]) {
        const bench = withAcl(acl(bit, ANN))
        bench.create(3, '/n/old')
        const expected = (perms & bit) !== 0 ? ErrorCode.ok : ErrorCode.noAuth
        strictEqual(bench.error(1, op), ErrorCode.noAuth, 'a stranger')
        strictEqual(bench.error(2, op), expected, `with ${bit}`)
      }
      const bench = withAcl(acl(0, ANN))
      bench.create(3, '/n/old')
      strictEqual(bench.error(3, op), ErrorCode.ok, 'the superuser')
    })
  }

  it('are not inherited', () => {
    const bench = withAcl(acl(31, ANN))
    bench.create(2, '/n/open')
    strictEqual(bench.error(1, get('/n/open')), ErrorCode.ok)
    strictEqual(bench.error(1, del('/n/open')), ErrorCode.noAuth)
  })

  it('keep no event from anybody when they are off', () => {
    for (const skipAcl of [false, true]) {
      const bench = Bench.serving({ skipAcl })
      bench.connect(1)
      const secret = [acl(31, ANN)]
      bench.ask(1, { type: OpCode.exists, path: '/s', watch: true })
      bench.create(1, '/s', { acl: secret })
      const [, , , , nodeAcls] = bench.effects.find(([name]) => name === 'changed') ?? []
      deepStrictEqual(nodeAcls, skipAcl ? null : secret)
    }
  })

  it('do not count when they are off', () => {
    const bench = Bench.serving({ skipAcl: true })
    bench.connect(1)
    bench.create(1, '/n', { acl: [acl(0, ANN)] })
    strictEqual(bench.error(1, get('/n')), ErrorCode.ok)
    strictEqual(bench.error(1, set('/n', '')), ErrorCode.ok)
  })

  it('are checked against lists under way', () => {
    const bench = withAcl(...OPEN)
    bench.committing = false
    bench.send(3, setAcl('/n', [acl(31, ANN)]))
    bench.send(1, set('/n', 'too late'))
    bench.commit()
    bench.committing = true
    strictEqual(bench.text(3, '/n'), '')
  })

  it('by address', () => {
    const bench = withAcl(acl(31, { scheme: 'ip', id: '10.0.0.0/8' }))
    strictEqual(bench.error(1, get('/n')), ErrorCode.ok)
    const other = withAcl(acl(31, { scheme: 'ip', id: '10.0.0.2' }))
    strictEqual(other.error(1, get('/n')), ErrorCode.noAuth)
  })

  it('auth stands for every proven identity of the requester', () => {
    const bench = Bench.serving()
    bench.connect(1, ANN, BOB)
    bench.connect(2)
    bench.create(1, '/n', { acl: [acl(31, AUTH)] })
    deepStrictEqual(aclOf(bench, 1, '/n'), [acl(31, ANN), acl(31, BOB)])
    strictEqual(bench.error(2, create('/x', { acl: [acl(31, AUTH)] })), ErrorCode.invalidACL)
  })

  it('lose their duplicates', () => {
    const bench = withAcl(acl(31, ANN), acl(31, ANN), acl(1, ANN))
    deepStrictEqual(aclOf(bench, 3, '/n'), [acl(31, ANN), acl(1, ANN)])
  })

  it('show hashes to an admin alone (CVE-2019-0201)', () => {
    const bench = withAcl(acl(1, { scheme: 'world', id: 'anyone' }), acl(31, ANN))
    const world = acl(1, { scheme: 'world', id: 'anyone' })
    const masked = acl(31, { scheme: 'digest', id: 'ann:x' })
    deepStrictEqual(aclOf(bench, 1, '/n'), [world, masked])
    deepStrictEqual(aclOf(bench, 2, '/n'), [world, acl(31, ANN)])
  })

  const REFUSED: readonly [what: string, id: Id][] = [
    ['world but anyone', { scheme: 'world', id: 'someone' }],
    ['a digest without a colon', { scheme: 'digest', id: 'ann' }],
    ['a digest with two', { scheme: 'digest', id: 'a:b:c' }],
    ['no address', { scheme: 'ip', id: '300.1.1.1' }],
    ['an address with too long a prefix', { scheme: 'ip', id: '10.0.0.0/33' }],
    ['a scheme nobody knows', { scheme: 'kerberos', id: 'ann' }],
  ]
  for (const [what, id] of REFUSED) {
    it(`refuse ${what}`, () => {
      const bench = withAcl(...OPEN)
      strictEqual(bench.error(1, create('/x', { acl: [acl(31, id)] })), ErrorCode.invalidACL)
      strictEqual(bench.error(1, setAcl('/n', [acl(31, id)])), ErrorCode.invalidACL)
    })
  }
})

describe('a disk that is nearly full', () => {
  it('takes nothing more, but lets go; and takes again when there is room', () => {
    let isScarce = false
    const bench = Bench.serving({ isDiskScarce: () => isScarce })
    bench.connect(1)
    for (const path of ['/a', '/b', '/c']) bench.create(1, path)
    isScarce = true
    strictEqual(bench.error(1, create('/d')), ErrorCode.quotaExceeded)
    strictEqual(bench.error(1, set('/a', 'x')), ErrorCode.quotaExceeded)
    strictEqual(bench.error(1, del('/b')), ErrorCode.ok)
    isScarce = false
    strictEqual(bench.error(1, create('/d')), ErrorCode.ok)
    strictEqual(bench.error(1, set('/a', 'x')), ErrorCode.ok)
  })
})

describe('a session that owns as many nodes as it may', () => {
  it('gets no other ephemeral node until one goes; others do, and it gets lasting ones', () => {
    const bench = Bench.serving({ ephemeralsPerSessionMax: 2 })
    bench.connect(1)
    bench.connect(2)
    for (const path of ['/a', '/b']) bench.create(1, path, { flags: 1 })
    strictEqual(bench.error(1, create('/c', { flags: 1 })), ErrorCode.quotaExceeded)
    strictEqual(bench.error(1, create('/c')), ErrorCode.ok)
    strictEqual(bench.error(2, create('/d', { flags: 1 })), ErrorCode.ok)
    strictEqual(bench.error(1, del('/a')), ErrorCode.ok)
    strictEqual(bench.error(1, create('/e', { flags: 1 })), ErrorCode.ok)
  })
})

describe('quotas', () => {
  const limited = (limits: string): Bench => {
    const bench = Bench.serving({ enforceQuota: true })
    bench.connect(1)
    bench.create(1, '/a')
    bench.create(1, '/a/b', { data: new Uint8Array(10) })
    bench.create(1, '/zookeeper/quota/a')
    const data = new TextEncoder().encode(limits)
    bench.create(1, '/zookeeper/quota/a/zookeeper_limits', { data })
    bench.create(1, '/zookeeper/quota/a/zookeeper_stats')
    return bench
  }
  const usage = (bench: Bench): string => bench.text(1, '/zookeeper/quota/a/zookeeper_stats')

  it('count what is there and what comes and goes', () => {
    const bench = limited('count=-1,bytes=-1')
    strictEqual(usage(bench), 'count=2,bytes=10')
    bench.create(1, '/a/c', { data: new Uint8Array(5) })
    strictEqual(usage(bench), 'count=3,bytes=15')
    bench.ask(1, set('/a/b', 'abc'))
    strictEqual(usage(bench), 'count=3,bytes=8')
    bench.ask(1, del('/a/c'))
    strictEqual(usage(bench), 'count=2,bytes=3')
    bench.create(1, '/ab', { data: new Uint8Array(9) })
    strictEqual(usage(bench), 'count=2,bytes=3', '/ab is not below /a')
    strictEqual(bench.mismatches, 0)
  })

  it('forbid above a hard limit, not above a soft one', () => {
    const hard = limited('count=-1,bytes=-1=;byteHardLimit=20;countHardLimit=3')
    strictEqual(hard.error(1, set('/a/b', 'x'.repeat(21))), ErrorCode.quotaExceeded)
    strictEqual(hard.error(1, set('/a/b', 'x'.repeat(20))), ErrorCode.ok)
    strictEqual(hard.error(1, create('/a/c')), ErrorCode.ok)
    strictEqual(hard.error(1, create('/a/d')), ErrorCode.quotaExceeded)
    const soft = limited('count=1,bytes=1')
    strictEqual(soft.error(1, create('/a/c', { data: new Uint8Array(99) })), ErrorCode.ok)
  })

  it('end with their limit node', () => {
    const bench = limited('count=-1,bytes=-1=;byteHardLimit=-1;countHardLimit=2')
    strictEqual(bench.error(1, create('/a/c')), ErrorCode.quotaExceeded)
    bench.ask(1, del('/zookeeper/quota/a/zookeeper_limits'))
    strictEqual(bench.error(1, create('/a/c')), ErrorCode.ok)
  })
})

describe('the cleaner', () => {
  const serving = (options = {}): Bench => {
    const bench = Bench.serving(options)
    bench.connect(1)
    bench.ask(1, container('/c'))
    return bench
  }
  const pass = (bench: Bench, ms: number): void => {
    bench.clock.nowMs += ms
    bench.clock.wallMs += ms
    bench.deliver(() => bench.tree.tick())
  }

  it('takes a container that had children and is empty', () => {
    const bench = serving()
    bench.create(1, '/c/x')
    pass(bench, 1)
    strictEqual(bench.exists('/c'), true)
    bench.ask(1, del('/c/x'))
    pass(bench, 1)
    strictEqual(bench.exists('/c'), false)
    strictEqual(bench.mismatches, 0)
  })

  it('takes one that never had any after five minutes', () => {
    const bench = serving()
    pass(bench, 300_000)
    strictEqual(bench.exists('/c'), true)
    pass(bench, 1)
    strictEqual(bench.exists('/c'), false)
    const patient = serving({ containerMaxNeverUsedIntervalMs: 0 })
    pass(patient, 1e12)
    strictEqual(patient.exists('/c'), true)
  })

  it('takes a TTL node after its time without a change or a child', () => {
    const bench = serving()
    bench.ask(1, ttl('/t', 1000))
    pass(bench, 1000)
    strictEqual(bench.exists('/t'), true)
    bench.ask(1, set('/t', 'alive'))
    pass(bench, 1000)
    strictEqual(bench.exists('/t'), true)
    bench.create(1, '/t/child')
    pass(bench, 5000)
    strictEqual(bench.exists('/t'), true)
    bench.ask(1, del('/t/child'))
    pass(bench, 1)
    strictEqual(bench.exists('/t'), false)
  })

  it('leaves alone what is changing', () => {
    const bench = serving()
    bench.create(1, '/c/x')
    bench.ask(1, del('/c/x'))
    bench.committing = false
    bench.send(1, multi(del('/c'), create('/c')))
    pass(bench, 1)
    bench.commit()
    strictEqual(bench.exists('/c'), true)
    strictEqual(bench.mismatches, 0)
  })

  it('leaves a container alone that is getting a child', () => {
    const bench = serving()
    bench.create(1, '/c/x')
    bench.ask(1, del('/c/x'))
    bench.committing = false
    bench.send(1, create('/c/y'))
    pass(bench, 1)
    bench.commit()
    strictEqual(bench.exists('/c/y'), true)
  })

  it('takes no more at a time than it may', () => {
    const bench = Bench.serving({ containerMaxPerMinute: 3 })
    bench.connect(1)
    for (let i = 0; i < 10; i++) bench.ask(1, ttl(`/t${i}`, 1))
    const before = bench.proposed.length
    pass(bench, 10)
    strictEqual(bench.proposed.length - before, 3)
  })

  it('is due when its interval has passed since it was last', () => {
    const bench = serving()
    strictEqual(bench.tree.nextTickMs(), 61_000)
    pass(bench, 70_000)
    strictEqual(bench.tree.nextTickMs(), 131_000)
  })
})
