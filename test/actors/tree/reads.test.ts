// Reads in their place: behind the connection's own writes, a sync behind everybody's; the watches
// they leave; what setWatches finds.

import { deepStrictEqual, strictEqual } from 'node:assert'
import { describe, it } from 'node:test'
import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { ErrorCode } from '../../../protocol/error-code.ts'
import { REPLY_BYTES_MAX } from '../../../protocol/limits.ts'
import { WatchMode } from '../../../protocol/messages/watches.ts'
import { EventType, OpCode } from '../../../protocol/op-code.ts'
import { readMultiReadResponse } from '../../../protocol/records/multi-read.ts'
import { type SetWatches, writeSetWatches } from '../../../protocol/records/set-watches.ts'
import { readStrings } from '../../../protocol/records/strings.ts'
import type { Zxid } from '../../../protocol/zxid.ts'
import type { Operation } from '../../simulator/model/operation.ts'
import { Bench, children, create, del, get, set } from './fixture.ts'

function serving(): Bench {
  const bench = Bench.serving()
  bench.connect(1)
  bench.connect(2)
  bench.create(1, '/a')
  return bench
}

/** Slot and xid of the replies. */
function answered(effects: readonly (readonly unknown[])[]): unknown[] {
  return effects.filter(([name]) => name === 'reply').map((effect) => [effect[1], effect[2]])
}

describe('a read', () => {
  it('waits for its own connection’s last write, not for others’', () => {
    const bench = serving()
    bench.committing = false
    bench.taken()
    const write = bench.send(1, set('/a', 'x'))
    const mine = bench.send(1, get('/a'))
    const theirs = bench.send(2, get('/a'))
    deepStrictEqual(answered(bench.taken()), [[2, theirs]])
    deepStrictEqual(answered(bench.commit()), [
      [1, write],
      [1, mine],
    ])
  })

  it('behind several writes waits for the last, and replies keep their order', () => {
    const bench = serving()
    bench.committing = false
    bench.taken()
    const xids = [set('/a', '1'), get('/a'), set('/none', ''), get('/a')].map((op) =>
      bench.send(1, op),
    )
    const first = bench.proposed.at(-2)!.zxid
    deepStrictEqual(answered(bench.commit(first)), [
      [1, xids[0]],
      [1, xids[1]],
    ])
    deepStrictEqual(answered(bench.commit()), [
      [1, xids[2]],
      [1, xids[3]],
    ])
  })

  it('of a connection that has gone meanwhile is not answered', () => {
    const bench = serving()
    bench.committing = false
    bench.taken()
    bench.send(1, set('/a', 'x'))
    bench.send(1, get('/a'))
    bench.tree.closed(1)
    deepStrictEqual(answered(bench.commit()), [])
    strictEqual(bench.text(2, '/a'), 'x')
  })

  it('carries the zxid of the tree it saw', () => {
    const bench = serving()
    strictEqual(bench.ask(2, get('/a')).zxid, 3)
    bench.ask(1, set('/a', 'x'))
    strictEqual(bench.ask(2, get('/a')).zxid, 4)
  })

  it('that is not known is refused and ends the connection', () => {
    const bench = serving()
    bench.taken()
    for (const opCode of [OpCode.check, 99]) {
      bench.tree.request(1, 7, opCode, new Uint8Array(0), 0, 0)
      deepStrictEqual(bench.taken(), [['reply', 1, 7, -1, ErrorCode.unimplemented, 'close']])
    }
  })

  it('that is malformed is an error', () => {
    const bench = serving()
    bench.tree.request(1, 7, OpCode.getData, new Uint8Array(2), 0, 2)
    strictEqual(bench.replies.at(-1)!.err, ErrorCode.marshallingError)
  })
})

