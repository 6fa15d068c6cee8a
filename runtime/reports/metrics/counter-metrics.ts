// Counters under ZooKeeper's names. They begin at the start of the server, and only grow.

import type { GaugeName } from '../../shared/gauges.ts'
import { gaugeOf, isMember, type Metric, type NumberMetric } from './metric.ts'

type Row = readonly [name: string, help: string, value: NumberMetric['value']]

const ROWS: readonly Row[] = [
  [
    'connection_rejected',
    'Connections that were not accepted',
    ({ source }) => source.network.stats.connectionsRejected,
  ],
  [
    'connection_drop_count',
    'Connections that the server closed because of what they did',
    ({ source }) => source.network.stats.connectionsDropped,
  ],
  [
    'sessionless_connections_expired',
    'Connections whose handshake did not come in time',
    ({ source }) => source.network.stats.sessionlessExpired,
  ],
  [
    'large_requests_rejected',
    'Connections closed for a frame longer than jute.maxbuffer',
    ({ source }) => source.network.refusals.counts().get('frame-length') ?? 0,
  ],
  [
    'unsuccessful_handshake',
    'TLS handshakes that failed, or that a certificate or plain text ended',
    ({ source }) => source.network.stats.unsuccessfulHandshakes,
  ],
  ['stale_sessions_expired', 'Sessions that expired', gaugeOf('expiredSessions')],
  [
    'digest_mismatches_count',
    'Times that the digest of the tree was not the expected one',
    gaugeOf('digestMismatches'),
  ],
  [
    'connection_request_count',
    'Handshakes of clients',
    ({ source }) => source.network.stats.connectionRequests,
  ],
  [
    'connection_revalidate_count',
    'Handshakes of clients that have a session already',
    ({ source }) => source.network.stats.connectionRevalidations,
  ],
  [
    'bytes_received_count',
    'Bytes that came from clients',
    ({ source }) => source.network.stats.bytesReceived,
  ],
  [
    'response_bytes',
    'Bytes of replies and events to clients',
    ({ source }) => source.network.stats.responseBytes,
  ],
  ['watch_bytes', 'Bytes of events to clients', ({ source }) => source.network.stats.watchBytes],
  [
    'prep_processor_request_queued',
    'Requests that went to the tree',
    ({ source }) => source.network.stats.requests,
  ],
  ['sync_processor_request_queued', 'Transactions that went to the log', gaugeOf('appended')],
  ['request_commit_queued', 'Transactions that were committed and applied', gaugeOf('applied')],
  ['outstanding_changes_queued', 'Transactions that this server made', gaugeOf('proposed')],
  [
    'outstanding_changes_removed',
    'Transactions of this server’s making that were committed',
    gaugeOf('committedOwn'),
  ],
  [
    'revalidate_count',
    'Of a learner: sessions that it asked its leader for',
    gaugeOf('revalidations'),
  ],
  ['proposal_count', 'Of a leader: transactions that it proposed', ofMember('proposed')],
  [
    'commit_count',
    'Of a leader: its proposals that were committed and applied',
    ofMember('committedOwn'),
  ],
  [
    'learner_proposal_received_count',
    'Of a learner: proposals that came',
    gaugeOf('proposalsReceived'),
  ],
  [
    'learner_commit_received_count',
    'Of a learner: packets that say what is committed',
    gaugeOf('commitsReceived'),
  ],
  [
    'looking_count',
    'Elections that this server began to take part in',
    ({ source }) => source.tally.looking,
  ],
  [
    'diff_count',
    'Of a leader: learners that it sent what they lacked',
    ({ source }) => source.tally.diffs,
  ],
  [
    'snap_count',
    'Of a leader: learners that it sent the whole tree',
    ({ source }) => source.tally.snapshots,
  ],
  [
    'fsync_threshold_exceed_count',
    'Syncs of the log that took longer than fsync.warningthresholdms',
    ({ source }) => source.tally.slowSyncs,
  ],
]

export const COUNTER_METRICS: readonly Metric[] = ROWS.map(([name, help, value]) => ({
  name,
  type: 'counter',
  help,
  value,
}))

/** A standalone server leads nobody, so it has none of a leader's counters. */
function ofMember(name: GaugeName): NumberMetric['value'] {
  return (sample) => (isMember(sample) ? sample.source.gauges.read(name) : 0)
}
