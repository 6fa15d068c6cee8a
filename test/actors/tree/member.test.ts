// The tree of a member: a leader does what learners ask for, nothing of a role outlives it, reads are served without
// a leader where that is allowed, and snapshots are taken when the role allows.

import { deepStrictEqual, ok, strictEqual } from 'node:assert'
import { describe, it } from 'node:test'
import { freeze } from '../../../actors/tree/snapshot/snapshot-source.ts'
import { JuteReader } from '../../../protocol/bytes/jute-reader.ts'
import { ErrorCode } from '../../../protocol/error-code.ts'
import { OpCode } from '../../../protocol/op-code.ts'
import { type Zxid, zxidOf } from '../../../protocol/zxid.ts'
import { ANN, type Bench, create, IDENTITIES, set } from './fixture.ts'
import {
  connected,
  EPOCH,
  ID,
  leader,
  loaded,
  names,
  pair,
  request,
  SYNC,
  xids,
} from './member-fixture.ts'

describe('a leader', () => {
  it('does what a learner asks for, as the client that asked there', () => {
    const both = pair()
    const id = connected(both)
    const { data, bytes } = request(id, 7, create('/a', { acl: [{ perms: 31, id: ANN }] }))
    both.leads.deliver(() => both.leads.tree.forwarded(9, data, bytes, 0, bytes.length))
    both.pass()
    const { data: more, bytes: next } = request(id, 8, set('/a', 'x'))
    both.leads.deliver(() => both.leads.tree.forwarded(9, more, next, 0, next.length))
    both.pass()
    both.leads.connect(3, ANN)
    strictEqual(both.leads.stat(3, '/a').version, 1)
  })

  it('refuses who has moved to another server, until it is asked for the session there', () => {
    const both = pair()
    const id = connected(both)
    const ask = (link: number, cxid: number): number => {
      const { data, bytes } = request(id, cxid, create(`/n-${cxid}`))
      both.leads.deliver(() => both.leads.tree.forwarded(link, data, bytes, 0, bytes.length))
      const { bytes: txn } = both.leads.proposed.at(-1)!
      const type = new JuteReader(txn, 28).int()
      return type === OpCode.error ? new JuteReader(txn, 32).int() : 0
    }
    strictEqual(ask(9, 1), 0)
    strictEqual(ask(8, 2), ErrorCode.sessionMoved)
    both.leads.taken()
    both.leads.tree.revalidation(8, id, 4000)
    deepStrictEqual(both.leads.taken(), [
      ['touch', 8, id, 4000],
      ['validated', 8, id, true],
    ])
    strictEqual(ask(9, 3), ErrorCode.sessionMoved)
    strictEqual(ask(8, 4), 0)
  })

  it('says which sessions it does not know, and answers their requests all the same', () => {
    const bench = leader()
    bench.tree.revalidation(9, ID, 4000)
    deepStrictEqual(bench.taken(), [['validated', 9, ID, false]])
    for (const op of [create('/a'), { type: OpCode.getData, path: '/a', watch: false } as const]) {
      const { data, bytes } = request(ID, 3, op)
      bench.deliver(() => bench.tree.forwarded(9, data, bytes, 0, bytes.length))
    }
    deepStrictEqual(
      bench.proposed.map(({ type }) => type),
      [OpCode.error, OpCode.error],
    )
  })

  it('asks zab for a sync, and answers when that is done', () => {
    const bench = leader()
    bench.connect(1)
    const xid = bench.send(1, SYNC)
    deepStrictEqual(bench.taken(), [['sync', 0]])
    bench.tree.synchronized()
    deepStrictEqual(xids(bench), [xid])
  })
})

