// The firing table, the registration matrix, the ACL filter, ordering, removal and close.

import { deepStrictEqual, ok, strictEqual, throws } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { decodeControl } from '../../../protocol/control.ts'
import { Query, type WatchesByPath } from '../../../protocol/messages/queries.ts'
import { WatchMode } from '../../../protocol/messages/watches.ts'
import { EventType, WatcherType } from '../../../protocol/op-code.ts'
import { Bench, DIGEST, encode, PRIVATE, READABLE } from './fixture.ts'

const { data, child, persistent, persistentRecursive: recursive } = WatchMode
const { nodeCreated, nodeDeleted, nodeDataChanged, nodeChildrenChanged } = EventType

/** Slot 1 watches `path` in `mode`; the change is to /a/b; these events come, twice the change. */
const FIRING: readonly [
  mode: WatchMode,
  path: string,
  change: number,
  first: [type: number, path: string][],
  second: 'again' | 'silence',
][] = [
  [data, '/a/b', nodeCreated, [[nodeCreated, '/a/b']], 'silence'],
  [data, '/a/b', nodeDataChanged, [[nodeDataChanged, '/a/b']], 'silence'],
  [data, '/a/b', nodeDeleted, [[nodeDeleted, '/a/b']], 'silence'],
  [data, '/a', nodeCreated, [], 'silence'],
  [data, '/a', nodeDeleted, [], 'silence'],
  [child, '/a/b', nodeCreated, [], 'silence'],
  [child, '/a/b', nodeDataChanged, [], 'silence'],
  [child, '/a/b', nodeDeleted, [[nodeDeleted, '/a/b']], 'silence'],
  [child, '/a', nodeCreated, [[nodeChildrenChanged, '/a']], 'silence'],
  [child, '/a', nodeDataChanged, [], 'silence'],
  [child, '/a', nodeDeleted, [[nodeChildrenChanged, '/a']], 'silence'],
  [child, '/', nodeDeleted, [], 'silence'],
  [persistent, '/a/b', nodeCreated, [[nodeCreated, '/a/b']], 'again'],
  [persistent, '/a/b', nodeDataChanged, [[nodeDataChanged, '/a/b']], 'again'],
  [persistent, '/a/b', nodeDeleted, [[nodeDeleted, '/a/b']], 'again'],
  [persistent, '/a', nodeCreated, [[nodeChildrenChanged, '/a']], 'again'],
  [persistent, '/a', nodeDeleted, [[nodeChildrenChanged, '/a']], 'again'],
  [persistent, '/a', nodeDataChanged, [], 'silence'],
  [persistent, '/', nodeCreated, [], 'silence'],
  [recursive, '/a/b', nodeCreated, [[nodeCreated, '/a/b']], 'again'],
  [recursive, '/a/b', nodeDataChanged, [[nodeDataChanged, '/a/b']], 'again'],
  [recursive, '/a/b', nodeDeleted, [[nodeDeleted, '/a/b']], 'again'],
  [recursive, '/a', nodeCreated, [[nodeCreated, '/a/b']], 'again'],
  [recursive, '/a', nodeDataChanged, [[nodeDataChanged, '/a/b']], 'again'],
  [recursive, '/a', nodeDeleted, [[nodeDeleted, '/a/b']], 'again'],
  [recursive, '/', nodeCreated, [[nodeCreated, '/a/b']], 'again'],
  [recursive, '/', nodeDeleted, [[nodeDeleted, '/a/b']], 'again'],
  [recursive, '/a/b/c', nodeDeleted, [], 'silence'],
  [recursive, '/a/', nodeCreated, [], 'silence'],
]

