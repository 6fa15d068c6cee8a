// Sessions and what they own: ephemerals under way, the close in several transactions, connections
// that come and go.

import { deepStrictEqual, ok, strictEqual } from 'node:assert'
import { describe, it } from 'node:test'
import { NodeWrite } from '../../../actors/tree/store/node-write.ts'
import { JuteReader } from '../../../protocol/bytes/jute-reader.ts'
import { ErrorCode } from '../../../protocol/error-code.ts'
import { OpCode } from '../../../protocol/op-code.ts'
import { readStrings } from '../../../protocol/records/strings.ts'
import { SESSION_NONE } from '../../../protocol/session-id.ts'
import { readTxnHeader } from '../../../protocol/txn.ts'
import type { Zxid } from '../../../protocol/zxid.ts'
import { Bench, create, del, IDENTITIES, multi, OPEN, type Proposed, set } from './fixture.ts'

const EPHEMERAL = { flags: 1 }

/** What a close deletes. */
function listed({ bytes }: Proposed): string[] {
  const reader = new JuteReader(bytes)
  readTxnHeader(reader)
  return readStrings(reader).sort()
}

function serving(): Bench {
  const bench = Bench.serving()
  bench.connect(1)
  bench.connect(2)
  return bench
}

describe('a session', () => {
  it('is opened by a transaction and told to everybody', () => {
    const bench = Bench.serving()
    bench.tree.opened(1, '10.0.0.1')
    bench.deliver(() => bench.tree.createSession(1, 0x77n as never, 4000, 0 as Zxid))
    deepStrictEqual(bench.taken(), [
      ['sessionOpened', 0x77n, 4000],
      ['identities', 1, IDENTITIES],
      ['connected', 1, 0x77n, 4000],
    ])
  })

  it('may begin before the network loop has told where its connection is from', () => {
    const bench = Bench.serving()
    bench.deliver(() => bench.tree.createSession(1, 0x77n as never, 4000, 0 as Zxid))
    bench.taken()
    bench.tree.opened(1, '10.0.0.1')
    deepStrictEqual(bench.taken(), [['identities', 1, IDENTITIES]])
  })

  it('is refused silently to a client that has seen more', () => {
    const bench = Bench.serving()
    bench.tree.opened(1, '10.0.0.1')
    bench.taken()
    bench.tree.createSession(1, 0x77n as never, 4000, 5 as Zxid)
    deepStrictEqual(bench.taken(), [
      ['sessionClosed', 0x77n],
      ['close', 1],
    ])
  })

  it('can be continued by another connection while it lives', () => {
    const bench = serving()
    const id = bench.connect(3)
    bench.tree.opened(4, '10.0.0.1')
    bench.taken()
    bench.tree.detach(3)
    bench.tree.attach(4, id, 5000, 0 as Zxid)
    deepStrictEqual(bench.taken(), [
      ['close', 3],
      ['identities', 4, IDENTITIES],
      ['connected', 4, id, 5000],
    ])
    bench.deliver(() => bench.tree.expire(id))
    bench.tree.attach(4, id, 5000, 0 as Zxid)
    deepStrictEqual(bench.taken().at(-1), ['connected', 4, SESSION_NONE, 0])
  })

  it('that nobody knows is closed again when it is to expire', () => {
    const bench = serving()
    bench.tree.expire(0x999n as never)
    deepStrictEqual(bench.taken(), [['sessionClosed', 0x999n]])
  })

  it('expires once, and its connection is closed', () => {
    const bench = serving()
    const id = bench.connect(3)
    bench.committing = false
    bench.tree.expire(id)
    bench.tree.expire(id)
    strictEqual(bench.proposed.filter(({ type }) => type === OpCode.closeSession).length, 1)
    deepStrictEqual(bench.commit(), [
      ['sessionClosed', id],
      ['close', 3],
    ])
  })

  it('closed by its client is answered, then its connection ends', () => {
    const bench = serving()
    const id = bench.connect(3)
    bench.send(3, { type: OpCode.closeSession })
    deepStrictEqual(bench.taken(), [
      ['sessionClosed', id],
      ['reply', 3, 1, 4, 0, 'close'],
    ])
    bench.send(3, create('/late'))
    deepStrictEqual(bench.taken(), [], 'what comes after it is not heard')
  })
})

