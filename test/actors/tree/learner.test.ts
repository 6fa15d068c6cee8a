// The tree of a learner: its clients' requests go to the leader, and are answered in order.

import { deepStrictEqual, ok, strictEqual } from 'node:assert'
import { describe, it } from 'node:test'
import { readIds } from '../../../protocol/acl.ts'
import { JuteReader } from '../../../protocol/bytes/jute-reader.ts'
import { ErrorCode } from '../../../protocol/error-code.ts'
import { OpCode } from '../../../protocol/op-code.ts'
import { sessionIdOf } from '../../../protocol/session-id.ts'
import { type Zxid, zxidOf } from '../../../protocol/zxid.ts'
import type { Operation } from '../../simulator/model/operation.ts'
import { create, IDENTITIES, set } from './fixture.ts'
import { connected, EPOCH, forward, ID, names, pair, READ, SYNC, xids } from './member-fixture.ts'

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
