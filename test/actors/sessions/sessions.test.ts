// Handshakes, take-over, and the life of a session until it is closed or expires.

import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { firstSessionId, idAfter } from '../../../actors/sessions/session-ids.ts'
import { Query } from '../../../protocol/messages/queries.ts'
import { passwordOf, type SessionId } from '../../../protocol/session-id.ts'
import { ZXID_ZERO } from '../../../protocol/zxid.ts'
import { Bench, FIRST_ID } from './fixture.ts'

describe('ids and passwords', () => {
  test('ids as Java lays them out: (ms << 24) >>> 8 | server << 56', () => {
    const rows: [serverId: number, ms: number, id: bigint][] = [
      [1, 1_718_000_000_000, 0x0190_00c7_9c00_0000n],
      [128, 1_718_000_000_000, 0x8090_00c7_9c00_0000n],
      [254, 1_718_000_000_000, 0xfe90_00c7_9c00_0000n],
      [1, 2 ** 40 + 5, 0x0100_0000_0005_0000n],
      [254, 0, 0xfe00_0000_0000_0000n],
      [128, 0, 0x8000_0000_0000_0001n],
      [0, 0, 1n],
    ]
    for (const [serverId, ms, id] of rows) {
      strictEqual(firstSessionId(serverId, ms), BigInt.asIntN(64, id))
    }
  })

  test('one more each, around the end of a long, past the marker of containers', () => {
    strictEqual(idAfter(FIRST_ID), FIRST_ID + 1n)
    strictEqual(idAfter((2n ** 63n - 1n) as SessionId), -(2n ** 63n) + 1n)
    strictEqual(idAfter(-1n as SessionId), 1n)
  })

  test('passwords as java.util.Random(id ^ 0xB3415C00L) fills 16 bytes', () => {
    const rows: [id: bigint, password: string][] = [
      [1n, '054cc74a37327db215e702e20c73f005'],
      [0x0100_0000_0000_0000n, 'f22acd4a97e69d6d20a49bb638eadb38'],
      [0x0101_8e3c_5a0b_0000n, 'f7dfdb7db8771f982d1596a0c1ba0b58'],
      [0xff00_0000_0000_ffffn, 'df1dc49cb713e886c80a49a22fdc6cf7'],
      [0xffff_ffff_ffff_ffffn, '20f62cb5648dc2d771471c8a2486a9ee'],
      [0xb341_5c00n, '60b420bb3851d9d47acb933dbe70399b'],
    ]
    for (const [id, password] of rows) {
      const bytes = passwordOf(BigInt.asIntN(64, id) as SessionId)
      strictEqual(Buffer.from(bytes).toString('hex'), password)
    }
  })
})

describe('a new session', () => {
  test('is proposed with the next id and a clamped timeout', () => {
    const bench = new Bench()
    bench.serving()
    const rows: [asked: number, given: number][] = [
      [4000, 4000],
      [0, 2000],
      [-5, 2000],
      [-(2 ** 31), 2000],
      [1999, 2000],
      [2 ** 31 - 1, 20_000],
    ]
    rows.forEach(([asked, given], i) => {
      deepStrictEqual(bench.create(i, asked), [
        ['createSession', i, FIRST_ID + BigInt(i), given, 0],
      ])
    })
  })

  test('no id that a recovered session has', () => {
    const bench = new Bench()
    bench.sessions.sessionOpened(FIRST_ID, 4000)
    bench.sessions.sessionOpened((FIRST_ID + 1n) as SessionId, 4000)
    strictEqual(bench.create(1)[0]![2], FIRST_ID + 2n)
  })

  test('does not expire before the tree has opened it', () => {
    const bench = new Bench()
    bench.serving()
    bench.create(1)
    deepStrictEqual(bench.runUntil(100_000), [])
    bench.sessions.sessionOpened(FIRST_ID, 4000)
    deepStrictEqual(bench.runUntil(103_999), [])
    deepStrictEqual(bench.runUntil(105_000), [['expire', FIRST_ID]])
  })

  test('may be continued by a client that has heard of it before we have', () => {
    const bench = new Bench()
    bench.serving()
    bench.create(1)
    const continued = ['attach', 2, FIRST_ID, 8000, 9]
    deepStrictEqual(bench.renew(2, FIRST_ID, passwordOf(FIRST_ID), 8000), [
      ['detach', 1],
      continued,
    ])
    bench.sessions.sessionOpened(FIRST_ID, 4000)
    bench.turn()
    deepStrictEqual([bench.gauges.get('sessions'), bench.gauges.get('pending')], [1, 0])
    bench.sessions.closed(2)
    const { nowMs } = bench.clock
    deepStrictEqual(bench.runUntil(nowMs + 7999), [['closed', 2]])
    deepStrictEqual(bench.runUntil(nowMs + 10_000), [['expire', FIRST_ID]])
  })

  test('the connection goes before it is open', () => {
    const bench = new Bench()
    bench.serving()
    bench.create(1)
    bench.sessions.closed(1)
    bench.sessions.sessionOpened(FIRST_ID, 4000)
    deepStrictEqual(bench.taken(), [['closed', 1]])
    deepStrictEqual(bench.renew(1, FIRST_ID), [['attach', 1, FIRST_ID, 4000, 9]])
  })

  test('only so many at a time', () => {
    const bench = new Bench({ pendingMax: 2 })
    bench.serving()
    bench.create(1)
    bench.create(2)
    deepStrictEqual(bench.create(3), [['refuse', 3, 0]])
    bench.sessions.sessionClosed(FIRST_ID)
    strictEqual(bench.create(4)[0]![0], 'createSession')
    deepStrictEqual(bench.create(5), [['refuse', 5, 0]])
    bench.sessions.sessionOpened((FIRST_ID + 1n) as SessionId, 4000)
    strictEqual(bench.create(6)[0]![0], 'createSession')
    bench.turn()
    deepStrictEqual([bench.gauges.get('sessions'), bench.gauges.get('pending')], [1, 2])
  })

  test('a second handshake on the same connection ends it', () => {
    const bench = new Bench()
    bench.serving()
    const id = bench.open(1)
    deepStrictEqual(bench.create(1), [['refuse', 1, 0]])
    deepStrictEqual(bench.renew(1, id), [['refuse', 1, 9]])
    bench.sessions.closed(1)
    bench.taken()
    deepStrictEqual(bench.renew(2, id), [['attach', 2, id, 4000, 9]])
  })
})