describe('ephemerals', () => {
  it('go with their session, and fire', () => {
    const bench = serving()
    const id = bench.connect(3)
    bench.create(3, '/e', EPHEMERAL)
    bench.create(1, '/p')
    bench.create(3, '/p/e', EPHEMERAL)
    bench.create(1, '/other', EPHEMERAL)
    bench.taken()
    bench.deliver(() => bench.tree.expire(id))
    const told = bench.taken().filter(([name]) => name === 'changed')
    deepStrictEqual(told.map((effect) => effect[3]).sort(), ['/e', '/p/e'])
    strictEqual(bench.exists('/e') || bench.exists('/p/e'), false)
    strictEqual(bench.exists('/other'), true)
    deepStrictEqual(bench.stat(1, '/p').pzxid, bench.proposed.at(-1)!.zxid)
    strictEqual(bench.mismatches, 0)
  })

  it('under way are deleted, those whose delete is under way are not', () => {
    const bench = serving()
    const id = bench.connect(3)
    bench.create(3, '/gone', EPHEMERAL)
    bench.create(3, '/kept', EPHEMERAL)
    bench.committing = false
    bench.send(1, del('/gone'))
    bench.send(3, create('/new', EPHEMERAL))
    bench.send(3, multi(create('/many', EPHEMERAL), set('/kept', 'x')))
    bench.tree.expire(id)
    deepStrictEqual(listed(bench.proposed.at(-1)!), ['/kept', '/many', '/new'])
    bench.commit()
    for (const path of ['/gone', '/kept', '/new', '/many']) strictEqual(bench.exists(path), false)
    strictEqual(bench.mismatches, 0)
  })

  it('made again by somebody else are no longer the session’s', () => {
    const bench = serving()
    const id = bench.connect(3)
    bench.create(3, '/lock', EPHEMERAL)
    bench.create(3, '/node', EPHEMERAL)
    bench.committing = false
    bench.send(1, multi(del('/lock'), create('/lock', EPHEMERAL)))
    bench.send(1, multi(del('/node'), create('/node')))
    bench.tree.expire(id)
    deepStrictEqual(listed(bench.proposed.at(-1)!), [])
    bench.commit()
    strictEqual(bench.exists('/lock') && bench.exists('/node'), true)
    strictEqual(bench.mismatches, 0)
  })

  it('of a failed multi were never there', () => {
    const bench = serving()
    const id = bench.connect(3)
    bench.committing = false
    bench.send(3, multi(create('/x', EPHEMERAL), del('/none')))
    bench.tree.expire(id)
    deepStrictEqual(listed(bench.proposed.at(-1)!), [])
  })

  it('are listed for their owner alone, by prefix', () => {
    const bench = serving()
    bench.create(1, '/a1', EPHEMERAL)
    bench.create(1, '/b1', EPHEMERAL)
    bench.create(2, '/a2', EPHEMERAL)
    const list = (path: string) =>
      readStrings(bench.ask(1, { type: OpCode.getEphemerals, path }).body).sort()
    deepStrictEqual(list('/a'), ['/a1'])
    deepStrictEqual(list('/'), ['/a1', '/b1'])
    deepStrictEqual(list(''), ['/a1', '/b1'])
  })

  it('so many that one close would not hold them go in several transactions', () => {
    const bench = Bench.serving({ txnBytesMax: 2000 })
    const id = bench.connect(1)
    for (let i = 0; i < 200; i++) bench.create(1, `/ephemeral-with-a-name-${i}`, EPHEMERAL)
    const before = bench.proposed.length
    bench.deliver(() => bench.tree.expire(id))
    const closing = bench.proposed.slice(before)
    ok(closing.length > 5, `${closing.length} transactions`)
    ok(
      closing.every(({ bytes }) => bytes.length <= 2000),
      'each within the bound',
    )
    deepStrictEqual(
      closing.map(({ type }) => type),
      [...Array(closing.length - 1).fill(OpCode.multi), OpCode.closeSession],
    )
    strictEqual(bench.data.ephemeralCount, 0)
    strictEqual(bench.data.sessions.count, 0)
    strictEqual(bench.mismatches, 0)
  })

  it('very many go step by step, and others are served between them', () => {
    const bench = Bench.serving({ txnBytesMax: 1_000_000 })
    const [id] = [bench.connect(1), bench.connect(2)]
    bench.create(1, '/p')
    for (let i = 0; i < 5000; i += 1000) {
      const ops = Array.from({ length: 1000 }, (_, k) => create(`/p/e${i + k}`, EPHEMERAL))
      bench.ask(1, multi(...ops))
    }
    bench.turning = false
    const before = bench.proposed.length
    bench.committing = false
    bench.deliver(() => bench.tree.expire(id))
    for (let turn = 0; turn < 5; turn++) strictEqual(bench.tree.endTurn(), false)
    strictEqual(bench.proposed.length - before, 1, 'the next waits for the commit of the first')
    bench.committing = true
    bench.tree.committed(bench.proposed.at(-1)!.zxid)
    const left = () => bench.data.ephemeralCount
    ok(left() > 3000 && left() < 5000)
    // Nothing can be added to it.
    strictEqual(bench.error(1, create('/p/late', EPHEMERAL)), ErrorCode.sessionExpired)
    for (let turns = 0; bench.data.sessions.count > 1; turns++) {
      ok(turns < 50)
      strictEqual(bench.text(2, '/p'), '')
      strictEqual(bench.error(2, set('/p', '')), ErrorCode.ok)
      const had = left()
      bench.deliver(() => bench.tree.endTurn())
      ok(had - left() < 1500, `${had - left()} in one step`)
    }
    const types = bench.proposed.slice(before).map(({ type }) => type)
    strictEqual(types.filter((type) => type === OpCode.closeSession).length, 1)
    strictEqual(left(), 0)
    strictEqual(bench.mismatches, 0)
    strictEqual(bench.tree.endTurn(), false)
  })

  it('whose leader goes in the middle of it are closed by the next', () => {
    const bench = Bench.serving({ txnBytesMax: 1_000_000 })
    const id = bench.connect(1)
    bench.create(1, '/p')
    for (let i = 0; i < 3000; i += 1000) {
      const ops = Array.from({ length: 1000 }, (_, k) => create(`/p/e${i + k}`, EPHEMERAL))
      bench.ask(1, multi(...ops))
    }
    bench.turning = false
    bench.deliver(() => bench.tree.expire(id))
    bench.tree.idle()
    strictEqual(bench.tree.endTurn(), false)
    bench.tree.lead(0x1_0000_0000 as Zxid, true)
    strictEqual(bench.tree.endTurn(), false)
    bench.turning = true
    for (let more = true; more; more = bench.data.sessions.count > 0) {
      bench.deliver(() => bench.tree.expire(id))
      bench.tree.committed(bench.proposed.at(-1)!.zxid)
    }
    strictEqual(bench.data.ephemeralCount, 0)
  })

  it('without a session after recovery get one, so that they expire', () => {
    const bench = new Bench()
    const path = new TextEncoder().encode('/orphan')
    const write = new NodeWrite()
    write.path.set(path, 0, path.length)
    write.ownerHigh = 0x12
    write.ownerLow = 0x34
    write.acls = OPEN
    bench.data.createNode(write)
    bench.tree.recovered(5 as Zxid)
    deepStrictEqual(bench.taken(), [
      ['sessionOpened', 0x12_0000_0034n, 10_000],
      ['loaded', 5],
    ])
  })
})
