// `dump`: sessions by expiry time, or by id at a learner; ephemeral nodes by session; connections by the time
// when they are closed.

import { formatSessionId } from '../../../protocol/session-id.ts'
import { connectionDeadlines } from '../../reports/connection-deadlines.ts'
import { dump, sessionTimeouts } from '../../reports/dump.ts'
import type { ReportSource } from '../../reports/source.ts'
import { SystemClock } from '../../shared/clock.ts'
import { dateText } from './java-text.ts'
import { listsText } from './lists-text.ts'

/** They do not know when a session expires. */
const LEARNERS: ReadonlySet<string> = new Set(['follower', 'observer'])

export async function* dumpText(source: ReportSource): AsyncGenerator<string> {
  const report = dump(source)
  const connections = connectionDeadlines(source)
  const clock = new SystemClock()
  const toWallMs = clock.wallMs - clock.nowMs
  yield 'SessionTracker dump:\n'
  if (LEARNERS.has(source.network.mode)) yield* timeoutsText(source)
  else {
    yield* listsText(report.expiry_time_to_session_ids, {
      totals: ({ lists, items }) => `Session Sets (${lists})/(${items}):`,
      head: ({ name, size }) => `${size} expire at ${dateText(name + toWallMs)}:`,
      line: formatSessionId,
    })
  }
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

/** LearnerSessionTracker.dumpSessions */
async function* timeoutsText(source: ReportSource): AsyncGenerator<string> {
  for await (const part of sessionTimeouts(source)) {
    if (typeof part === 'number') yield `Global Sessions(${part}):\n`
    else yield part.map(([id, ms]) => `${formatSessionId(id)}\t${ms}ms\n`).join('')
  }
}
