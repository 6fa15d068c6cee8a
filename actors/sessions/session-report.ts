// The sessions part of `dump`: which session will expire when, if its client stays silent.
//
// First it looks at every session, in steps, and notes what it sees. So each session is listed
// once, however it moves meanwhile, and the counts at the front match the list. The notes take
// eight bytes a session for as long as the report is being read.

import type { SessionCounts, SessionDump } from '../../protocol/messages/queries.ts'
import type { SessionId } from '../../protocol/session-id.ts'
import { inParts, LOOK_STEP } from '../reports.ts'
import { BUCKET_NONE } from './expiry-queue.ts'
import type { Session } from './session.ts'

/** `bucketOf`: the bucket of a session, by the deadlines' clock, or BUCKET_NONE. `stalledMs`: how
 * far that clock is behind. Expiry times are milliseconds of the monotonic clock. */
export function* sessionReport(
  sessions: Iterable<Session>,
  bucketOf: (session: Session) => number,
  stalledMs: () => number,
): Generator<null | SessionCounts | SessionDump> {
  const buckets = new Map<number, SessionId[]>()
  let looked = 0
  let count = 0
  for (const session of sessions) {
    if (++looked % LOOK_STEP === 0) yield null
    const bucketMs = bucketOf(session)
    if (bucketMs === BUCKET_NONE) continue
    const ids = buckets.get(bucketMs)
    if (ids === undefined) buckets.set(bucketMs, [session.id])
    else ids.push(session.id)
    count++
  }
  yield [buckets.size, count]
  const aheadMs = stalledMs()
  const earliestFirst = [...buckets].sort(([left], [right]) => left - right)
  for (const part of inParts(earliestFirst.map(([ms, ids]) => [ms, hexOf(ids)] as const))) {
    yield part.map(([ms, ids]) => [ms + aheadMs, buckets.get(ms)?.length ?? 0, ids])
  }
}

function* hexOf(ids: Iterable<SessionId>): Generator<string> {
  for (const id of ids) yield BigInt.asUintN(64, id).toString(16)
}
