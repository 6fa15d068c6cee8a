// Counters under ZooKeeper's names. They begin at the start of the server, and only grow.

import type { GaugeName } from '../../shared/gauges.ts'
import { gaugeOf, isMember, type Metric, type NumberMetric } from './metric.ts'

export const COUNTER_METRICS: readonly Metric[] = [
  {
    name: 'connection_rejected',
    type: 'counter',
    help: 'Connections that were not accepted',
    value: ({ source }) => source.network.stats.connectionsRejected,
  },
  {
    name: 'connection_drop_count',
    type: 'counter',
    help: 'Connections that the server closed because of what they did',
    value: ({ source }) => source.network.stats.connectionsDropped,
  },
  {
    name: 'sessionless_connections_expired',
    type: 'counter',
    help: 'Connections whose handshake did not come in time',
    value: ({ source }) => source.network.stats.sessionlessExpired,
  },
  {
    name: 'large_requests_rejected',
    type: 'counter',
    help: 'Connections closed for a frame longer than jute.maxbuffer',
    value: ({ source }) => source.network.refusals.counts().get('frame-length') ?? 0,
  },
  {
    name: 'unsuccessful_handshake',
    type: 'counter',
    help: 'TLS handshakes that failed, or that a certificate or plain text ended',
    value: ({ source }) => source.network.stats.unsuccessfulHandshakes,
  },
  {
    name: 'stale_sessions_expired',
    type: 'counter',
    help: 'Sessions that expired',
    value: gaugeOf('expiredSessions'),
  },
  {
    name: 'digest_mismatches_count',
    type: 'counter',
    help: 'Times that the digest of the tree was not the expected one',
    value: gaugeOf('digestMismatches'),
  },
  {
    name: 'connection_request_count',
    type: 'counter',
    help: 'Handshakes of clients',
    value: ({ source }) => source.network.stats.connectionRequests,
  },
  {
    name: 'connection_revalidate_count',
    type: 'counter',
    help: 'Handshakes of clients that have a session already',
    value: ({ source }) => source.network.stats.connectionRevalidations,
  },
  {
    name: 'bytes_received_count',
    type: 'counter',
    help: 'Bytes that came from clients',
    value: ({ source }) => source.network.stats.bytesReceived,
  },
  {
    name: 'response_bytes',
    type: 'counter',
    help: 'Bytes of replies and events to clients',
    value: ({ source }) => source.network.stats.responseBytes,
  },
  {
    name: 'watch_bytes',
    type: 'counter',
    help: 'Bytes of events to clients',
    value: ({ source }) => source.network.stats.watchBytes,
  },
  {
    name: 'prep_processor_request_queued',
    type: 'counter',
    help: 'Requests that went to the tree',
    value: ({ source }) => source.network.stats.requests,
  },
  {
    name: 'sync_processor_request_queued',
    type: 'counter',
    help: 'Transactions that went to the log',
    value: gaugeOf('appended'),
  },
  {
    name: 'request_commit_queued',
    type: 'counter',
    help: 'Transactions that were committed and applied',
    value: gaugeOf('applied'),
  },
  {
    name: 'outstanding_changes_queued',
    type: 'counter',
    help: 'Transactions that this server made',
    value: gaugeOf('proposed'),
  },
  {
    name: 'outstanding_changes_removed',
    type: 'counter',
    help: 'Transactions of this server’s making that were committed',
    value: gaugeOf('committedOwn'),
  },
  {
    name: 'revalidate_count',
    type: 'counter',
    help: 'Of a learner: sessions that it asked its leader for',
    value: gaugeOf('revalidations'),
  },
  {
    name: 'proposal_count',
    type: 'counter',
    help: 'Of a leader: transactions that it proposed',
    value: ofMember('proposed'),
  },
  {
    name: 'commit_count',
    type: 'counter',
    help: 'Of a leader: its proposals that were committed and applied',
    value: ofMember('committedOwn'),
  },
  {
    name: 'learner_proposal_received_count',
    type: 'counter',
    help: 'Of a learner: proposals that came',
    value: gaugeOf('proposalsReceived'),
  },
  {
    name: 'learner_commit_received_count',
    type: 'counter',
    help: 'Of a learner: packets that say what is committed',
    value: gaugeOf('commitsReceived'),
  },
  {
    name: 'looking_count',
    type: 'counter',
    help: 'Elections that this server began to take part in',
    value: ({ source }) => source.tally.looking,
  },
  {
    name: 'diff_count',
    type: 'counter',
    help: 'Of a leader: learners that it sent what they lacked',
    value: ({ source }) => source.tally.diffs,
  },
  {
    name: 'snap_count',
    type: 'counter',
    help: 'Of a leader: learners that it sent the whole tree',
    value: ({ source }) => source.tally.snapshots,
  },
  {
    name: 'fsync_threshold_exceed_count',
    type: 'counter',
    help: 'Syncs of the log that took longer than fsync.warningthresholdms',
    value: ({ source }) => source.tally.slowSyncs,
  },
]

/** A standalone server leads nobody, so it has none of a leader's counters. */
function ofMember(name: GaugeName): NumberMetric['value'] {
  return (sample) => (isMember(sample) ? sample.source.gauges.read(name) : 0)
}
