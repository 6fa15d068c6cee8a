// The tree of an ensemble's member: a learner's requests go to the leader and are answered in order,
// a leader does what learners ask for, and nothing of a role outlives it.

import { deepStrictEqual, ok, strictEqual } from 'node:assert'
import { describe, it } from 'node:test'
import type { TreeOptions } from '../../../actors/tree/options.ts'
import { freeze } from '../../../actors/tree/snapshot/snapshot-source.ts'
import { readIds, writeId } from '../../../protocol/acl.ts'
import { JuteReader } from '../../../protocol/bytes/jute-reader.ts'
import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { ErrorCode } from '../../../protocol/error-code.ts'
import { ServingMode } from '../../../protocol/messages/network.ts'
import { OpCode } from '../../../protocol/op-code.ts'
import { type SessionId, sessionIdOf } from '../../../protocol/session-id.ts'
import { type Zxid, zxidOf } from '../../../protocol/zxid.ts'
import { encodeOperation, type Operation } from '../../simulator/model/operation.ts'
import { ANN, Bench, create, type Effect, IDENTITIES, set } from './fixture.ts'

const EPOCH = zxidOf(5, 0)
const MEMBER = {
  serverId: 1,
  standaloneEnabled: true,
  multiAddressEnabled: false,
  learnerMode: ServingMode.follower,
  config: new TextEncoder().encode('server.1=here\nversion=0'),
  configVersion: 0 as Zxid,
}
const ID = sessionIdOf(0x77n)

function loaded(options: Partial<TreeOptions> = {}): Bench {
  const bench = new Bench({ member: MEMBER, ...options })
  bench.tree.recovered(zxidOf(4, 0))
  bench.taken()
  return bench
}

function learner(options: Partial<TreeOptions> = {}): Bench {
  const bench = loaded(options)
  bench.tree.follow(EPOCH)
  bench.taken()
  return bench
}

function leader(): Bench {
  const bench = loaded()
  bench.tree.lead(EPOCH, false)
  bench.taken()
  return bench
}

/** A leader whose transactions a learner's tree is given. */
function pair(options: Partial<TreeOptions> = {}): {
  leads: Bench
  learns: Bench
  pass: () => void
} {
  const leads = leader()
  const learns = learner(options)
  const pass = (): void => {
    for (const { zxid, bytes } of leads.proposed.splice(0)) {
      learns.tree.apply(zxid, bytes, 0, bytes.length)
    }
  }
  return { leads, learns, pass }
}

/** Hands on what the learner has forwarded. */
function forward({ leads, learns }: { leads: Bench; learns: Bench }, link: number = 9): void {
  for (const { dataBytes, bytes } of learns.forwarded.splice(0)) {
    leads.deliver(() => leads.tree.forwarded(link, dataBytes, bytes, 0, bytes.length))
  }
}

function connected(both: ReturnType<typeof pair>, slot: number = 1): SessionId {
  both.learns.tree.opened(slot, '10.0.0.1')
  const id = sessionIdOf(ID + BigInt(slot))
  both.learns.tree.createSession(slot, id, 4000, 0 as Zxid)
  forward(both)
  both.pass()
  ok(both.learns.taken().some(([name, to]) => name === 'connected' && to === slot))
  both.leads.taken()
  return id
}

function names(effects: readonly Effect[]): unknown[] {
  return effects.map(([name]) => name)
}

function xids(bench: Bench): number[] {
  return bench.replies.splice(0).map(({ xid }) => xid)
}

/** A request as a learner forwards it. */
function request(id: SessionId, cxid: number, op: Operation): { data: number; bytes: Uint8Array } {
  const writer = new JuteWriter()
  writer.long(id)
  writer.int(cxid)
  writer.int(op.type)
  const record = encodeOperation(op)
  writer.raw(record, 0, record.length)
  const data = writer.length
  writer.vector([ANN], writeId)
  return { data, bytes: writer.finish() }
}

const READ: Operation = { type: OpCode.getData, path: '/a', watch: false }
const SYNC: Operation = { type: OpCode.sync, path: '/a' }

