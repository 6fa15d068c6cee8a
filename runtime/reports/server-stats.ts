// `srvr`, and the end of `stat`: how the server is doing. Nothing here waits for a disk or an
// actor.

import type { Zxid } from '../../protocol/zxid.ts'
import type { ServerMode } from '../net/server-mode.ts'
import { FULL_VERSION } from '../process/version.ts'
import { nowMs } from '../shared/clock.ts'
import { Decimal } from './decimal.ts'
import type { ReportSource } from './source.ts'

type Source = Pick<ReportSource, 'network' | 'gauges' | 'startedMs' | 'tally'>

/** Sizes of replies to clients or of proposals, without the frame's length; -1 before the first. */
export interface BufferStats {
  readonly last_buffer_size: number
  readonly min_buffer_size: number
  readonly max_buffer_size: number
}

export interface ServerStatsReport {
  readonly version: string
  readonly read_only: boolean
  readonly server_stats: ServerStats
  readonly client_response: BufferStats
  /** Only of a leader. */
  readonly proposal_stats?: BufferStats
  readonly node_count: number
}

/** The counts are since the start, or since the last srst. */
export interface ServerStats {
  readonly packets_sent: number
  readonly packets_received: number
  /** Syncs of the log above fsync.warningthresholdms; since the start, whatever srst does. */
  readonly fsync_threshold_exceed_count: number
  readonly client_response_stats: BufferStats
  readonly server_state: ServerMode
  readonly last_processed_zxid: Zxid
  readonly outstanding_requests: number
  readonly num_alive_client_connections: number
  /** Milliseconds, and so are the next three. */
  readonly avg_latency: Decimal
  readonly max_latency: number
  readonly min_latency: number
  readonly uptime: number
  /** Since the start, whatever srst does. */
  readonly auth_failed_count: number
}

export function serverStats(source: Source): ServerStatsReport {
  const { network, gauges, tally } = source
  const response = clientResponse(source)
  return {
    version: FULL_VERSION,
    read_only: network.mode === 'read-only',
    server_stats: {
      packets_sent: network.stats.packetsSent,
      packets_received: network.stats.packetsReceived,
      fsync_threshold_exceed_count: tally.slowSyncs,
      client_response_stats: response,
      server_state: network.mode,
      last_processed_zxid: gauges.read('lastZxid') as Zxid,
      outstanding_requests: network.outstanding,
      num_alive_client_connections: network.connectionCount,
      avg_latency: new Decimal(network.stats.averageLatencyMs),
      max_latency: network.stats.maxLatencyMs,
      min_latency: minLatencyMs(source),
      uptime: uptimeMs(source),
      auth_failed_count: authFailed(source),
    },
    client_response: response,
    ...(network.mode === 'leader' ? { proposal_stats: proposals(source) } : {}),
    node_count: gauges.read('znodes'),
  }
}

/** Clients that could not prove who they say they are. */
export function authFailed({ network }: Pick<ReportSource, 'network'>): number {
  return network.refusals.counts().get('authentication-failed') ?? 0
}

/** 0 before the first. */
export function minLatencyMs({ network }: Pick<ReportSource, 'network'>): number {
  const { minLatencyMs } = network.stats
  return Number.isFinite(minLatencyMs) ? minLatencyMs : 0
}

export function uptimeMs({ startedMs }: Pick<ReportSource, 'startedMs'>): number {
  return Math.round(nowMs() - startedMs)
}

export function clientResponse({ network }: Pick<ReportSource, 'network'>): BufferStats {
  const { lastResponseBytes, minResponseBytes, maxResponseBytes } = network.stats
  return {
    last_buffer_size: withoutLength(lastResponseBytes),
    min_buffer_size: withoutLength(minResponseBytes),
    max_buffer_size: withoutLength(maxResponseBytes),
  }
}

export function proposals({ gauges }: Pick<ReportSource, 'gauges'>): BufferStats {
  return {
    last_buffer_size: gauges.read('lastProposalBytes') || UNKNOWN,
    min_buffer_size: gauges.read('minProposalBytes') || UNKNOWN,
    max_buffer_size: gauges.read('maxProposalBytes') || UNKNOWN,
  }
}

const UNKNOWN = -1
const LENGTH_BYTES = 4

function withoutLength(bytes: number): number {
  return bytes < 0 ? UNKNOWN : bytes - LENGTH_BYTES
}