describe('firing table', () => {
  for (const [mode, path, change, first, second] of FIRING) {
    test(`mode ${mode} on ${path}, change ${change} of /a/b`, () => {
      const bench = new Bench()
      bench.connect(1)
      bench.watch(1, mode, path)
      const events = first.map(([type, at]) => ['event', type, at, [1], 7])
      deepStrictEqual(bench.changed(change, '/a/b'), events)
      deepStrictEqual(bench.changed(change, '/a/b'), second === 'again' ? events : [])
    })
  }

  test('the parent of a top-level node is the root', () => {
    const bench = new Bench()
    bench.connect(1)
    bench.watch(1, child, '/')
    deepStrictEqual(bench.changed(nodeCreated, '/a'), [['event', nodeChildrenChanged, '/', [1], 7]])
    bench.watch(1, child, '/')
    deepStrictEqual(bench.changed(nodeDeleted, '/a'), [['event', nodeChildrenChanged, '/', [1], 7]])
  })

  test('the root itself has no parent', () => {
    const bench = new Bench()
    bench.connect(1)
    bench.watch(1, child, '/')
    bench.watch(1, recursive, '/')
    deepStrictEqual(bench.changed(nodeDataChanged, '/'), [['event', nodeDataChanged, '/', [1], 7]])
    deepStrictEqual(bench.changed(nodeCreated, '/'), [['event', nodeCreated, '/', [1], 7]])
  })

  test('the node before the parent, all its watchers in one event', () => {
    const bench = new Bench()
    for (const slot of [1, 2, 3, 4]) bench.connect(slot)
    bench.watch(1, data, '/a/b')
    bench.watch(2, child, '/a/b')
    bench.watch(3, child, '/a')
    bench.watch(4, persistent, '/a')
    deepStrictEqual(bench.changed(nodeDeleted, '/a/b'), [
      ['event', nodeDeleted, '/a/b', [1, 2], 7],
      ['event', nodeChildrenChanged, '/a', [3, 4], 7],
    ])
    strictEqual(bench.eventsSent, 4)
  })

  test('one event a connection, however many of its watches match', () => {
    const bench = new Bench()
    bench.connect(1)
    for (const mode of [data, child, persistent, recursive]) bench.watch(1, mode, '/a/b')
    bench.watch(1, recursive, '/a')
    bench.watch(1, recursive, '/')
    deepStrictEqual(bench.changed(nodeDeleted, '/a/b'), [['event', nodeDeleted, '/a/b', [1], 7]])
  })

  test('a change elsewhere is silent, and so is one without any watch', () => {
    const bench = new Bench()
    bench.connect(1)
    deepStrictEqual(bench.changed(nodeCreated, '/x'), [])
    bench.watch(1, recursive, '/a')
    deepStrictEqual(bench.changed(nodeCreated, '/ab'), [])
  })

  test('a path beyond ASCII', () => {
    const bench = new Bench()
    bench.connect(1)
    bench.watch(1, child, '/größe')
    const events = bench.changed(nodeCreated, '/größe/日本')
    deepStrictEqual(events, [['event', nodeChildrenChanged, '/größe', [1], 7]])
  })
})

describe('modes are independent bits', () => {
  test('a one-shot does not downgrade a persistent watch, nor the other way round', () => {
    const bench = new Bench()
    bench.connect(1)
    bench.watch(1, persistent, '/a')
    bench.watch(1, data, '/a')
    const event = [['event', nodeDataChanged, '/a', [1], 7]]
    deepStrictEqual(bench.changed(nodeDataChanged, '/a'), event)
    deepStrictEqual(bench.changed(nodeDataChanged, '/a'), event)
    strictEqual(bench.remove(1, WatcherType.data, '/a'), -121)
    strictEqual(bench.remove(1, WatcherType.persistent, '/a'), 0)
    deepStrictEqual(bench.changed(nodeDataChanged, '/a'), [])
  })

  test('a data event spends the data watch only', () => {
    const bench = new Bench()
    bench.connect(1)
    bench.watch(1, data, '/a')
    bench.watch(1, child, '/a')
    bench.changed(nodeDataChanged, '/a')
    strictEqual(bench.remove(1, WatcherType.data, '/a', false), -121)
    strictEqual(bench.remove(1, WatcherType.children, '/a', false), 0)
    bench.changed(nodeCreated, '/a/b')
    strictEqual(bench.remove(1, WatcherType.children, '/a', false), -121)
  })

  test('registering twice is registering once', () => {
    const bench = new Bench()
    bench.connect(1)
    bench.watch(1, data, '/a')
    bench.watch(1, data, '/a')
    strictEqual(bench.changed(nodeDataChanged, '/a').length, 1)
    deepStrictEqual(bench.changed(nodeDataChanged, '/a'), [])
  })
})

