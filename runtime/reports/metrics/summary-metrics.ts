// Metrics of times and sizes with their quantiles; each shows a meter (runtime/shared/meters.ts).
// As in ZooKeeper, in `mntr` an advanced one has the quantiles 0.5, 0.95, 0.99 and 0.999. A basic
// one has none there, and 0.5 in Prometheus.

import type { MeterName } from '../../shared/meters.ts'
import type { Metric, Sample, Summary, SummaryMetric } from './metric.ts'

type Row = readonly [
  name: string,
  level: SummaryMetric['level'],
  help: string,
  /** The meter's name, if it differs from the metric's. */
  meter?: MeterName,
]

const ROWS: readonly Row[] = [
  ['readlatency', 'advanced', 'Milliseconds from a read to its reply'],
  ['updatelatency', 'advanced', 'Milliseconds from a write to its reply'],
  [
    'propagation_latency',
    'advanced',
    'Milliseconds from a zxid, at the leader, to being applied here',
  ],
  [
    'local_write_committed_time_ms',
    'advanced',
    'The same of writes of this server’s own clients alone',
  ],
  ['server_write_committed_time_ms', 'advanced', 'The same of what others asked for'],
  [
    'sync_processor_queue_flush_time_ms',
    'advanced',
    'Milliseconds of a sync of the log',
    'fsynctime',
  ],
  ['quorum_ack_latency', 'advanced', 'Of a leader: milliseconds from a proposal to its quorum'],
  [
    'proposal_latency',
    'advanced',
    'Of a learner: milliseconds from a zxid to its proposal’s coming',
  ],
  ['jvm_pause_time_ms', 'advanced', 'Milliseconds by which the main thread’s heartbeat came late'],
  ['fsynctime', 'basic', 'Milliseconds of a sync of the log'],
  ['sync_processor_batch_size', 'basic', 'Transactions of one sync'],
  ['snapshottime', 'basic', 'Milliseconds that a snapshot took to be written'],
  ['dbinittime', 'basic', 'Milliseconds from the start to all that the disk holds being loaded'],
  ['startup_snap_load_time', 'basic', 'Milliseconds of it until the snapshot was loaded'],
  ['startup_txns_load_time', 'basic', 'Milliseconds of it for the log behind the snapshot'],
  ['startup_txns_loaded', 'basic', 'Transactions of the log behind the snapshot'],
  ['election_time', 'basic', 'Milliseconds of an election'],
  ['unavailable_time', 'basic', 'Milliseconds from looking for a leader to serving clients'],
  ['leader_unavailable_time', 'basic', 'The same where this server became the leader'],
  [
    'follower_sync_time',
    'basic',
    'Milliseconds in which a leader brought this follower up to date',
  ],
  [
    'observer_sync_time',
    'basic',
    'Milliseconds in which a leader brought this observer up to date',
  ],
  [
    'inflight_diff_count',
    'basic',
    'Learners that a leader was sending what they lacked, at each begin',
  ],
  ['inflight_snap_count', 'basic', 'Learners that a leader was sending the tree, at each begin'],
  [
    'node_created_watch_count',
    'basic',
    'Connections that were told of a creation that was watched',
  ],
  [
    'node_deleted_watch_count',
    'basic',
    'Connections that were told of a deletion that was watched',
  ],
  ['node_changed_watch_count', 'basic', 'Connections that were told of new data that was watched'],
  [
    'node_children_watch_count',
    'basic',
    'Connections that were told of children that were watched',
  ],
]

/** Waits in rings. One wait in 61 is measured. */
const RING_ROWS: readonly (readonly [
  name: string,
  edge: (sample: Sample) => string,
  help: string,
])[] = [
  [
    'prep_processor_queue_time_ms',
    () => 'network>tree',
    'Milliseconds that requests waited for the tree, one in 61',
  ],
  [
    'sync_processor_queue_time_ms',
    ({ source }) => (source.options.ensemble === null ? 'tree>log' : 'zab>log'),
    'Milliseconds that transactions waited for the log, one in 61',
  ],
]

export const SUMMARY_METRICS: readonly Metric[] = [
  ...ROWS.map(([name, level, help, meter]): SummaryMetric => {
    const of = meter ?? (name as MeterName)
    const value: SummaryMetric['value'] = ({ source, nowMs }) => source.meters.read(of, nowMs)
    return { name, help, level, type: 'summary', value }
  }),
  ...RING_ROWS.map(([name, edge, help]): SummaryMetric => {
    return {
      name,
      help,
      level: 'plain',
      type: 'summary',
      value: (sample) => waits(sample, edge(sample)),
    }
  }),
]

function waits({ rings }: Sample, edge: string): Summary {
  const ring = rings.get(edge)
  return { count: ring?.waits ?? 0, sum: ring?.waitSumMs ?? 0, max: ring?.waitMaxMs ?? 0 }
}
