// How the server is doing, in the text of `srvr` and `stat`.

import { formatZxid } from '../../../protocol/zxid.ts'
import type { ServerStatsReport } from '../../reports/server-stats.ts'

export function statisticsText(report: ServerStatsReport): string {
  const { server_stats: stats, proposal_stats: sizes } = report
  const proposals =
    sizes === undefined
      ? ''
      : 'Proposal sizes last/min/max: ' +
        `${sizes.last_buffer_size}/${sizes.min_buffer_size}/${sizes.max_buffer_size}\n`
  return (
    `Latency min/avg/max: ${stats.min_latency}/${stats.avg_latency}/${stats.max_latency}\n` +
    `Received: ${stats.packets_received}\n` +
    `Sent: ${stats.packets_sent}\n` +
    `Connections: ${stats.num_alive_client_connections}\n` +
    `Outstanding: ${stats.outstanding_requests}\n` +
    `Zxid: ${formatZxid(stats.last_processed_zxid)}\n` +
    `Mode: ${stats.server_state}\n` +
    `Node count: ${report.node_count}\n` +
    proposals
  )
}