describe('ACL filter', () => {
  test('who may not read is not told, and the one-shot is spent (CVE-2024-23944)', () => {
    const bench = new Bench()
    bench.connect(1)
    bench.connect(2, [DIGEST])
    bench.connect(3, [{ scheme: 'super', id: '' }])
    for (const slot of [1, 2, 3]) bench.watch(slot, data, '/a')
    deepStrictEqual(bench.changed(nodeDataChanged, '/a', 7, PRIVATE), [
      ['event', nodeDataChanged, '/a', [2, 3], 7],
    ])
    strictEqual(bench.remove(1, WatcherType.any, '/a', false), -121)
  })

  test("the node's ACL for the node, the parent's for its children", () => {
    const bench = new Bench()
    bench.connect(1)
    bench.watch(1, persistent, '/a')
    bench.watch(1, recursive, '/')
    deepStrictEqual(bench.changed(nodeCreated, '/a/b', 7, PRIVATE, READABLE), [
      ['event', nodeChildrenChanged, '/a', [1], 7],
    ])
    deepStrictEqual(bench.changed(nodeDeleted, '/a/b', 7, READABLE, PRIVATE), [
      ['event', nodeDeleted, '/a/b', [1], 7],
    ])
  })

  test('READ is what counts', () => {
    const bench = new Bench()
    bench.connect(1)
    bench.watch(1, persistent, '/a')
    const acls = [{ perms: 30, id: READABLE[0]!.id }]
    deepStrictEqual(bench.changed(nodeDataChanged, '/a', 7, acls), [])
    deepStrictEqual(bench.changed(nodeDataChanged, '/a', 7, []).length, 1)
  })

  test('an event that setWatches found bypasses it and has no zxid', () => {
    const bench = new Bench()
    bench.connect(1)
    const bytes = encode('x/ay')
    bench.watches.notify(1, nodeDeleted, bytes, 1, 3)
    deepStrictEqual(bench.taken(), [['event', nodeDeleted, '/a', [1], -1]])
  })
})

describe('order', () => {
  test('everything leaves in the order it came', () => {
    const bench = new Bench()
    bench.connect(1)
    bench.watch(1, data, '/a')
    const change = bench.changed(nodeDataChanged, '/a')
    bench.watches.barrier(3)
    bench.watches.removeWatches(1, 2, true, encode('/a'), 0, 2)
    bench.watches.barrier(4)
    const kinds = [...change, ...bench.taken()].map(([name]) => name)
    deepStrictEqual(kinds, ['event', 'passed', 'watchResult', 'passed'])
  })

  test('the filter counts a path as long as somebody watches it, and no longer', () => {
    const bench = new Bench()
    bench.connect(1)
    bench.connect(2)
    bench.watch(1, data, '/a')
    bench.watch(1, data, '/a')
    bench.watch(2, recursive, '/a')
    bench.watch(2, recursive, '/a')
    strictEqual(bench.mayWatch('/a'), true)
    strictEqual(bench.filter.anyRecursive, true)
    bench.changed(nodeDataChanged, '/a')
    strictEqual(bench.mayWatch('/a'), true)
    bench.watches.closed(2)
    strictEqual(bench.mayWatch('/a'), false)
    strictEqual(bench.filter.anyRecursive, false)
    bench.watch(2, recursive, '/b')
    strictEqual(bench.mayWatch('/b'), false)
    strictEqual(bench.filter.anyRecursive, false)
    bench.taken()
    bench.watch(1, child, '/c')
    bench.remove(1, 3, '/c')
    strictEqual(bench.mayWatch('/c'), false)
  })

  test("option headerZxid 'none'", () => {
    const bench = new Bench({ headerZxid: 'none' })
    bench.connect(1)
    bench.watch(1, data, '/a')
    deepStrictEqual(bench.changed(nodeDataChanged, '/a', 9), [
      ['event', nodeDataChanged, '/a', [1], -1],
    ])
  })
})

describe('removeWatches and checkWatches', () => {
  const MODES = [data, child, persistent, recursive]
  /** By WatcherType 1..5: which of the four modes it finds. */
  const FINDS: Record<number, WatchMode[]> = {
    1: [child],
    2: [data],
    3: MODES,
    4: [persistent],
    5: [recursive],
  }
  for (const [type, finds] of Object.entries(FINDS)) {
    test(`type ${type}`, () => {
      for (const mode of MODES) {
        const bench = new Bench()
        bench.connect(1)
        bench.connect(2)
        bench.watch(1, mode, '/a')
        bench.watch(2, mode, '/a')
        const code = finds.includes(mode) ? 0 : -121
        strictEqual(bench.remove(1, Number(type), '/a', false), code)
        strictEqual(bench.remove(1, Number(type), '/a'), code)
        strictEqual(bench.remove(1, WatcherType.any, '/a', false), code === 0 ? -121 : 0)
        strictEqual(bench.remove(2, WatcherType.any, '/a', false), 0)
      }
    })
  }

  test('a number that is no type: marshalling error, as there', () => {
    const bench = new Bench()
    bench.connect(1)
    bench.watch(1, data, '/a')
    for (const type of [0, 6, -1, 2 ** 31 - 1]) strictEqual(bench.remove(1, type, '/a'), -5)
    strictEqual(bench.remove(1, WatcherType.any, '/b'), -121)
    strictEqual(bench.remove(9, WatcherType.any, '/a'), -121)
  })
})