describe('a learner', () => {
  it('has sessions created by the leader', () => {
    const both = pair()
    both.learns.tree.opened(1, '10.0.0.1')
    both.learns.taken()
    both.learns.tree.createSession(1, ID, 4000, 0 as Zxid)
    deepStrictEqual(both.learns.taken(), [])
    const { dataBytes, bytes } = both.learns.forwarded[0]!
    const reader = new JuteReader(bytes)
    deepStrictEqual([reader.long(), reader.int(), reader.int(), reader.int()], [ID, 0, -10, 4000])
    strictEqual(reader.offset, dataBytes)
    deepStrictEqual(readIds(reader), [{ scheme: 'ip', id: '10.0.0.1' }])
    forward(both)
    both.pass()
    deepStrictEqual(both.learns.taken(), [
      ['sessionOpened', ID, 4000],
      ['identities', 1, IDENTITIES],
      ['connected', 1, ID, 4000],
    ])
  })

  it('refuses by itself what an access list forbids, if it is to be eager', () => {
    const acl = [{ perms: 31, id: { scheme: 'ip', id: '10.9.9.9' } }]
    const forbidden: Operation[] = [
      create('/a/b'),
      { type: OpCode.delete, request: { path: '/a/c', version: -1 } },
      set('/a', 'x'),
      { type: OpCode.setACL, request: { path: '/a', acl, version: -1 } },
    ]
    for (const enableEagerAclCheck of [false, true]) {
      const both = pair({ enableEagerAclCheck })
      connected(both)
      both.learns.send(1, create('/a', { acl }))
      forward(both)
      both.pass()
      both.learns.replies.length = 0
      for (const op of forbidden) both.learns.send(1, op)
      strictEqual(both.learns.forwarded.length, enableEagerAclCheck ? 0 : forbidden.length)
      forward(both)
      both.pass()
      const replies = both.learns.replies.splice(0)
      deepStrictEqual(
        replies.map(({ err }) => err),
        forbidden.map(() => ErrorCode.noAuth),
      )
      if (enableEagerAclCheck) for (const { zxid } of replies) strictEqual(zxid, 0)
      // What is not there, or allowed, or not its affair, goes to the leader.
      both.learns.send(1, create('/no/b'))
      strictEqual(both.learns.forwarded.splice(0).length, 1)
    }
  })

  it('refuses by itself an access list that is none, if it is to be eager', () => {
    const both = pair({ enableEagerAclCheck: true })
    connected(both)
    const acl = [{ perms: 31, id: { scheme: 'nonsense', id: 'x' } }]
    both.learns.send(1, create('/a', { acl }))
    deepStrictEqual(
      both.learns.replies.splice(0).map(({ err }) => err),
      [ErrorCode.invalidACL],
    )
  })

  it('answers a write when it comes back, and not before', () => {
    const both = pair()
    connected(both)
    const xid = both.learns.send(1, create('/a'))
    deepStrictEqual(xids(both.learns), [])
    forward(both)
    deepStrictEqual(xids(both.learns), [])
    both.pass()
    deepStrictEqual(xids(both.learns), [xid])
    ok(both.learns.exists('/a'))
  })

  it('answers in the order of asking: reads wait for writes, writes for no write', () => {
    const both = pair()
    connected(both)
    const asked = [create('/a'), READ, set('/a', 'b'), READ, create('/c')].map((op) =>
      both.learns.send(1, op),
    )
    deepStrictEqual(xids(both.learns), [])
    strictEqual(both.learns.forwarded.length, 3)
    forward(both)
    both.pass()
    deepStrictEqual(xids(both.learns), asked)
  })

  it('lets nothing overtake a sync', () => {
    const both = pair()
    connected(both)
    const asked = [SYNC, READ, create('/a'), READ].map((op) => both.learns.send(1, op))
    deepStrictEqual(xids(both.learns), [])
    strictEqual(both.learns.forwarded.length, 1, 'the write waits for the sync')
    forward(both)
    deepStrictEqual(both.leads.taken(), [['sync', 9]])
    both.learns.tree.synchronized()
    deepStrictEqual(xids(both.learns), asked.slice(0, 2))
    forward(both)
    both.pass()
    deepStrictEqual(xids(both.learns), asked.slice(2))
  })

  it('lets what comes during a long read overtake nothing that waits behind a sync', () => {
    const both = pair()
    connected(both)
    const long: Operation = { type: OpCode.getAllChildrenNumber, path: '/zookeeper' }
    const ops = [create('/a'), long, SYNC, create('/b'), READ]
    const asked = ops.map((op) => both.learns.send(1, op))
    forward(both)
    both.learns.turning = false
    both.pass()
    asked.push(both.learns.send(1, READ), both.learns.send(1, create('/c')))
    const { tree } = both.learns
    while (tree.isHeld) tree.endTurn()
    tree.synchronized()
    both.learns.turning = true
    both.learns.deliver(() => undefined)
    forward(both)
    both.pass()
    deepStrictEqual(xids(both.learns), asked)
  })

  it('takes no other client for the one that asked', () => {
    const both = pair()
    connected(both, 1)
    connected(both, 2)
    const first = both.learns.send(1, create('/a'))
    const second = both.learns.send(2, create('/b'))
    const [a, b] = both.learns.forwarded.splice(0)
    both.learns.forwarded.push(b!, a!)
    forward(both)
    both.pass()
    deepStrictEqual(xids(both.learns), [second, first])
  })

  it('answers what is asked after a change of leader, whatever was under way before', () => {
    const both = pair()
    const id = connected(both)
    const { tree } = both.learns
    both.learns.send(1, create('/lost'))
    both.learns.forwarded.length = 0
    tree.idle()
    tree.closed(1)
    tree.follow(EPOCH)
    tree.opened(2, '10.0.0.1')
    tree.attach(2, id, 4000, 0 as Zxid)
    tree.revalidated(id, true)
    const xid = both.learns.send(2, create('/a'))
    forward(both)
    both.pass()
    deepStrictEqual(xids(both.learns), [xid])
  })

  it('hears an error where the leader refuses', () => {
    const both = pair()
    connected(both)
    both.learns.send(1, set('/missing', 'x'))
    forward(both)
    both.pass()
    deepStrictEqual(
      both.learns.replies.map(({ err }) => err),
      [ErrorCode.noNode],
    )
  })

  it('asks the leader whether a session is valid, in turn', () => {
    const both = pair()
    const id = connected(both)
    const { tree } = both.learns
    for (const slot of [2, 3, 4]) tree.opened(slot, '10.0.0.1')
    both.learns.taken()
    tree.attach(2, id, 4000, 0 as Zxid)
    tree.attach(3, sessionIdOf(5n), 4000, 0 as Zxid)
    tree.attach(4, sessionIdOf(6n), 4000, 0 as Zxid)
    deepStrictEqual(names(both.learns.taken()), ['revalidate', 'revalidate', 'revalidate'])
    tree.revalidated(id, true)
    deepStrictEqual(both.learns.taken(), [
      ['identities', 2, IDENTITIES],
      ['connected', 2, id, 4000],
    ])
    tree.revalidated(sessionIdOf(5n), false)
    deepStrictEqual(both.learns.taken(), [
      ['sessionClosed', 5n],
      ['connected', 3, 0n, 0],
    ])
    // Valid, and not heard of here yet: that client may ask again.
    tree.revalidated(sessionIdOf(6n), true)
    deepStrictEqual(both.learns.taken(), [
      ['sessionClosed', 6n],
      ['close', 4],
    ])
  })

  it('takes a client that has seen no more than the epoch it serves in', () => {
    const both = pair()
    const id = connected(both)
    both.learns.tree.opened(2, '10.0.0.1')
    both.learns.taken()
    both.learns.tree.attach(2, id, 4000, zxidOf(5, 1))
    deepStrictEqual(names(both.learns.taken()), ['revalidate'])
    both.learns.tree.attach(2, id, 4000, zxidOf(5, 2))
    deepStrictEqual(both.learns.taken(), [['close', 2]])
  })
})

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
