// Connections as `cons`, `stat` and `dump` show them.

import { SESSION_NONE, type SessionId } from '../../protocol/session-id.ts'
import { hexOf } from '../../protocol/zxid.ts'
import type { ClientConnection } from './client-connection.ts'
import { dateText } from './java-text.ts'

/** java.nio's SelectionKey. */
const OP_READ = 1
const OP_WRITE = 4
/** Deadlines of connections are counted in these steps. */
const EXPIRY_STEP_MS = 10_000

/** Without the line's end. Brief is what `stat` shows. */
export function connectionLine(connection: ClientConnection, detail: 'brief' | 'full'): string {
  const c = connection
  const counts = `queued=${c.outstanding},recved=${c.received},sent=${c.sent}`
  const head = ` /${addressOf(c)}[${operationsOf(c)}](${counts}`
  if (detail === 'brief' || c.sessionId === SESSION_NONE) return `${head})`
  const replies = c.latencyCount
  return [
    head,
    `sid=0x${sessionHex(c.sessionId)}`,
    `lop=${c.lastOp}`,
    `est=${c.establishedWallMs}`,
    `to=${c.timeoutMs}`,
    ...(c.lastXid >= 0 ? [`lcxid=0x${c.lastXid.toString(16)}`] : []),
    `lzxid=0x${hexOf(c.lastZxid)}`,
    `lresp=${Math.round(c.lastResponseWallMs)}`,
    `llat=${c.lastLatencyMs}`,
    `minlat=${Number.isFinite(c.minLatencyMs) ? c.minLatencyMs : 0}`,
    `avglat=${replies === 0 ? 0 : Math.floor(c.totalLatencyMs / replies)}`,
    `maxlat=${c.maxLatencyMs})`,
  ].join(',')
}

/** What `dump` says of connections: by the time at which each is closed if it stays silent. */
export function connectionSets(
  connections: Iterable<ClientConnection>,
  sessionlessCnxnTimeoutMs: number,
): string {
  const sets = new Map<number, ClientConnection[]>()
  let count = 0
  for (const connection of connections) {
    const heardMs = connection.lastResponseWallMs || connection.establishedWallMs
    const deadlineMs = heardMs + (connection.timeoutMs || sessionlessCnxnTimeoutMs)
    const step = Math.ceil(deadlineMs / EXPIRY_STEP_MS) * EXPIRY_STEP_MS
    const set = sets.get(step)
    if (set === undefined) sets.set(step, [connection])
    else set.push(connection)
    count++
  }
  const lines = [`Connections Sets (${sets.size})/(${count}):`]
  for (const [deadlineMs, set] of [...sets].sort(([a], [b]) => a - b)) {
    lines.push(`${set.length} expire at ${dateText(deadlineMs)}:`)
    for (const connection of set) {
      const sessionId = `0x${sessionHex(connection.sessionId)}`
      lines.push(`\tip: /${addressOf(connection)} sessionId: ${sessionId}`)
    }
  }
  return `${lines.join('\n')}\n`
}

function sessionHex(sessionId: SessionId): string {
  return BigInt.asUintN(64, sessionId).toString(16)
}

function addressOf({ address, port }: ClientConnection): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

/** What the server waits for: a connection that only asks a four-letter word is done with. */
function operationsOf(connection: ClientConnection): number {
  if (connection.state === 'new') return 0
  const read = connection.stalled ? 0 : OP_READ
  return read + (connection.unsentBytes > 0 ? OP_WRITE : 0)
}
