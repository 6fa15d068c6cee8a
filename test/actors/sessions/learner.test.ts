// The session manager of a learner, which expires nobody and says whom it has heard, and of a leader
// that hears so.

import { deepStrictEqual, strictEqual } from 'node:assert'
import { describe, it } from 'node:test'
import { JuteReader } from '../../../protocol/jute-reader.ts'
import { JuteWriter } from '../../../protocol/jute-writer.ts'
import { type SessionId, sessionIdOf } from '../../../protocol/session-id.ts'
import type { Zxid } from '../../../protocol/zxid.ts'
import { Bench, type Effect } from './fixture.ts'

function following(): Bench {
  const bench = new Bench()
  bench.clock.nowMs = 1000
  bench.sessions.serving(0 as Zxid, false)
  return bench
}

function touches(effects: readonly Effect[]): [SessionId, number][] {
  const touched: [SessionId, number][] = []
  for (const [name, bytes] of effects) {
    if (name !== 'touched') continue
    const reader = new JuteReader(Uint8Array.from(bytes as number[]))
    while (reader.remaining > 0) touched.push([sessionIdOf(reader.long()), reader.int()])
  }
  return touched
}

function touchBytes(...touched: [SessionId, number][]): Uint8Array {
  const writer = new JuteWriter()
  for (const [id, timeoutMs] of touched) {
    writer.long(id)
    writer.int(timeoutMs)
  }
  return writer.finish()
}

describe('a learner', () => {
  it('says whom it has heard since it last said so', () => {
    const bench = following()
    const first = bench.open(1)
    const second = bench.open(2, 6000)
    bench.taken()
    bench.hear(1, 1100)
    bench.hear(2, 1200)
    deepStrictEqual(touches(bench.runUntil(1250)), [
      [first, 4000],
      [second, 6000],
    ])
    bench.hear(2, 1300)
    deepStrictEqual(touches(bench.runUntil(1500)), [[second, 6000]])
    deepStrictEqual(touches(bench.runUntil(1750)), [])
  })

  it('expires nobody', () => {
    const bench = following()
    bench.open(1)
    bench.taken()
    deepStrictEqual(
      bench.runUntil(100_000).filter(([name]) => name === 'expire'),
      [],
    )
  })

  it('speaks for all its clients when it could not hear them', () => {
    const bench = following()
    const id = bench.open(1)
    bench.taken()
    bench.runUntil(1250)
    deepStrictEqual(touches(bench.stallUntil(9000)), [[id, 4000]])
    bench.aliveMs = 9000
    deepStrictEqual(touches(bench.runUntil(10_000)).at(-1), [id, 4000], 'a deaf network loop')
  })

  it('lets the leader judge a session it has not heard of, if the password is right', () => {
    const bench = following()
    const id = sessionIdOf(0x9999n)
    deepStrictEqual(bench.renew(1, id), [['attach', 1, id, 4000, 9]])
    deepStrictEqual(bench.renew(2, id, new Uint8Array(16)), [['refuse', 2, 9]])
    bench.sessions.sessionClosed(id)
    deepStrictEqual(bench.dump(), [])
  })
})

describe('a leader', () => {
  it('is told by learners whose clients live', () => {
    const bench = new Bench()
    const id = sessionIdOf(5n)
    bench.sessions.sessionOpened(id, 4000)
    bench.serving()
    for (let ms = 2000; ms <= 20_000; ms += 2000) {
      deepStrictEqual(bench.runUntil(ms), [])
      const bytes = touchBytes([id, 4000], [sessionIdOf(6n), 4000])
      bench.sessions.touched(bytes, 0, bytes.length)
    }
    deepStrictEqual(bench.runUntil(30_000), [['expire', id]])
  })

  it('lets a session go to another server; what it had here ends when it comes back', () => {
    const bench = new Bench()
    bench.serving()
    const id = bench.open(1)
    bench.taken()
    bench.sessions.touch(id, 4000)
    deepStrictEqual(bench.taken(), [])
    deepStrictEqual(bench.renew(2, id), [
      ['detach', 1],
      ['attach', 2, id, 4000, 9],
    ])
  })

  it('a new one gives everybody a full timeout', () => {
    const bench = following()
    const id = sessionIdOf(5n)
    bench.sessions.sessionOpened(id, 4000)
    bench.runUntil(50_000)
    bench.sessions.idle()
    strictEqual(bench.sessions.nextTickMs(), Number.POSITIVE_INFINITY)
    bench.clock.nowMs = 60_000
    bench.serving()
    deepStrictEqual(bench.runUntil(64_000), [])
    deepStrictEqual(bench.runUntil(70_000), [['expire', id]])
  })

  it('forgets what was proposed and not opened when it no longer leads', () => {
    const bench = new Bench()
    bench.serving()
    bench.create(1)
    bench.sessions.idle()
    bench.sessions.closed(1)
    bench.taken()
    strictEqual(bench.create(1)[0]![0], 'createSession', 'the connection is free again')
  })
})
