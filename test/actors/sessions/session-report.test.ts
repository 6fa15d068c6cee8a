// The sessions part of `dump` of many sessions: in steps and parts, each session once, whatever moves
// meanwhile.

import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { LOOK_STEP, PART_ITEMS } from '../../../actors/reports.ts'
import { encodeControl } from '../../../protocol/control.ts'
import { Query, type SessionCounts, type SessionDump } from '../../../protocol/messages/queries.ts'
import type { SessionId } from '../../../protocol/session-id.ts'
import { Bench } from './fixture.ts'

const COUNT = 20_000
const PART_BYTES_MAX = 32 * 1024

test('20,000 sessions that are heard, closed and opened while it is read', () => {
  const bench = new Bench()
  bench.serving()
  const ids = Array.from({ length: COUNT }, (_, i) => BigInt(i + 1) as SessionId)
  for (const id of ids) bench.sessions.sessionOpened(id, 4000 + Number(id % 7n) * 1000)
  bench.taken()

  let counts: SessionCounts | null = null
  const listed: string[] = []
  const sizes = new Map<number, number>()
  let looks = 0
  let parts = 0
  for (let kind: number = Query.sessions; ; kind = Query.more) {
    bench.sessions.query(1, kind)
    const [, , part, isOver] = bench.taken()[0] as [string, number, unknown, boolean]
    if (isOver) break
    ok(encodeControl(part).length < PART_BYTES_MAX)
    if (part === null) {
      looks++
    } else if (counts === null) {
      counts = part as SessionCounts
    } else {
      parts++
      for (const [ms, size, some] of part as SessionDump) {
        sizes.set(ms, size)
        listed.push(...some)
      }
      // Some that were listed and some that were not move to a later bucket, or are over.
      bench.clock.nowMs += 10
      for (const id of ids.slice(parts * 100, parts * 100 + 50)) {
        bench.sessions.touch(0, id, 9000)
        bench.sessions.sessionClosed((id + 10_000n) as SessionId)
      }
    }
  }
  strictEqual(looks, COUNT / LOOK_STEP)
  ok(parts >= COUNT / PART_ITEMS)
  deepStrictEqual(counts, [sizes.size, COUNT])
  deepStrictEqual([listed.length, new Set(listed).size], [COUNT, COUNT])
  strictEqual(
    [...sizes.values()].reduce((sum, size) => sum + size, 0),
    COUNT,
  )
})
