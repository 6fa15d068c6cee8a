// Metrics that ZooKeeper has no names for: what the log writes with a sync, what the threads do in
// a turn, how full their rings are and how long messages wait there, and how many log lines were
// lost. All begin at the start of the server.

import { lostAuditLines } from '../../audit/audit-file.ts'
import { REFUSAL_REASONS } from '../../net/input/refusals.ts'
import { lostLogLines } from '../../process/logger.ts'
import type { RingCounters } from '../../ring/ring-counters.ts'
import type { TurnCounters } from '../../thread/turn-counters.ts'
import { EDGE_NAMES, type EdgeName, ENDPOINTS, type Endpoint } from '../../topology.ts'
import { gaugeOf, isMember, type Metric, type NumberMetric, type Sample } from './metric.ts'

const LOG_METRICS: readonly Metric[] = [
  {
    name: 'ringkeeper_lost_log_lines',
    type: 'counter',
    help: 'Lines of the server log that could not be written',
    value: lostLogLines,
  },
  {
    name: 'ringkeeper_lost_audit_lines',
    type: 'counter',
    help: 'Lines of the audit log that found no room in front of its file',
    value: lostAuditLines,
  },
  {
    name: 'ringkeeper_log_transactions',
    type: 'counter',
    help: 'Transactions appended to the transaction log',
    value: gaugeOf('appended'),
  },
  {
    name: 'ringkeeper_log_bytes',
    type: 'counter',
    help: 'Bytes appended to the transaction log',
    value: gaugeOf('bytesWritten'),
  },
  {
    name: 'ringkeeper_log_avg_transactions_per_fsync',
    type: 'gauge',
    help: 'Transactions per sync of the log, on average',
    isDecimal: true,
    value: ({ source }) => source.gauges.read('appended') / source.gauges.read('syncs'),
  },
  {
    name: 'ringkeeper_log_avg_bytes_per_fsync',
    type: 'gauge',
    help: 'Bytes per sync of the log, on average',
    isDecimal: true,
    value: ({ source }) => source.gauges.read('bytesWritten') / source.gauges.read('syncs'),
  },
  {
    name: 'ringkeeper_learners_backlog_bytes',
    type: 'gauge',
    help: 'Bytes that wait for the links to all learners',
    when: isMember,
    value: gaugeOf('learnersBacklog'),
  },
  {
    name: 'ringkeeper_unsuccessful_peer_handshakes',
    type: 'counter',
    help: 'TLS handshakes with other servers that failed, or that a certificate or a plain connection ended',
    when: isMember,
    value: ({ source: { gauges } }) =>
      gauges.read('quorumTlsFailed') + gauges.read('electionTlsFailed'),
  },
  {
    name: 'ringkeeper_learner_max_backlog_bytes',
    type: 'gauge',
    help: 'The most bytes that have waited for the link to one learner',
    when: isMember,
    value: gaugeOf('learnerBacklogMax'),
  },
]

/** A metric of each thread, or of each ring: `name` follows the name of that. */
interface Column<Counted> {
  readonly name: string
  readonly type: NumberMetric['type']
  readonly help: string
  readonly isDecimal?: true
  readonly of: (counted: Counted) => number
}

const TURN_COLUMNS: readonly Column<TurnCounters>[] = [
  { name: 'turns', type: 'counter', help: 'Turns', of: (turn) => turn.turns },
  {
    name: 'idle_turns',
    type: 'counter',
    help: 'Turns without a message',
    of: (turn) => turn.idleTurns,
  },
  { name: 'messages', type: 'counter', help: 'Messages taken', of: (turn) => turn.messages },
  {
    name: 'avg_messages_per_turn',
    type: 'gauge',
    help: 'Messages per turn that had any, on average',
    isDecimal: true,
    of: (turn) => turn.messages / (turn.turns - turn.idleTurns),
  },
  {
    name: 'max_messages_per_turn',
    type: 'gauge',
    help: 'The most messages in one turn',
    of: (turn) => turn.messagesMax,
  },
  {
    name: 'cnt_turn',
    type: 'counter',
    help: 'Turns whose length was measured',
    of: (turn) => turn.timedTurns,
  },
  {
    name: 'avg_turn_ms',
    type: 'gauge',
    help: 'Milliseconds of a turn, on average',
    isDecimal: true,
    of: (turn) => turn.timedSumMs / turn.timedTurns,
  },
  {
    name: 'max_turn_ms',
    type: 'gauge',
    help: 'Milliseconds of the longest turn',
    isDecimal: true,
    of: (turn) => turn.timedMaxMs,
  },
]

const RING_COLUMNS: readonly Column<RingCounters>[] = [
  { name: 'bytes', type: 'gauge', help: 'Bytes that wait', of: (ring) => ring.occupancy },
  {
    name: 'max_bytes',
    type: 'gauge',
    help: 'The most bytes that have waited',
    of: (ring) => ring.occupancyMax,
  },
  { name: 'frames', type: 'counter', help: 'Frames', of: (ring) => ring.frames },
  { name: 'batches', type: 'counter', help: 'Batches of frames', of: (ring) => ring.batches },
  {
    name: 'stalls',
    type: 'counter',
    help: 'Frames that found no room',
    of: (ring) => ring.stalls,
  },
  {
    name: 'cnt_wait',
    type: 'counter',
    help: 'Batches whose wait was measured',
    of: (ring) => ring.waits,
  },
  {
    name: 'avg_wait_ms',
    type: 'gauge',
    help: 'Milliseconds that a batch waits, on average',
    isDecimal: true,
    of: (ring) => ring.waitSumMs / ring.waits,
  },
  {
    name: 'max_wait_ms',
    type: 'gauge',
    help: 'The longest that a batch has waited, in milliseconds',
    isDecimal: true,
    of: (ring) => ring.waitMaxMs,
  },
]

const REFUSAL_METRICS: readonly Metric[] = REFUSAL_REASONS.map((reason) => ({
  name: `ringkeeper_refused_${reason.replaceAll('-', '_')}`,
  type: 'counter',
  help: `Connections of clients that were refused with ${reason}`,
  value: ({ source }) => source.network.refusals.counts().get(reason) ?? 0,
}))

export const OWN_METRICS: readonly Metric[] = [
  ...LOG_METRICS,
  ...REFUSAL_METRICS,
  ...ENDPOINTS.flatMap(turnMetrics),
  ...EDGE_NAMES.flatMap(ringMetrics),
]

function turnMetrics(thread: Endpoint): Metric[] {
  const prefix = `ringkeeper_${thread}`
  return rows(TURN_COLUMNS, prefix, `of thread ${thread}`, [thread], ({ turns }) =>
    turns.get(thread),
  )
}

function ringMetrics(edge: EdgeName): Metric[] {
  const ends = edge.split('>')
  const prefix = `ringkeeper_ring_${ends.join('_')}`
  return rows(RING_COLUMNS, prefix, `in ring ${edge}`, ends, ({ rings }) => rings.get(edge))
}

function rows<Counted>(
  columns: readonly Column<Counted>[],
  prefix: string,
  of: string,
  threads: readonly string[],
  counted: (sample: Sample) => Counted | undefined,
): Metric[] {
  // A standalone server has no election, and no thread for it.
  const when = threads.includes('election') ? { when: isMember } : {}
  return columns.map(({ of: read, name, help, ...column }) => ({
    ...column,
    ...when,
    name: `${prefix}_${name}`,
    help: `${help}, ${of}`,
    value: (sample) => {
      const counters = counted(sample)
      return counters === undefined ? 0 : read(counters)
    },
  }))
}
