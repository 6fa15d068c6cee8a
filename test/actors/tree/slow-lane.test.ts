// Long reads in steps, and clients that do not take their replies: what the others see of it, and in
// which order the replies leave.

import { deepStrictEqual, ok, strictEqual, throws } from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ErrorCode } from '../../../protocol/error-code.ts'
import {
  STEP_NODES,
  UNREAD_BYTES_HIGH,
  UNREAD_BYTES_MAX,
  UNREAD_TOTAL_HIGH,
} from '../../../protocol/limits.ts'
import { WatchMode } from '../../../protocol/messages/watches.ts'
import { EventType, OpCode } from '../../../protocol/op-code.ts'
import { readMultiReadResponse } from '../../../protocol/records/multi-read.ts'
import type { SetWatches } from '../../../protocol/records/set-watches.ts'
import { readStrings } from '../../../protocol/records/strings.ts'
import type { Zxid } from '../../../protocol/zxid.ts'
import type { Operation } from '../../simulator/model/operation.ts'
import { Bench, children, create, del, type Effect, get, multi, set } from './fixture.ts'

const MANY = STEP_NODES * 2 + 10
const VALUE_BYTES = 900_000
const NAMES = Array.from({ length: MANY }, (_, i) => `n${i}`)

/** A node with many children, and three connections. */
function serving(flags = 0): Bench {
  const bench = Bench.serving({ txnBytesMax: 1_000_000 })
  for (const slot of [1, 2, 3]) bench.connect(slot)
  bench.create(1, '/p')
  for (let i = 0; i < MANY; i += 1000) {
    const ops = NAMES.slice(i, i + 1000).map((name) => create(`/p/${name}`, { flags }))
    strictEqual(bench.error(1, multi(...ops)), ErrorCode.ok)
  }
  bench.taken()
  return bench
}

function answered(effects: readonly Effect[]): unknown[] {
  return effects.filter(([name]) => name === 'reply').map((effect) => [effect[1], effect[2]])
}

/** A znode whose value is large; the bench leaves commits and steps to the test. */
function withValue(): Bench {
  const bench = Bench.serving({ txnBytesMax: 1_000_000 })
  for (const slot of [1, 2]) bench.connect(slot)
  bench.create(1, '/v', { data: new Uint8Array(VALUE_BYTES) })
  bench.create(1, '/w')
  bench.taken()
  return bench
}