describe('close', () => {
  test('forgets the watches at the first, is passed on twice, and the slot starts anew', () => {
    const bench = new Bench()
    bench.connect(1, [DIGEST])
    for (const path of ['/a', '/b', '/c']) bench.watch(1, recursive, path)
    bench.watches.closed(1)
    bench.watch(1, data, '/a')
    bench.watches.identities(1, new Uint8Array(4), 0, 4)
    bench.watches.attached(1, 5n as never)
    bench.watches.notify(1, nodeDeleted, encode('/a'), 0, 2)
    deepStrictEqual(bench.changed(nodeDataChanged, '/a'), [['released', 1]])
    bench.watches.closed(1)
    deepStrictEqual(bench.taken(), [['released', 1]])
    bench.endTurn()
    strictEqual(bench.watchCount, 0)

    bench.watch(1, data, '/a')
    deepStrictEqual(bench.changed(nodeDataChanged, '/a', 7, PRIVATE), [])
  })

  test('a connection that watches too much is closed', () => {
    const bench = new Bench({ watchesPerConnectionMax: 2 })
    for (const path of ['/a', '/b', '/c']) bench.watch(1, data, path)
    bench.watch(1, child, '/a')
    deepStrictEqual(bench.taken(), [['close', 1]])
    deepStrictEqual(bench.changed(nodeDataChanged, '/c'), [])
    strictEqual(bench.changed(nodeDataChanged, '/b').length, 1)
  })
})

describe('queries', () => {
  test('summary, by session, by path', () => {
    const bench = new Bench()
    bench.connect(1)
    bench.connect(2)
    bench.connect(3)
    bench.watch(1, data, '/a')
    bench.watch(1, persistent, '/b')
    bench.watch(2, child, '/a')
    for (const kind of [Query.watchSummary, Query.watchesBySession, Query.watchesByPath]) {
      bench.watches.query(40 + kind, kind)
    }
    const answers = bench.taken().map(([, id, bytes]) => [id, decodeControl(bytes as Uint8Array)])
    const [summary, bySession, byPath] = answers as [number, never][]
    deepStrictEqual(summary, [41, [2, 2, 3]])
    const sessions = [
      ['101', ['/a', '/b']],
      ['102', ['/a']],
    ]
    deepStrictEqual(bySession, [42, sessions])
    const [id, paths] = byPath as [number, [string, string[]][]]
    deepStrictEqual(
      [id, paths.map(([path, ids]) => [path, ids.sort()])],
      [
        43,
        [
          ['/a', ['101', '102']],
          ['/b', ['101']],
        ],
      ],
    )
    bench.endTurn()
    strictEqual(bench.watchCount, 4)
    strictEqual(bench.watches.describe(), 'watches: 4 on 2 paths by 2, leaving 0')
  })

  test('20,000 watchers of one path, in parts, while they come and go', () => {
    const bench = new Bench()
    const count = 20_000
    for (let slot = 1; slot <= count; slot++) {
      bench.connect(slot)
      bench.watch(slot, data, '/popular')
    }
    const listed: string[] = []
    let largest = 0
    for (let kind: number = Query.watchesByPath, parts = 0; ; kind = Query.more, parts++) {
      bench.watches.query(7, kind)
      const bytes = bench.taken()[0]?.[2] as Uint8Array
      largest = Math.max(largest, bytes.length)
      const part = decodeControl(bytes) as WatchesByPath | null
      if (part === null) break
      for (const [path, ids] of part) {
        strictEqual(path, '/popular')
        listed.push(...ids)
      }
      // One that was listed leaves, and one that was not.
      if (parts === 3) for (const slot of [1, count]) bench.watches.closed(slot)
      bench.taken()
    }
    ok(largest < 16 * 1024, `${largest} bytes`)
    deepStrictEqual([listed.length, new Set(listed).size], [count - 1, count - 1])
  })

  test('a query for another actor is a programming error', () => {
    throws(() => new Bench().watches.query(1, Query.digests), /another actor/)
  })
})