describe('between two roles', () => {
  it('every client is sent away, and nothing proposed before is committed after', () => {
    const bench = leader()
    bench.connect(1)
    bench.committing = false
    bench.send(1, create('/lost'))
    bench.taken()
    bench.tree.idle()
    deepStrictEqual(bench.taken(), [['sessionsIdle'], ['idle']])
    bench.tree.expire(ID)
    bench.tree.fenced()
    deepStrictEqual(bench.taken(), [['fenced']])
    bench.tree.lead(zxidOf(6, 0), false)
    bench.tree.committed(zxidOf(6, 0))
    ok(!bench.exists('/lost'))
    strictEqual(bench.tree.lastZxid, zxidOf(5, 1))
  })

  it('a session that was closing is open again: its close may be lost', () => {
    const bench = leader()
    const id = bench.connect(1)
    bench.committing = false
    bench.tree.expire(id)
    bench.tree.idle()
    bench.tree.fenced()
    bench.tree.lead(zxidOf(6, 0), false)
    bench.taken()
    bench.tree.revalidation(9, id, 4000)
    deepStrictEqual(names(bench.taken()), ['touch', 'validated'])
  })

  it('is fenced when both have said so, in either order', () => {
    const bench = leader()
    bench.tree.fenced()
    deepStrictEqual(bench.taken(), [])
    bench.tree.idle()
    deepStrictEqual(names(bench.taken()), ['sessionsIdle', 'idle', 'fenced'])
  })

  it('a client that comes meanwhile is closed without an answer', () => {
    const bench = loaded()
    bench.tree.opened(1, '10.0.0.1')
    bench.tree.opened(2, '10.0.0.1')
    bench.taken()
    bench.tree.createSession(1, ID, 4000, 0 as Zxid)
    bench.tree.attach(2, ID, 4000, 0 as Zxid)
    deepStrictEqual(bench.taken(), [
      ['sessionClosed', ID],
      ['close', 1],
      ['sessionClosed', ID],
      ['close', 2],
    ])
  })
})

describe('read-only', () => {
  function readOnly(): Bench {
    const bench = loaded()
    bench.tree.readOnly(true)
    bench.tree.opened(1, '10.0.0.1')
    bench.taken()
    bench.tree.createSession(1, ID, 4000, 0 as Zxid)
    return bench
  }

  it('gives sessions of its own, answers reads, and refuses the rest', () => {
    const bench = readOnly()
    deepStrictEqual(bench.taken(), [
      ['sessionOpened', ID, 4000],
      ['identities', 1, IDENTITIES],
      ['connected', 1, ID, 4000],
    ])
    strictEqual(bench.error(1, { type: OpCode.exists, path: '/zookeeper', watch: false }), 0)
    for (const op of [create('/a'), SYNC]) strictEqual(bench.error(1, op), ErrorCode.notReadOnly)
    deepStrictEqual([bench.proposed, bench.forwarded, bench.frozen], [[], [], []])
  })

  it('sends away whose session others know of, and goes on with its own', () => {
    const bench = leader()
    const id = bench.connect(1)
    bench.tree.idle()
    bench.tree.fenced()
    bench.tree.readOnly(true)
    for (const slot of [2, 3]) bench.tree.opened(slot, '10.0.0.1')
    bench.taken()
    bench.tree.attach(2, id, 4000, 0 as Zxid)
    bench.tree.attach(3, ID, 4000, 0 as Zxid)
    deepStrictEqual(bench.taken(), [
      ['close', 2],
      ['sessionClosed', ID],
      ['connected', 3, 0n, 0],
    ])
    for (const slot of [4, 5]) bench.tree.opened(slot, '10.0.0.1')
    bench.tree.createSession(4, ID, 4000, 0 as Zxid)
    bench.taken()
    bench.tree.detach(4)
    bench.tree.attach(5, ID, 4000, 0 as Zxid)
    deepStrictEqual(bench.taken(), [
      ['close', 4],
      ['identities', 5, IDENTITIES],
      ['connected', 5, ID, 4000],
    ])
    const xid = bench.send(5, { type: OpCode.closeSession })
    deepStrictEqual(bench.taken(), [
      ['sessionClosed', ID],
      ['reply', 5, xid, bench.tree.lastZxid, ErrorCode.ok, 'close'],
    ])
  })

  it('ends with every client sent away, and its own sessions forgotten', () => {
    const bench = readOnly()
    bench.taken()
    bench.tree.readOnly(false)
    deepStrictEqual(bench.taken(), [['sessionClosed', ID], ['sessionsIdle'], ['idle']])
    bench.tree.lead(EPOCH, false)
    strictEqual(bench.connect(2) > 0n, true)
  })
})