describe('a long read', () => {
  it('gives the same as a short one, in parts', () => {
    const bench = serving()
    const reply = bench.ask(1, children('/p', true))
    deepStrictEqual([...readStrings(reply.body)].sort(), [...NAMES].sort())
    strictEqual(reply.body.remaining, 0)
    ok(bench.stream.filter((name) => name === 'part 1').length >= 2)
    const watches = bench.taken().filter(([name]) => name === 'watch')
    deepStrictEqual(watches, [['watch', 1, WatchMode.child, '/p']])
    const withStat = bench.ask(1, { type: OpCode.getChildren2, path: '/p', watch: false })
    strictEqual(readStrings(withStat.body).length, MANY)
    strictEqual(withStat.body.remaining, 68)
  })

  it('many in one request', () => {
    const bench = serving()
    const part = (path: string) => {
      return { type: OpCode.getChildren, request: { path, watch: false } } as const
    }
    const ops = [part('/p'), part('/none'), part('/p/n0'), part('/p')]
    const results = readMultiReadResponse(bench.ask(1, { type: OpCode.multiRead, ops }).body)
    deepStrictEqual(
      results.map((result) => (result.type === OpCode.getChildren ? result.children.length : -1)),
      [MANY, -1, 0, MANY],
    )
  })

  it('of ephemerals, of all below a node', () => {
    const bench = serving(1)
    bench.create(1, '/p2', { flags: 1 })
    const ephemerals = (path: string) => {
      return readStrings(bench.ask(1, { type: OpCode.getEphemerals, path }).body).length
    }
    strictEqual(ephemerals('/'), MANY + 1)
    strictEqual(ephemerals('/p/n1'), NAMES.filter((name) => name.startsWith('n1')).length)
    const count = bench.ask(1, { type: OpCode.getAllChildrenNumber, path: '/p' })
    strictEqual(count.body.int(), MANY)
    for (const path of ['/a', '/a/b', '/a/b/c', '/a/d']) bench.create(1, path)
    strictEqual(bench.ask(1, { type: OpCode.getAllChildrenNumber, path: '/a' }).body.int(), 3)
  })

  it('watches that are set again, as many as fit into a request', () => {
    const bench = serving()
    const none: SetWatches = {
      relativeZxid: bench.tree.lastZxid,
      dataWatches: [],
      existWatches: [],
      childWatches: [],
      persistentWatches: [],
      persistentRecursiveWatches: [],
    }
    const dataWatches = NAMES.map((name) => `/p/${'x'.repeat(20)}${name}`)
    const request = { ...none, dataWatches, persistentWatches: NAMES.map((name) => `/p/${name}`) }
    strictEqual(bench.error(1, { type: OpCode.setWatches2, request }), ErrorCode.ok)
    const effects = bench.taken()
    strictEqual(effects.filter(([name]) => name === 'watch').length, MANY)
    const missed = effects.filter(([name, , type]) => {
      return name === 'notify' && type === EventType.nodeDeleted
    })
    strictEqual(missed.length, MANY)
  })

  it('lets others read between its steps, and nothing change', () => {
    const bench = serving()
    bench.turning = false
    const long = bench.send(1, children('/p'))
    const behind = bench.send(1, get('/p'))
    bench.tree.endTurn()
    ok(bench.tree.isHeld)
    const theirs = bench.send(2, get('/p'))
    const write = bench.send(2, del('/p/n7'))
    deepStrictEqual(answered(bench.taken()), [[2, theirs]])
    bench.turning = true
    bench.deliver(() => {})
    const effects = bench.taken()
    deepStrictEqual(answered(effects).at(-1), [1, behind])
    deepStrictEqual(answered(effects), [
      [1, long],
      [2, write],
      [1, behind],
    ])
    ok(!bench.exists('/p/n7'))
  })

  it('between own writes sees the first and not the second', () => {
    const bench = serving()
    bench.committing = false
    const xids = [del('/p/n1'), children('/p'), get('/p'), del('/p/n2')].map((op) => {
      return bench.send(1, op)
    })
    bench.turning = false
    bench.tree.committed(bench.proposed.at(-1)!.zxid)
    ok(bench.tree.isHeld, 'and the second waits')
    // What comes now is behind all of it.
    xids.push(bench.send(1, get('/p/n3')))
    while (bench.tree.endTurn());
    strictEqual(readStrings(bench.replies[1]!.body).length, MANY - 1)
    deepStrictEqual(
      bench.replies.map(({ xid }) => xid),
      xids,
    )
    ok(!bench.exists('/p/n2'))
  })

  it('ends with its connection, and with the role', () => {
    for (const end of ['closed', 'idle'] as const) {
      const bench = serving()
      bench.turning = false
      bench.send(1, children('/p'))
      bench.send(1, get('/p'))
      bench.tree.endTurn()
      if (end === 'closed') bench.tree.closed(1)
      else bench.tree.idle()
      bench.tree.endTurn()
      strictEqual(bench.tree.isHeld, false)
      deepStrictEqual(answered(bench.taken()), [])
      strictEqual(bench.tree.endTurn(), false)
    }
  })

  it('lets commits have their turn before the next', () => {
    const bench = serving()
    bench.turning = false
    bench.send(1, children('/p'))
    bench.send(2, children('/p'))
    bench.tree.endTurn()
    const write = bench.send(3, del('/p/n7'))
    while (bench.replies.length < 2) bench.tree.endTurn()
    strictEqual(bench.replies[1]!.xid, write)
    while (bench.tree.endTurn());
    strictEqual(readStrings(bench.replies[2]!.body).length, MANY - 1)
  })

  it('an answer to auth does not come into the middle of it', () => {
    const bench = serving()
    bench.turning = false
    const long = bench.send(1, children('/p'))
    bench.tree.endTurn()
    bench.tree.authenticated(1, -4, 0, false)
    while (bench.tree.endTurn());
    deepStrictEqual(
      bench.replies.map(({ xid, err }) => [xid, err]),
      [
        [long, ErrorCode.ok],
        [-4, ErrorCode.ok],
      ],
    )
  })

  it('nor does one that ends the proof with SASL, which has a null token', () => {
    const bench = serving()
    bench.turning = false
    bench.send(1, children('/p'))
    bench.tree.endTurn()
    bench.tree.authenticated(1, 7, ErrorCode.authFailed, true)
    bench.tree.authenticated(1, -4, ErrorCode.authFailed, false)
    while (bench.tree.endTurn());
    const [, sasl, auth] = bench.replies
    deepStrictEqual([sasl?.xid, sasl?.err, sasl?.body.buffer()], [7, ErrorCode.authFailed, null])
    throws(() => auth?.body.int(), 'there is no body')
  })
})

