// `mntr`: a line a metric, `zk_name<tab>value`, with ZooKeeper's names and its first lines first.
// A metric is left out rather than made up.

import { readdirSync } from 'node:fs'
import type { EnsembleOptions } from '../../config/ensemble/ensemble.ts'
import { descriptorLimit } from '../process/descriptors.ts'
import { FULL_VERSION } from '../process/version.ts'
import type { GaugeName } from '../shared/gauges.ts'
import type { CommandSource } from './four-letter-words.ts'
import { doubleText } from './java-text.ts'
import { ownMetrics } from './own-metrics.ts'
import { peerState } from './server-mode.ts'

const UNKNOWN = -1

export function monitorText(source: CommandSource, uptimeMs: number): string {
  return metrics(source, uptimeMs)
    .map(([name, value]) => `zk_${name}\t${value}\n`)
    .join('')
}

export type Metric = readonly [name: string, value: string | number]

function metrics(source: CommandSource, uptimeMs: number): Metric[] {
  const { network, gauges } = source
  const { ensemble } = source.options
  const { stats } = network
  const refused = network.refusals.counts()
  return [
    ['version', FULL_VERSION],
    ['server_state', network.mode],
    ...(ensemble === null ? [] : [['peer_state', peerState(network.mode)] as const]),
    ['avg_latency', doubleText(stats.averageLatencyMs)],
    ['max_latency', stats.maxLatencyMs],
    ['min_latency', Number.isFinite(stats.minLatencyMs) ? stats.minLatencyMs : 0],
    ['packets_received', stats.packetsReceived],
    ['packets_sent', stats.packetsSent],
    ['num_alive_connections', network.connectionCount],
    ['outstanding_requests', network.outstanding],
    ['uptime', Math.round(uptimeMs)],
    ['znode_count', gauges.read('znodes')],
    ['watch_count', gauges.read('watches')],
    ['ephemerals_count', gauges.read('ephemerals')],
    ['approximate_data_size', gauges.read('approximateBytes')],
    ['open_file_descriptor_count', openDescriptors()],
    ['max_file_descriptor_count', maxDescriptors()],
    ['global_sessions', gauges.read('treeSessions')],
    ['local_sessions', 0],
    ['connection_drop_probability', doubleText(0)],
    ['last_client_response_size', withoutLength(stats.lastResponseBytes)],
    ['max_client_response_size', withoutLength(stats.maxResponseBytes)],
    ['min_client_response_size', withoutLength(stats.minResponseBytes)],
    ['connection_rejected', stats.connectionsRejected],
    ['connection_drop_count', stats.connectionsDropped],
    ['sessionless_connections_expired', stats.sessionlessExpired],
    ['large_requests_rejected', refused.get('frame-length') ?? 0],
    ['stale_sessions_expired', gauges.read('expiredSessions')],
    ['digest_mismatches_count', gauges.read('digestMismatches')],
    ...syncMetrics(gauges.read('syncs'), gauges.read('syncMicros')),
    ...(ensemble === null ? [] : quorumMetrics(ensemble, source)),
    ...ownMetrics(source),
  ]
}

/** What every member has, and what only a leader has. */
function quorumMetrics(
  { membership }: EnsembleOptions,
  { network, gauges }: CommandSource,
): Metric[] {
  const size: Metric = [
    'quorum_size',
    membership.members.filter(({ role }) => role === 'participant').length,
  ]
  if (network.mode !== 'leader') return [size]
  const { last, min, max } = proposalBytes(gauges)
  return [
    size,
    ['learners', gauges.read('learners')],
    ['synced_followers', gauges.read('syncedFollowers')],
    // A follower that is no member of the configuration; there are none without reconfiguration.
    ['synced_non_voting_followers', 0],
    ['synced_observers', gauges.read('syncedObservers')],
    ['pending_syncs', gauges.read('pendingSyncs')],
    ['leader_uptime', Math.round(network.servingMs)],
    ['last_proposal_size', last],
    ['min_proposal_size', min],
    ['max_proposal_size', max],
  ]
}

/** Of a leader's proposals, in bytes; -1 each before the first. */
export function proposalBytes(gauges: CommandSource['gauges']): {
  last: number
  min: number
  max: number
} {
  const read = (name: GaugeName): number => gauges.read(name) || UNKNOWN
  return {
    last: read('lastProposalBytes'),
    min: read('minProposalBytes'),
    max: read('maxProposalBytes'),
  }
}

/** As ZooKeeper counts, without the four bytes of the frame's length. */
function withoutLength(bytes: number): number {
  return bytes < 0 ? UNKNOWN : bytes - 4
}

/** In milliseconds. */
function syncMetrics(count: number, micros: number): Metric[] {
  return [
    ['avg_fsynctime', doubleText(count === 0 ? 0 : micros / count / 1000)],
    ['cnt_fsynctime', count],
    ['sum_fsynctime', Math.round(micros / 1000)],
  ]
}

function openDescriptors(): number {
  try {
    // The folder that is being read has one too.
    return readdirSync('/proc/self/fd').length - 1
  } catch {
    return UNKNOWN
  }
}

function maxDescriptors(): number {
  const limit = descriptorLimit()
  return Number.isFinite(limit) ? limit : UNKNOWN
}