describe('snapshots of a member', () => {
  function image(): { bytes: Uint8Array; zxid: Zxid } {
    const bench = leader()
    bench.connect(1)
    bench.create(1, '/there')
    const chunks: Uint8Array[] = []
    const source = freeze(bench.data, bench.tree.lastZxid)
    for (const chunk of bench.body(source)) chunks.push(chunk.slice())
    return { bytes: new Uint8Array(Buffer.concat(chunks)), zxid: bench.tree.lastZxid }
  }

  it('are taken of what is known to be committed: while it serves', () => {
    const bench = loaded()
    bench.tree.snapshotDue()
    strictEqual(bench.frozen.length, 0)
    bench.tree.follow(EPOCH)
    strictEqual(bench.frozen.length, 1)
  })

  it('a tree received is written when the log asks, whichever comes first', () => {
    const { bytes, zxid } = image()
    for (const logFirst of [true, false]) {
      const bench = loaded()
      bench.tree.snapshotBegin(zxid)
      if (logFirst) bench.tree.snapshotNow(zxid)
      bench.tree.snapshotPiece(bytes, 0, bytes.length)
      strictEqual(bench.frozen.length, 0)
      bench.tree.snapshotEnd(zxid)
      if (!logFirst) bench.tree.snapshotNow(zxid)
      deepStrictEqual(
        bench.frozen.map((frozen) => frozen.zxid),
        [zxid],
      )
      bench.taken()
      bench.tree.pagesReleased(zxid)
      bench.tree.follow(EPOCH)
      ok(bench.exists('/there'))
      // The session manager knew of nobody; it hears of those that came.
      deepStrictEqual(names(bench.taken()).slice(0, 3), [
        'sessionsReset',
        'sessionOpened',
        'sessionsServing',
      ])
    }
  })

  it('are written one at a time, and once for all who want one meanwhile', () => {
    const bench = leader()
    bench.tree.pagesReleased(0 as Zxid)
    const files = bench.frozen.length
    bench.tree.snapshotWanted()
    strictEqual(bench.frozen.length, files + 1)
    bench.tree.snapshotWanted()
    bench.tree.snapshotDue()
    strictEqual(bench.frozen.length, files + 1)
    bench.tree.pagesReleased(0 as Zxid)
    strictEqual(bench.frozen.length, files + 2)
  })

  it('are written for a learner before there is an epoch, but of a whole tree only', () => {
    const bench = loaded()
    bench.tree.snapshotDue()
    strictEqual(bench.frozen.length, 0)
    bench.tree.snapshotWanted()
    strictEqual(bench.frozen.length, 1)
    bench.tree.pagesReleased(0 as Zxid)
    for (const begin of [
      () => bench.tree.snapshotBegin(zxidOf(3, 1)),
      () => bench.tree.loading(),
    ]) {
      begin()
      bench.tree.snapshotWanted()
      strictEqual(bench.frozen.length, 1)
    }
  })

  it('a reload forgets what was there', () => {
    const bench = leader()
    bench.connect(1)
    bench.create(1, '/gone')
    bench.tree.idle()
    bench.tree.loading()
    bench.tree.recovered(zxidOf(4, 0))
    ok(!bench.exists('/gone'))
    ok(bench.exists('/zookeeper/config'))
  })
})
