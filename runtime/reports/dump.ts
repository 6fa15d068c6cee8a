// `dump`: when each session expires if its client stays silent, and which nodes go with it. Only a
// leader or a standalone server knows when a session expires.

import {
  type EphemeralDump,
  Query,
  type SessionCounts,
  type SessionDump,
  type SessionTimeouts,
} from '../../protocol/messages/queries.ts'
import type { SessionId } from '../../protocol/session-id.ts'
import { askParts, pathsBySession, sessionIdFrom } from './ask.ts'
import { Lists, type ListsPart } from './parts.ts'
import type { ReportSource } from './source.ts'

type Source = Pick<ReportSource, 'network'>

export interface DumpReport {
  /** By milliseconds of the monotonic clock. */
  readonly expiry_time_to_session_ids: Lists<number, SessionId>
  readonly session_id_to_ephemeral_paths: Lists<SessionId, string>
}

export function dump(source: Source): DumpReport {
  return {
    expiry_time_to_session_ids: new Lists(expiries(source)),
    session_id_to_ephemeral_paths: new Lists(ephemerals(source)),
  }
}

/** What `dump` tells of sessions at a learner: each with its timeout, in ms, in the order of ids. A number
 * comes first: how many there are. */
export async function* sessionTimeouts(
  source: Source,
): AsyncGenerator<number | readonly (readonly [SessionId, number])[]> {
  for await (const part of askParts<number | SessionTimeouts>(source, Query.globalSessions)) {
    if (typeof part === 'number') yield part
    else yield part.map(([hex, timeoutMs]) => [sessionIdFrom(hex), timeoutMs] as const)
  }
}

async function* expiries(source: Source): AsyncGenerator<ListsPart<number, SessionId>> {
  let isFirst = true
  for await (const part of askParts(source, Query.sessions, 'sessions')) {
    if (isFirst) {
      const [lists, items] = part as SessionCounts
      yield { totals: { lists, items }, lists: [] }
    } else {
      const lists = (part as SessionDump).map(([name, size, ids]) => {
        return { name, size, items: ids.map(sessionIdFrom) }
      })
      yield { lists }
    }
    isFirst = false
  }
}

async function* ephemerals(source: Source): AsyncGenerator<ListsPart<SessionId, string>> {
  for await (const part of askParts<number | EphemeralDump>(source, Query.ephemerals)) {
    if (typeof part === 'number') yield { totals: { lists: part }, lists: [] }
    else yield { lists: pathsBySession(part) }
  }
}