describe('sync', () => {
  const sync: Operation = { type: OpCode.sync, path: '/any' }

  it('waits for everybody’s writes under way', () => {
    const bench = serving()
    bench.committing = false
    bench.taken()
    bench.send(1, set('/a', 'x'))
    const xid = bench.send(2, sync)
    deepStrictEqual(answered(bench.taken()), [])
    deepStrictEqual(answered(bench.commit()).at(-1), [2, xid])
  })

  it('is not overtaken by what follows on its connection', () => {
    const bench = serving()
    bench.committing = false
    bench.taken()
    bench.send(1, set('/a', 'x'))
    const first = bench.send(2, sync)
    const second = bench.send(2, get('/a'))
    const third = bench.send(2, set('/a', 'y'))
    deepStrictEqual(answered(bench.taken()), [])
    const order = answered(bench.commit()).slice(1)
    deepStrictEqual(order, [
      [2, first],
      [2, second],
      [2, third],
    ])
  })

  it('with nothing under way is answered at once, with its path', () => {
    const bench = serving()
    strictEqual(bench.ask(1, sync).body.text(), '/any')
  })
})

describe('watches of reads', () => {
  const watching = (bench: Bench, op: Operation): unknown[] => {
    bench.taken()
    bench.send(1, op)
    return bench.taken().map((effect) => effect.slice(0, 4))
  }

  it('are left before the reply', () => {
    const bench = serving()
    deepStrictEqual(
      watching(bench, get('/a', true)).map((effect) => (effect as string[])[0]),
      ['watch', 'reply'],
    )
  })

  it('getData and getChildren leave one on a node that is there', () => {
    const bench = serving()
    deepStrictEqual(watching(bench, get('/a', true))[0], ['watch', 1, WatchMode.data, '/a'])
    deepStrictEqual(watching(bench, children('/a', true))[0], ['watch', 1, WatchMode.child, '/a'])
    strictEqual(watching(bench, get('/none', true)).length, 1)
    strictEqual(watching(bench, children('/none', true)).length, 1)
  })

  it('exists leaves one on a node that is not', () => {
    const bench = serving()
    const exists: Operation = { type: OpCode.exists, path: '/none', watch: true }
    deepStrictEqual(watching(bench, exists)[0], ['watch', 1, WatchMode.data, '/none'])
  })

  it('addWatch leaves one anywhere, and refuses an unknown mode', () => {
    const bench = serving()
    const add = (mode: number): Operation => ({ type: OpCode.addWatch, path: '/none', mode })
    const { persistent, persistentRecursive } = WatchMode
    deepStrictEqual(watching(bench, add(0))[0], ['watch', 1, persistent, '/none'])
    deepStrictEqual(watching(bench, add(1))[0], ['watch', 1, persistentRecursive, '/none'])
    strictEqual(bench.error(1, add(2)), ErrorCode.marshallingError)
  })
})

describe('setWatches', () => {
  const request = (lists: Partial<SetWatches>): Operation => ({
    type: OpCode.setWatches2,
    request: {
      relativeZxid: 5 as Zxid,
      dataWatches: [],
      existWatches: [],
      childWatches: [],
      persistentWatches: [],
      persistentRecursiveWatches: [],
      ...lists,
    },
  })
  // /a at 3; /old 4 and /fresh 5 before, /changed and /parent/child after zxid 5.
  const furnished = (): Bench => {
    const bench = serving()
    bench.create(1, '/parent')
    bench.create(1, '/changed')
    bench.ask(1, set('/changed', 'x'))
    bench.create(1, '/parent/child')
    bench.taken()
    return bench
  }
  const { nodeDeleted, nodeDataChanged, nodeCreated, nodeChildrenChanged } = EventType
  const { data, child, persistent, persistentRecursive } = WatchMode
  const CASES: readonly [what: string, lists: Partial<SetWatches>, effect: unknown[]][] = [
    ['data: gone', { dataWatches: ['/x'] }, ['notify', 1, nodeDeleted, '/x']],
    ['data: changed', { dataWatches: ['/changed'] }, ['notify', 1, nodeDataChanged, '/changed']],
    ['data: as it was', { dataWatches: ['/a'] }, ['watch', 1, data, '/a']],
    ['exist: there now', { existWatches: ['/a'] }, ['notify', 1, nodeCreated, '/a']],
    ['exist: still missing', { existWatches: ['/x'] }, ['watch', 1, data, '/x']],
    ['child: gone', { childWatches: ['/x'] }, ['notify', 1, nodeDeleted, '/x']],
    [
      'child: changed',
      { childWatches: ['/parent'] },
      ['notify', 1, nodeChildrenChanged, '/parent'],
    ],
    ['child: as it was', { childWatches: ['/a'] }, ['watch', 1, child, '/a']],
    ['persistent', { persistentWatches: ['/x'] }, ['watch', 1, persistent, '/x']],
    ['recursive', { persistentRecursiveWatches: ['/a'] }, ['watch', 1, persistentRecursive, '/a']],
  ]

  for (const [what, lists, effect] of CASES) {
    it(what, () => {
      const bench = furnished()
      bench.send(1, request(lists))
      const [first, second] = bench.taken()
      deepStrictEqual(first, effect)
      strictEqual(second?.[0], 'reply', 'told before the answer')
    })
  }

  it('of old clients has three lists', () => {
    const bench = furnished()
    const writer = new JuteWriter()
    writeSetWatches(writer, (request({ dataWatches: ['/a'] }) as { request: SetWatches }).request)
    bench.tree.request(1, -8, OpCode.setWatches, writer.bytes, 0, writer.length)
    deepStrictEqual(bench.taken()[0], ['watch', 1, data, '/a'])
  })
})