describe('a client that takes no replies', () => {
  it('is answered no more than a limit, others all; then goes on in its order', () => {
    const bench = withValue()
    bench.taking = false
    const ops: Operation[] = Array.from({ length: 8 }, () => get('/v'))
    ops.push(set('/w', 'later'), get('/w'))
    const xids = ops.map((op) => bench.send(1, op))
    const first = bench.replies.length
    strictEqual(first, Math.ceil(UNREAD_BYTES_HIGH / VALUE_BYTES))
    strictEqual(bench.text(2, '/w'), '', 'nor is its write on its way')
    bench.replies.length = 0
    bench.taking = true
    bench.deliver(() => bench.tree.taken(1, first * (VALUE_BYTES + 100)))
    bench.tree.committed(bench.proposed.at(-1)!.zxid)
    deepStrictEqual(
      bench.replies.map(({ xid }) => xid),
      xids.slice(first),
    )
  })

  it('is closed when reads behind its writes come to too much', () => {
    const bench = withValue()
    bench.taking = false
    bench.committing = false
    bench.send(1, set('/w', '1'))
    const count = Math.ceil(UNREAD_BYTES_MAX / VALUE_BYTES) + 10
    for (let i = 0; i < count; i++) bench.send(1, get('/v'))
    bench.tree.committed(bench.proposed.at(-1)!.zxid)
    ok(bench.replies.length < count)
    ok(bench.taken().some(([name, slot]) => name === 'close' && slot === 1))
    deepStrictEqual(
      bench.logged.map(([, event]) => event),
      ['replies-not-taken'],
    )
  })

  it('keeps no other from a short read, but from a long one while all hold too much', () => {
    const bench = serving()
    bench.taking = false
    bench.create(3, '/v', { data: new Uint8Array(VALUE_BYTES) })
    const slots = Array.from({ length: UNREAD_TOTAL_HIGH / UNREAD_BYTES_HIGH }, (_, i) => 10 + i)
    for (const slot of slots) {
      bench.connect(slot)
      bench.send(slot, get('/v'))
      bench.send(slot, get('/v'))
    }
    bench.taken()
    const long = bench.send(1, children('/p'))
    const short = bench.send(2, get('/p'))
    deepStrictEqual(answered(bench.taken()), [[2, short]])
    for (const slot of slots) bench.tree.taken(slot, 2 * VALUE_BYTES)
    bench.deliver(() => {})
    deepStrictEqual(answered(bench.taken()), [[1, long]])
  })

  it('is nothing to the next that has its slot', () => {
    const bench = withValue()
    bench.taking = false
    for (let i = 0; i < 5; i++) bench.send(1, get('/v'))
    bench.tree.closed(1)
    bench.tree.closed(1)
    bench.connect(1)
    bench.tree.taken(1, 1)
    strictEqual(bench.text(1, '/w'), '')
    strictEqual(bench.tree.lastZxid > (0 as Zxid), true)
  })
})
