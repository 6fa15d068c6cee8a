// The sessions that are connected to this server, a page at a time; and one session with what it holds,
// watches and waits for.

import { Query, type WatchesBySession } from '../../../protocol/messages/queries.ts'
import { formatSessionId } from '../../../protocol/session-id.ts'
import { formatZxid } from '../../../protocol/zxid.ts'
import type { ClientConnection } from '../../net/client-connection.ts'
import { askParts } from '../../reports/ask.ts'
import { addressOf } from '../../reports/connections.ts'
import { nextRound } from '../../reports/parts.ts'
import type { ReportSource } from '../../reports/source.ts'
import { Problem, type Slice, sliced } from '../answers.ts'
import type { Inventories } from './inventory.ts'
import type { LockViews } from './lock-views.ts'

export interface SessionView {
  /** `0x...` */
  readonly session: string
  readonly client: string
  /** What the client has proven, without its address and without hashes. */
  readonly identities: readonly string[]
  readonly isSecure: boolean
  /** Milliseconds since 1970. */
  readonly since: number
  readonly lastReply: number | null
  readonly timeoutMs: number
  readonly lastOperation: string
  readonly lastZxid: string
  readonly requests: number
  readonly outstanding: number
  readonly averageMs: number
  readonly maxMs: number
}

const ORDERS: Readonly<Record<string, (a: ClientConnection, b: ClientConnection) => number>> = {
  since: (a, b) => a.establishedWallMs - b.establishedWallMs,
  requests: (a, b) => b.received - a.received,
  outstanding: (a, b) => b.outstanding - a.outstanding,
  latency: (a, b) => averageMs(b) - averageMs(a),
}
/** Connections that are looked through between two rounds of the event loop. */
const STEP = 2000
/** Paths of one session that are told, and watches that are looked through for them. */
const PATHS_MAX = 500
const WATCHES_LOOKED_MAX = 1_000_000

export async function sessionsView(
  { network }: ReportSource,
  order: string,
  filter: string,
  slice: Slice,
): Promise<object> {
  const compare = Object.hasOwn(ORDERS, order) ? ORDERS[order] : undefined
  if (compare === undefined) {
    throw new Problem(400, `order must be one of ${Object.keys(ORDERS).join(', ')}.`)
  }
  const found: ClientConnection[] = []
  const wanted = filter.toLowerCase()
  let looked = 0
  for (const connection of network.connections()) {
    if (++looked % STEP === 0) await nextRound()
    if (connection.sessionId !== 0n && isWanted(connection, wanted)) found.push(connection)
  }
  const { total, rows } = sliced(found.sort(compare), slice)
  return { total, rows: rows.map(sessionView) }
}

export interface Paths {
  readonly total: number
  readonly paths: readonly string[]
  /** Whether `total` counts all. */
  readonly isWhole: boolean
}

export interface SessionDetails {
  readonly session: string
  /** Null if it is not connected to this server. */
  readonly connection: SessionView | null
  readonly holds: Paths
  readonly watches: Paths
  /** Locks and elections in which it stands. */
  readonly stands: readonly {
    readonly path: string
    readonly kind: string
    readonly standing: string
    /** How many stand before it. */
    readonly before: number
  }[]
}

export async function sessionDetails(
  source: ReportSource,
  inventories: Inventories,
  locks: LockViews,
  session: string,
): Promise<SessionDetails> {
  if (!/^0x[0-9a-f]{1,16}$/.test(session)) {
    throw new Problem(400, 'session must be an id such as 0x100000001.')
  }
  const { nodes, isWhole } = await inventories.latest()
  const own = nodes.filter(([, owner]) => owner === session).map(([path]) => path)
  const { groups } = await locks.groups()
  const stands = groups.flatMap(({ path, kind, contenders }) =>
    contenders.flatMap((contender, before) =>
      contender.session === session ? [{ path, kind, standing: contender.standing, before }] : [],
    ),
  )
  return {
    session,
    connection: await connectionOf(source, session),
    holds: { total: own.length, paths: own.slice(0, PATHS_MAX), isWhole },
    watches: await watchesOf(source, session),
    stands: stands.slice(0, PATHS_MAX),
  }
}

async function connectionOf(
  { network }: ReportSource,
  session: string,
): Promise<SessionView | null> {
  let looked = 0
  for (const connection of network.connections()) {
    if (++looked % STEP === 0) await nextRound()
    if (formatSessionId(connection.sessionId) === session) return sessionView(connection)
  }
  return null
}

async function watchesOf(source: ReportSource, session: string): Promise<Paths> {
  const paths: string[] = []
  let [total, looked] = [0, 0]
  for await (const part of askParts<WatchesBySession>(source, Query.watchesBySession)) {
    for (const [hex, watched] of part) {
      looked += watched.length
      if (`0x${hex}` !== session) continue
      total += watched.length
      paths.push(...watched.slice(0, PATHS_MAX - paths.length))
    }
    if (looked > WATCHES_LOOKED_MAX) return { total, paths, isWhole: false }
  }
  return { total, paths, isWhole: true }
}

function isWanted(connection: ClientConnection, wanted: string): boolean {
  if (wanted === '') return true
  const { sessionId, identities } = connection
  if (formatSessionId(sessionId).includes(wanted)) return true
  if (addressOf(connection).includes(wanted)) return true
  return identities.some(({ id }) => id.toLowerCase().includes(wanted))
}

function averageMs({ totalLatencyMs, latencyCount }: ClientConnection): number {
  return latencyCount === 0 ? 0 : totalLatencyMs / latencyCount
}

function sessionView(connection: ClientConnection): SessionView {
  const c = connection
  return {
    session: formatSessionId(c.sessionId),
    client: c.port === 0 ? `${c.address}, by the console` : addressOf(c),
    identities: c.identities.map(({ scheme, id }) => {
      return scheme === 'digest' ? `digest:${id.split(':', 1)[0]}` : `${scheme}:${id}`
    }),
    isSecure: c.proof.isSecure,
    since: c.establishedWallMs,
    lastReply: c.lastResponseWallMs === 0 ? null : Math.round(c.lastResponseWallMs),
    timeoutMs: c.timeoutMs,
    lastOperation: c.lastOp,
    lastZxid: formatZxid(c.lastZxid),
    requests: c.received,
    outstanding: c.outstanding,
    averageMs: averageMs(c),
    maxMs: c.maxLatencyMs,
  }
}
