// Connections as `cons` and `stat` list them.

import { formatSessionId, SESSION_NONE } from '../../../protocol/session-id.ts'
import { formatZxid } from '../../../protocol/zxid.ts'
import type {
  ConnectionBrief,
  ConnectionFull,
  ConnectionsReport,
} from '../../reports/connections.ts'

/** A line for each, and an empty one after the last. */
export async function* connectionsText(
  report: ConnectionsReport<ConnectionBrief | ConnectionFull>,
): AsyncGenerator<string> {
  for (const { parts } of [report.connections, report.secure_connections]) {
    for await (const rows of parts) {
      yield rows.map((row) => ` /${headText(row)}${statsText(row)})\n`).join('')
    }
  }
  yield '\n'
}

function headText(row: ConnectionBrief): string {
  const { outstanding_requests, packets_received, packets_sent } = row
  const counts = `queued=${outstanding_requests},recved=${packets_received},sent=${packets_sent}`
  return `${row.remote_socket_address}[${row.interest_ops}](${counts}`
}

/** Empty for a connection without a session. */
function statsText(row: ConnectionBrief | ConnectionFull): string {
  if (!('session_id' in row) || row.session_id === SESSION_NONE) return ''
  return [
    '',
    `sid=${formatSessionId(row.session_id)}`,
    `lop=${row.last_operation}`,
    `est=${row.established}`,
    `to=${row.session_timeout}`,
    ...(row.last_cxid >= 0 ? [`lcxid=0x${row.last_cxid.toString(16)}`] : []),
    `lzxid=${formatZxid(row.last_zxid)}`,
    `lresp=${row.last_response_time}`,
    `llat=${row.last_latency}`,
    `minlat=${row.min_latency}`,
    `avglat=${row.avg_latency}`,
    `maxlat=${row.max_latency}`,
  ].join(',')
}