describe('renewal', () => {
  test('refused: wrong password of any length, being closed', () => {
    const bench = new Bench()
    bench.serving()
    const id = bench.open(1)
    bench.sessions.closed(1)
    bench.taken()
    const right = passwordOf(id)
    const wrong = right.map((byte, i) => (i === 15 ? byte ^ 1 : byte))
    const longer = Uint8Array.from([...right, 0])
    for (const password of [wrong, new Uint8Array(0), right.slice(0, 15), longer]) {
      deepStrictEqual(bench.renew(2, id, password), [['refuse', 2, 9]])
    }
    deepStrictEqual(bench.renew(2, id, right), [['attach', 2, id, 4000, 9]])
    bench.runUntil(30_000)
    deepStrictEqual(bench.renew(3, id), [['refuse', 3, 9]])
  })

  test('takes the session over: the old connection first', () => {
    const bench = new Bench()
    bench.serving()
    const id = bench.open(1)
    deepStrictEqual(bench.renew(2, id, passwordOf(id), 3000), [
      ['detach', 1],
      ['attach', 2, id, 3000, 9],
    ])
    bench.sessions.closed(1)
    deepStrictEqual(bench.taken(), [['closed', 1]])
    bench.clock.nowMs += 2500
    bench.hear(2)
    deepStrictEqual(bench.runUntil(15_000), [])
    deepStrictEqual(bench.runUntil(16_000), [['expire', id]])
  })

  test('a wrong password leaves the holder connected', () => {
    const bench = new Bench()
    bench.serving()
    const id = bench.open(1)
    deepStrictEqual(bench.renew(2, id, new Uint8Array(16)), [['refuse', 2, 9]])
    bench.clock.nowMs += 4000
    bench.hear(1)
    deepStrictEqual(bench.runUntil(15_000), [])
  })

  test('a session that another server gave out', () => {
    const bench = new Bench()
    const id = 0x0312_3456_789a_bcden as SessionId
    bench.sessions.sessionOpened(id, 6000)
    bench.serving()
    deepStrictEqual(bench.renew(1, id), [['attach', 1, id, 4000, 9]])
    bench.sessions.sessionClosed(id)
    bench.sessions.closed(1)
    deepStrictEqual(bench.taken(), [['closed', 1]])
  })

  test('a session nobody has told of is for the tree to judge, in every role', () => {
    for (const begin of [
      (bench: Bench) => bench.serving(),
      (bench: Bench) => bench.sessions.serving(ZXID_ZERO, false),
      // The network loop has heard of the new role first.
      () => undefined,
    ]) {
      const bench = new Bench()
      begin(bench)
      for (const [slot, id] of [5n, -7n].entries() as IterableIterator<[number, SessionId]>) {
        deepStrictEqual(bench.renew(slot, id), [['attach', slot, id, 4000, 9]])
        bench.sessions.sessionClosed(id)
        deepStrictEqual(bench.dump().lists, [])
      }
    }
  })
})

describe('queries', () => {
  test('sessions by expiry time; what the tree answers is not ours', () => {
    const bench = new Bench()
    bench.serving()
    const first = bench.open(1, 4000)
    const second = bench.open(2, 6000)
    bench.sessions.sessionOpened(-2n as SessionId, 4000)
    bench.create(3)
    const ids = [first, second].map((id) => id.toString(16))
    deepStrictEqual(bench.dump().lists, [
      [15_000, [ids[0], 'fffffffffffffffe']],
      [17_000, [ids[1]]],
    ])
    bench.clock.nowMs = 13_500
    bench.hear(1)
    deepStrictEqual(bench.dump().lists, [
      [15_000, ['fffffffffffffffe']],
      [17_000, [ids[1]]],
      [18_000, [ids[0]]],
    ])
    bench.sessions.query(2, Query.ephemerals)
    deepStrictEqual(bench.taken(), [['answer', 2, null, true]])
    const next = `0x${(FIRST_ID + 3n).toString(16)}`
    strictEqual(bench.sessions.describe(), `sessions: leading, 4 known, 1 pending, next ${next}`)
  })
})
