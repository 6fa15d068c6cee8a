// `dump`: sessions by expiry time, ephemeral nodes by session, connections by the time when they
// are closed.

import { formatSessionId } from '../../../protocol/session-id.ts'
import type { ConnectionDeadlinesReport } from '../../reports/connection-deadlines.ts'
import type { DumpReport } from '../../reports/dump.ts'
import { SystemClock } from '../../shared/clock.ts'
import { dateText } from './java-text.ts'
import { listsText } from './lists-text.ts'

export async function* dumpText(
  report: DumpReport,
  connections: ConnectionDeadlinesReport,
): AsyncGenerator<string> {
  const clock = new SystemClock()
  const toWallMs = clock.wallMs - clock.nowMs
  yield 'SessionTracker dump:\n'
  yield* listsText(report.expiry_time_to_session_ids, {
    totals: ({ lists, items }) => `Session Sets (${lists})/(${items}):`,
    head: ({ name, size }) => `${size} expire at ${dateText(name + toWallMs)}:`,
    line: formatSessionId,
  })
  yield 'ephemeral nodes dump:\n'
  yield* listsText(report.session_id_to_ephemeral_paths, {
    totals: ({ lists }) => `Sessions with Ephemerals (${lists}):`,
    head: ({ name }) => `${formatSessionId(name)}:`,
    line: (path) => path,
  })
  yield 'Connections dump:\n'
  yield* listsText(connections.expiry_time_to_connections, {
    totals: ({ lists, items }) => `Connections Sets (${lists})/(${items}):`,
    head: ({ name, size }) => `${size} expire at ${dateText(name)}:`,
    line: (connection) => {
      const { remote_socket_address, session_id } = connection
      return `ip: /${remote_socket_address} sessionId: ${formatSessionId(session_id)}`
    },
  })
}
