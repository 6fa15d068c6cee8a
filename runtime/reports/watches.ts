// `wchs`, `wchc` and `wchp`: who watches what.

import {
  Query,
  type WatchesByPath,
  type WatchesBySession,
  type WatchSummary,
} from '../../protocol/messages/queries.ts'
import type { SessionId } from '../../protocol/session-id.ts'
import { ask, askParts, pathsBySession, sessionIdFrom } from './ask.ts'
import { Lists, type ListsPart } from './parts.ts'
import type { ReportSource } from './source.ts'

type Source = Pick<ReportSource, 'network'>

export interface WatchSummaryReport {
  /** How many connections watch anything. */
  readonly num_connections: number
  readonly num_paths: number
  readonly num_total_watches: number
}

export async function watchSummary(source: Source): Promise<WatchSummaryReport> {
  const [connections, paths, watches] = await ask<WatchSummary>(source, Query.watchSummary)
  return { num_connections: connections, num_paths: paths, num_total_watches: watches }
}

export interface WatchesReport {
  readonly session_id_to_watched_paths: Lists<SessionId, string>
}

export function watches(source: Source): WatchesReport {
  return { session_id_to_watched_paths: new Lists(bySession(source)) }
}

export interface WatchesByPathReport {
  readonly path_to_session_ids: Lists<string, SessionId>
}

export function watchesByPath(source: Source): WatchesByPathReport {
  return { path_to_session_ids: new Lists(byPath(source)) }
}

async function* bySession(source: Source): AsyncGenerator<ListsPart<SessionId, string>> {
  for await (const part of askParts<WatchesBySession>(source, Query.watchesBySession)) {
    yield { lists: pathsBySession(part) }
  }
}

async function* byPath(source: Source): AsyncGenerator<ListsPart<string, SessionId>> {
  for await (const part of askParts<WatchesByPath>(source, Query.watchesByPath)) {
    yield { lists: part.map(([name, ids]) => ({ name, items: ids.map(sessionIdFrom) })) }
  }
}
