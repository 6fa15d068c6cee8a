// `cons`, and the connections in `stat`: a row for each connection.

import type { SessionId } from '../../protocol/session-id.ts'
import type { Zxid } from '../../protocol/zxid.ts'
import type { ClientConnection } from '../net/client-connection.ts'
import { nextRound, ROWS_A_PART, Rows } from './parts.ts'
import type { ReportSource } from './source.ts'

type Source = Pick<ReportSource, 'network'>

/** From java.nio's SelectionKey. */
const OP_READ = 1
const OP_WRITE = 4

/** What `stat` has for a connection. */
export interface ConnectionBrief {
  /** `127.0.0.1:44354`, `[::1]:44354`. */
  readonly remote_socket_address: string
  /** What the server waits for, in the bits of SelectionKey. */
  readonly interest_ops: number
  readonly outstanding_requests: number
  readonly packets_received: number
  readonly packets_sent: number
}

/** What `cons` has for it. */
export interface ConnectionFull extends ConnectionBrief {
  /** 0 if it has none. */
  readonly session_id: SessionId
  /** Its short name; NA if there was none. */
  readonly last_operation: string
  /** Milliseconds since 1970. */
  readonly established: number
  /** Milliseconds. */
  readonly session_timeout: number
  /** 0 before the first request, -1 after a reset; last_zxid likewise. */
  readonly last_cxid: number
  readonly last_zxid: Zxid
  /** Milliseconds since 1970; 0 if there was none. (ZooKeeper's is from a clock that nobody else
   * has.) */
  readonly last_response_time: number
  readonly last_latency: number
  readonly min_latency: number
  /** Whole milliseconds. */
  readonly avg_latency: number
  readonly max_latency: number
}

export interface ConnectionsReport<Row extends ConnectionBrief> {
  readonly connections: Rows<Row>
  readonly secure_connections: Rows<Row>
}

/** The connections, each as it is when its part is made. */
export function connections(source: Source): ConnectionsReport<ConnectionFull> {
  return reportOf(source, fullRow)
}

export function connectionsBrief(source: Source): ConnectionsReport<ConnectionBrief> {
  return reportOf(source, briefRow)
}

function reportOf<Row extends ConnectionBrief>(
  source: Source,
  row: (connection: ClientConnection) => Row,
): ConnectionsReport<Row> {
  return {
    connections: new Rows(rows(source, row, false)),
    secure_connections: new Rows(rows(source, row, true)),
  }
}

async function* rows<Row>(
  { network }: Source,
  row: (connection: ClientConnection) => Row,
  isSecure: boolean,
): AsyncGenerator<readonly Row[]> {
  let part: Row[] = []
  for (const connection of network.connections()) {
    if (connection.proof.isSecure !== isSecure) continue
    part.push(row(connection))
    if (part.length < ROWS_A_PART) continue
    yield part
    part = []
    await nextRound()
  }
  if (part.length > 0) yield part
}

function briefRow(connection: ClientConnection): ConnectionBrief {
  return {
    remote_socket_address: addressOf(connection),
    interest_ops: operationsOf(connection),
    outstanding_requests: connection.outstanding,
    packets_received: connection.received,
    packets_sent: connection.sent,
  }
}

function fullRow(connection: ClientConnection): ConnectionFull {
  const c = connection
  return {
    ...briefRow(c),
    session_id: c.sessionId,
    last_operation: c.lastOp,
    established: c.establishedWallMs,
    session_timeout: c.timeoutMs,
    last_cxid: c.lastXid,
    last_zxid: c.lastZxid,
    last_response_time: Math.round(c.lastResponseWallMs),
    last_latency: c.lastLatencyMs,
    min_latency: Number.isFinite(c.minLatencyMs) ? c.minLatencyMs : 0,
    avg_latency: c.latencyCount === 0 ? 0 : Math.floor(c.totalLatencyMs / c.latencyCount),
    max_latency: c.maxLatencyMs,
  }
}

export function addressOf({ address, port }: Pick<ClientConnection, 'address' | 'port'>): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

/** What the server waits for. A connection that only asks a four-letter word is done with. */
function operationsOf(connection: ClientConnection): number {
  if (connection.state === 'new' || connection.answering) return 0
  const read = connection.stalled ? 0 : OP_READ
  return read + (connection.unsentBytes > 0 ? OP_WRITE : 0)
}
