// The last part of `dump`, which the admin server does not have: connections by the time at which
// each is closed if it stays silent.
//
// First all connections are looked at, in steps, and noted, so that the counts at the front match
// the list.

import type { SessionId } from '../../protocol/session-id.ts'
import type { ClientConnection } from '../net/client-connection.ts'
import { addressOf } from './connections.ts'
import { Lists, type ListsPart, nextRound, ROWS_A_PART } from './parts.ts'
import type { ReportSource } from './source.ts'

type Source = Pick<ReportSource, 'network' | 'options'>

/** Deadlines of connections are rounded to this. */
const EXPIRY_STEP_MS = 10_000

export interface ConnectionDeadline {
  readonly remote_socket_address: string
  /** 0 if it has none yet. */
  readonly session_id: SessionId
}

export interface ConnectionDeadlinesReport {
  /** By milliseconds since 1970. */
  readonly expiry_time_to_connections: Lists<number, ConnectionDeadline>
}

export function connectionDeadlines(source: Source): ConnectionDeadlinesReport {
  return { expiry_time_to_connections: new Lists(parts(source)) }
}

async function* parts(source: Source): AsyncGenerator<ListsPart<number, ConnectionDeadline>> {
  const { sets, count } = await collected(source)
  yield { totals: { lists: sets.size, items: count }, lists: [] }
  for (const [name, set] of [...sets].sort(([a], [b]) => a - b)) {
    for (let from = 0; from < set.length; from += ROWS_A_PART) {
      const items = set.slice(from, from + ROWS_A_PART).map(deadlineOf)
      yield { lists: [{ name, size: set.length, items }] }
      if (items.length === ROWS_A_PART) await nextRound()
    }
  }
}

async function collected({
  network,
  options,
}: Source): Promise<{ sets: Map<number, ClientConnection[]>; count: number }> {
  const sets = new Map<number, ClientConnection[]>()
  let count = 0
  for (const connection of network.connections()) {
    const heardMs = connection.lastResponseWallMs || connection.establishedWallMs
    const deadlineMs = heardMs + (connection.timeoutMs || options.sessionlessCnxnTimeoutMs)
    const step = Math.ceil(deadlineMs / EXPIRY_STEP_MS) * EXPIRY_STEP_MS
    const set = sets.get(step)
    if (set === undefined) sets.set(step, [connection])
    else set.push(connection)
    if (++count % ROWS_A_PART === 0) await nextRound()
  }
  return { sets, count }
}

function deadlineOf(connection: ClientConnection): ConnectionDeadline {
  return {
    remote_socket_address: addressOf(connection),
    session_id: connection.sessionId,
  }
}
