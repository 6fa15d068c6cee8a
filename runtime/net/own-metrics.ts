// The part of `mntr` that ZooKeeper has no names for: what the log writes with a sync, what the
// threads do in a turn, how full their rings are and how long messages wait there, and what of the
// server's own words was lost. All begin at the start of the server.

import { lostLogLines } from '../process/logger.ts'
import type { RingCounters } from '../ring/ring-counters.ts'
import type { TurnCounters } from '../thread/turn-counters.ts'
import type { CommandSource } from './four-letter-words.ts'
import { doubleText } from './java-text.ts'
import type { Metric } from './monitor-report.ts'

export function ownMetrics(source: CommandSource): Metric[] {
  const { options, gauges } = source
  const { rings, turns } = source.counters()
  // A server on its own has no election, and no thread for one.
  const isThere = (...names: string[]): boolean => {
    return options.ensemble !== null || !names.includes('election')
  }
  const metrics = [
    ['lost_log_lines', lostLogLines()] as const,
    ...logMetrics(gauges),
    ...(options.ensemble === null ? [] : learnerMetrics(gauges)),
    ...turns.filter(([name]) => isThere(name)).flatMap(([name, turn]) => turnMetrics(name, turn)),
    ...rings
      .filter(([from, to]) => isThere(from, to))
      .flatMap(([from, to, ring]) => ringMetrics(`${from}_${to}`, ring)),
  ]
  return metrics.map(([name, value]) => [`ringkeeper_${name}`, value])
}

function logMetrics(gauges: CommandSource['gauges']): Metric[] {
  const transactions = gauges.read('appended')
  const bytes = gauges.read('bytesWritten')
  const syncs = gauges.read('syncs')
  return [
    ['log_transactions', transactions],
    ['log_bytes', bytes],
    ['log_avg_transactions_per_fsync', average(transactions, syncs)],
    ['log_avg_bytes_per_fsync', average(bytes, syncs)],
  ]
}

function learnerMetrics(gauges: CommandSource['gauges']): Metric[] {
  return [
    ['learners_backlog_bytes', gauges.read('learnersBacklog')],
    ['learner_max_backlog_bytes', gauges.read('learnerBacklogMax')],
  ]
}

function turnMetrics(name: string, turn: TurnCounters): Metric[] {
  return [
    [`${name}_turns`, turn.turns],
    [`${name}_idle_turns`, turn.idleTurns],
    [`${name}_messages`, turn.messages],
    [`${name}_avg_messages_per_turn`, average(turn.messages, turn.turns - turn.idleTurns)],
    [`${name}_max_messages_per_turn`, turn.messagesMax],
    [`${name}_cnt_turn`, turn.timedTurns],
    [`${name}_avg_turn_ms`, average(turn.timedSumMs, turn.timedTurns)],
    [`${name}_max_turn_ms`, doubleText(turn.timedMaxMs)],
  ]
}

function ringMetrics(edge: string, ring: RingCounters): Metric[] {
  const name = `ring_${edge}`
  return [
    [`${name}_bytes`, ring.occupancy],
    [`${name}_max_bytes`, ring.occupancyMax],
    [`${name}_frames`, ring.frames],
    [`${name}_batches`, ring.batches],
    [`${name}_stalls`, ring.stalls],
    [`${name}_cnt_wait`, ring.waits],
    [`${name}_avg_wait_ms`, average(ring.waitSumMs, ring.waits)],
    [`${name}_max_wait_ms`, doubleText(ring.waitMaxMs)],
  ]
}

function average(sum: number, count: number): string {
  return doubleText(sum / count)
}