describe('lists', () => {
  it('children and descendants are counted', () => {
    const bench = serving()
    for (const path of ['/a/b', '/a/c', '/a/b/d']) bench.create(1, path)
    deepStrictEqual(readStrings(bench.ask(1, children('/a')).body).sort(), ['b', 'c'])
    const count = (path: string) =>
      bench.ask(1, { type: OpCode.getAllChildrenNumber, path }).body.int()
    strictEqual(count('/a'), 3)
    strictEqual(count('/a/c'), 0)
    strictEqual(count('/'), 7, 'with /zookeeper, quota and config')
  })

  it('multiRead answers each, whatever becomes of the others', () => {
    const bench = serving()
    const part = (type: typeof OpCode.getData | typeof OpCode.getChildren, path: string) => ({
      type,
      request: { path, watch: true },
    })
    bench.taken()
    const { getData, getChildren } = OpCode
    const ops = [part(getData, '/a'), part(getData, '/none'), part(getChildren, '/')]
    const reply = bench.ask(1, { type: OpCode.multiRead, ops })
    const results = readMultiReadResponse(reply.body)
    deepStrictEqual(
      results.map(({ type }) => type),
      [getData, OpCode.error, getChildren],
    )
    deepStrictEqual(
      bench.taken().filter(([name]) => name === 'watch'),
      [],
      'and leaves no watch',
    )
  })

  it('a reply has a limit: the error says so, the log which, and the next is answered', () => {
    const bench = Bench.serving({ txnBytesMax: 2_000_000 })
    bench.connect(1)
    const value = 'x'.repeat(1_000_000)
    bench.create(1, '/a', { data: new TextEncoder().encode(value) })
    const { getData } = OpCode
    const ops = Array.from({ length: 70 }, () => {
      return { type: getData, request: { path: '/a', watch: false } } as const
    })
    const within = ops.slice(0, 60)
    strictEqual(bench.error(1, { type: OpCode.multiRead, ops: within }), ErrorCode.ok)
    for (let i = 0; i < 3; i++) {
      strictEqual(bench.error(1, { type: OpCode.multiRead, ops }), ErrorCode.marshallingError)
    }
    const line = { client: '10.0.0.1', opCode: OpCode.multiRead, allowed: REPLY_BYTES_MAX }
    deepStrictEqual(bench.logged, [['warn', 'reply-too-large', line]])
    strictEqual(bench.text(1, '/a'), value)
  })

  it('a deleted child is in no list', () => {
    const bench = serving()
    bench.ask(1, create('/a/b'))
    bench.ask(1, del('/a/b'))
    deepStrictEqual(readStrings(bench.ask(1, children('/a')).body), [])
  })
})
