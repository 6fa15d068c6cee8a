// Which spans facts become: of each slow request one, and below it what is known of where the time went.

import { deepStrictEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type SlowSpan, slowSpans } from '../../../runtime/telemetry/slow-spans.ts'
import type { Fact, Fields } from '../../../runtime/why/fact.ts'

const fact = (wallMs: number, event: string, fields: Fields): Fact => {
  return { wallMs, actor: 'x', event, fields }
}
const write = (at: number, ms: number, session: string): Fact =>
  fact(at, 'request-slow', { what: 'write', ms, session })
const read = (at: number, ms: number): Fact => fact(at, 'request-slow', { what: 'read', ms })
const applied = (at: number, ms: number, session: string): Fact =>
  fact(at, 'write-slow', { ms, session })
const sync = (at: number, ms: number): Fact => fact(at, 'log-sync-slow', { ms })
const quorum = (at: number, ms: number): Fact => fact(at, 'quorum-slow', { ms })

/** `name from-to`, and its parts below it. */
const outline = ({ name, startMs, endMs, parts }: SlowSpan): unknown => {
  const line = `${name} ${startMs}-${endMs}`
  return parts.length === 0 ? line : [line, ...parts.map(outline)]
}

const CASES: readonly (readonly [what: string, facts: readonly Fact[], spans: unknown])[] = [
  ['nothing', [], []],
  ['what is no slowness', [fact(1, 'elected', { leader: 1 })], []],
  ['a read', [read(2000, 1500)], ['request 500-2000']],
  [
    'a write, with its transaction and its sync',
    [sync(1900, 1300), applied(1950, 1400, 's'), write(2000, 1500, 's')],
    [['request 500-2000', 'log sync 600-1900', 'write 550-1950']],
  ],
  [
    'a write of a learner’s client, which is no request here',
    [sync(1900, 1300), quorum(1940, 1350), applied(1950, 1400, 's')],
    [['write 550-1950', 'log sync 600-1900', 'quorum 590-1940']],
  ],
  [
    'another session’s write is not part of a request',
    [applied(1950, 1400, 'other'), write(2000, 1500, 's')],
    ['request 500-2000', 'write 550-1950'],
  ],
  [
    'a sync is not part of a read',
    [sync(1900, 1300), read(2000, 1500)],
    ['request 500-2000', 'log sync 600-1900'],
  ],
  [
    'a sync that took longer than the request stands alone',
    [sync(1900, 1800), write(2000, 1500, 's')],
    ['log sync 100-1900', 'request 500-2000'],
  ],
]

describe('facts become spans', () => {
  for (const [what, facts, spans] of CASES) {
    test(what, () => deepStrictEqual(slowSpans(facts).map(outline), spans))
  }

  test('with what else is known, as attributes', () => {
    const [span] = slowSpans([write(2000, 1500, '0x7')])
    deepStrictEqual(span?.attributes, { what: 'write', session: '0x7' })
  })
})
