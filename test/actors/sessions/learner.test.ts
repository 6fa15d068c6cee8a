// The session manager of a learner, which expires nobody and says whom it has heard, and of a leader
// that hears so.

import { deepStrictEqual, strictEqual } from 'node:assert'
import { describe, it } from 'node:test'
import { JuteReader } from '../../../protocol/bytes/jute-reader.ts'
import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
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

/** Session 0 ends what a learner has to tell. */
const ALL: [SessionId, number] = [sessionIdOf(0n), 0]

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
    // That it has heard nobody is something to tell, too.
    strictEqual(bench.runUntil(2000).filter(([name]) => name === 'touched').length, 1)
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
    deepStrictEqual(bench.dump().lists, [])
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
      const bytes = touchBytes([id, 4000], [sessionIdOf(6n), 4000], ALL)
      bench.sessions.touched(7, 0, bytes, 0, bytes.length)
    }
    bench.sessions.learnerLost(7)
    deepStrictEqual(bench.runUntil(30_000), [['expire', id]])
  })

  it('lets a session go to another server; what it had here ends when it comes back', () => {
    const bench = new Bench()
    bench.serving()
    const id = bench.open(1)
    bench.taken()
    bench.sessions.touch(7, id, 4000)
    deepStrictEqual(bench.taken(), [])
    deepStrictEqual(bench.renew(2, id), [
      ['detach', 1],
      ['attach', 2, id, 4000, 9],
    ])
  })

  /** Session 5 of 4 s, which the learner on link 7 has told of at 2000. */
  function led(): {
    bench: Bench
    id: SessionId
    tell: (...touched: [SessionId, number][]) => void
  } {
    const bench = new Bench()
    const id = sessionIdOf(5n)
    bench.sessions.sessionOpened(id, 4000)
    bench.clock.nowMs = 1000
    bench.serving()
    const tell = (...touched: [SessionId, number][]): void => {
      const bytes = touchBytes(...touched)
      bench.sessions.touched(7, 0, bytes, 0, bytes.length)
    }
    bench.runUntil(2000)
    tell([id, 4000], ALL)
    return { bench, id, tell }
  }

  /** Tells each 250 ms, until then. */
  function tellUntil({ bench, tell }: ReturnType<typeof led>, ms: number): Effect[] {
    const effects: Effect[] = []
    while (bench.clock.nowMs < ms) {
      effects.push(...bench.runUntil(bench.clock.nowMs + 250))
      tell(ALL)
    }
    return effects
  }

  it('expires a session of a learner that tells all it hears, and not of this one', () => {
    const all = led()
    deepStrictEqual(tellUntil(all, 6750), [])
    deepStrictEqual(tellUntil(all, 7000), [['expire', all.id]])
  })

  it('expires none of a learner that is overdue: it may have heard from any until now', () => {
    const all = led()
    tellUntil(all, 3000)
    deepStrictEqual(all.bench.runUntil(60_000), [])
    all.tell(ALL)
    deepStrictEqual(tellUntil(all, 66_000), [['expire', all.id]])
  })

  it('does not expire who came due meanwhile for want of a word in the first report after that', () => {
    const all = led()
    tellUntil(all, 3000)
    // It stands still. Its client pings, and it has not read that when it answers us.
    deepStrictEqual(all.bench.runUntil(8000), [])
    deepStrictEqual(tellUntil(all, 9000), [])
    all.tell([all.id, 4000], ALL)
    deepStrictEqual(tellUntil(all, 13_750), [])
    deepStrictEqual(tellUntil(all, 14_000), [['expire', all.id]])
  })

  it('expires none that went to a learner that is overdue and left a connection here', () => {
    const { bench, tell } = led()
    const here = bench.open(1)
    bench.taken()
    tell([here, 4000], ALL)
    deepStrictEqual(
      bench.runUntil(60_000).filter(([name]) => name === 'expire'),
      [],
    )
  })

  it('expires none while what a learner tells comes late: what it heard since is on its way', () => {
    const { bench } = led()
    const bytes = touchBytes(ALL)
    while (bench.clock.nowMs < 30_000) {
      deepStrictEqual(bench.runUntil(bench.clock.nowMs + 250), [])
      bench.sessions.touched(7, 2000, bytes, 0, bytes.length)
    }
  })

  it('expires a session that went to a learner which was gone by then', () => {
    const { bench, id, tell } = led()
    bench.sessions.learnerLost(8)
    bench.sessions.touch(8, id, 4000)
    deepStrictEqual(tellUntil({ bench, id, tell }, 5500), [])
    deepStrictEqual(tellUntil({ bench, id, tell }, 8000), [['expire', id]])
  })

  it('gives those of a learner that is gone a full timeout from then, and no other', () => {
    const all = led()
    const { bench, id } = all
    const other = sessionIdOf(6n)
    bench.sessions.sessionOpened(other, 4000)
    tellUntil(all, 5500)
    bench.sessions.learnerLost(7)
    deepStrictEqual(bench.runUntil(7000), [['expire', other]])
    deepStrictEqual(bench.runUntil(9500), [])
    deepStrictEqual(bench.runUntil(10_000), [['expire', id]])
  })

  it('waits for every learner where it does not know who has a session', () => {
    const all = led()
    const { bench } = all
    const unknown = sessionIdOf(6n)
    bench.sessions.sessionOpened(unknown, 4000)
    deepStrictEqual(bench.runUntil(30_000), [])
    bench.sessions.learnerLost(7)
    deepStrictEqual(
      bench.runUntil(40_000).map(([name]) => name),
      ['expire', 'expire'],
    )
  })

  it('knows of a learner that had UPTODATE before we heard that we lead', () => {
    const bench = following()
    const id = sessionIdOf(5n)
    bench.sessions.sessionOpened(id, 4000)
    const bytes = touchBytes(ALL)
    bench.sessions.touched(7, 0, bytes, 0, bytes.length)
    bench.sessions.serving(0 as Zxid, true)
    bench.sessions.touch(7, id, 4000)
    // It never reports: the thread that would stands still.
    deepStrictEqual(bench.runUntil(30_000), [])
    bench.sessions.learnerLost(7)
    deepStrictEqual(bench.runUntil(40_000), [['expire', id]])
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
