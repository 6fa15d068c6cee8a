// `top`: what the server is busy with. Paths and prefixes come from a sample of the requests of the
// last 30 to 60 seconds (runtime/top), sessions from the counts of their connections. Watches and
// ephemerals are looked up on request, part by part, because there may be many; the answer is kept
// for HOLDERS_MS.

import { Query } from '../../protocol/messages/queries.ts'
import { formatSessionId } from '../../protocol/session-id.ts'
import type { ClientConnection } from '../net/client-connection.ts'
import { nowMs } from '../shared/clock.ts'
import { askParts } from './ask.ts'
import { Decimal } from './decimal.ts'
import type { ReportSource } from './source.ts'

const ROWS_DEFAULT = 20
const ROWS_MAX = 300
/** How long a look-up of watches and ephemerals is used again. */
const HOLDERS_MS = 10_000

export interface TopPath {
  readonly path: string
  readonly reads_per_second: Decimal
  readonly writes_per_second: Decimal
  readonly bytes_per_second: Decimal
}

export interface TopSession {
  readonly session_id: string
  readonly client: string
  /** Since the client connected, or since the last `crst`. */
  readonly requests: number
  readonly replies: number
  readonly outstanding: number
  readonly avg_latency: Decimal
  readonly max_latency: number
}

export interface Holder {
  readonly name: string
  readonly count: number
}

interface Holders {
  readonly madeMs: number
  readonly watched_paths: readonly Holder[]
  readonly watching_sessions: readonly Holder[]
  readonly ephemeral_sessions: readonly Holder[]
}

export interface TopReport extends Omit<Holders, 'madeMs'> {
  readonly paths: readonly TopPath[]
  readonly prefixes: readonly TopPath[]
  readonly busiest_sessions: readonly TopSession[]
  readonly slowest_sessions: readonly TopSession[]
}

/** What was looked up last, for each server in this process. */
const holders: WeakMap<object, Holders> = new WeakMap()

/** The query's `rows` is the length of each list: 1 to 300, or else an error; 20 by default. */
export async function top(
  source: ReportSource,
  query: URLSearchParams,
): Promise<TopReport | { error: string }> {
  const text = query.get('rows')
  const rows = text === null ? ROWS_DEFAULT : Number(text)
  if (!Number.isInteger(rows) || rows < 1 || rows > ROWS_MAX) {
    return { error: `top requires rows from 1 to ${ROWS_MAX}, got ${text}` }
  }
  const { network } = source
  const { madeMs: _, ...held } = await heldBy(source)
  const connections = [...network.connections()].filter(({ sessionId }) => sessionId !== 0n)
  const first = (by: (one: ClientConnection) => number): TopSession[] => {
    return connections
      .toSorted((a, b) => by(b) - by(a))
      .slice(0, rows)
      .map(sessionRow)
  }
  return {
    paths: pathsOf(source, 'paths', rows),
    prefixes: pathsOf(source, 'prefixes', rows),
    busiest_sessions: first(({ received }) => received),
    slowest_sessions: first(averageMs),
    watched_paths: held.watched_paths.slice(0, rows),
    watching_sessions: held.watching_sessions.slice(0, rows),
    ephemeral_sessions: held.ephemeral_sessions.slice(0, rows),
  }
}

function pathsOf({ network }: ReportSource, what: 'paths' | 'prefixes', rows: number): TopPath[] {
  const busiest = network.stats.traffic?.busiest(what, rows, nowMs()) ?? []
  return busiest.map(({ path, reads, writes, bytes }) => ({
    path,
    reads_per_second: new Decimal(reads),
    writes_per_second: new Decimal(writes),
    bytes_per_second: new Decimal(bytes),
  }))
}

function averageMs({ totalLatencyMs, latencyCount }: ClientConnection): number {
  return latencyCount === 0 ? 0 : totalLatencyMs / latencyCount
}

function sessionRow(connection: ClientConnection): TopSession {
  const { sessionId, address, port, received, sent, outstanding, maxLatencyMs } = connection
  return {
    session_id: formatSessionId(sessionId),
    client: `${address}:${port}`,
    requests: received,
    replies: sent,
    outstanding,
    avg_latency: new Decimal(averageMs(connection)),
    max_latency: maxLatencyMs,
  }
}

async function heldBy(source: ReportSource): Promise<Holders> {
  const known = holders.get(source.gauges)
  if (known !== undefined && nowMs() - known.madeMs < HOLDERS_MS) return known
  const made = {
    madeMs: nowMs(),
    watched_paths: await counted(source, Query.watchesByPath),
    watching_sessions: await counted(source, Query.watchesBySession),
    ephemeral_sessions: await counted(source, Query.ephemerals),
  }
  holders.set(source.gauges, made)
  return made
}

/** The names and lengths of the longest of an actor's lists, the longest first. The name of a
 * session's list is its id. */
async function counted(source: ReportSource, query: Query): Promise<Holder[]> {
  const longest: Holder[] = []
  let last: { name: string; count: number } = { name: '', count: 0 }
  const keep = (): void => {
    if (last.count === 0) return
    longest.push(last)
    if (longest.length < ROWS_MAX * 2) return
    longest.sort((a, b) => b.count - a.count)
    longest.length = ROWS_MAX
  }
  for await (const part of askParts<unknown>(source, query)) {
    // The answer about ephemerals begins with the number of sessions.
    if (!Array.isArray(part)) continue
    for (const [key, items] of part as [string, string[]][]) {
      const name = query === Query.watchesByPath ? key : `0x${key}`
      // A list may continue in the next part.
      if (last.name === name) last.count += items.length
      else {
        keep()
        last = { name, count: items.length }
      }
    }
  }
  keep()
  return longest.sort((a, b) => b.count - a.count).slice(0, ROWS_MAX)
}
