// What the server warns about: what is not as it should be at this moment, and the latest lines of its
// log that are warnings or worse.

import { lostLogLines, recentWarnings } from '../process/logger.ts'
import { isServing, type ReportSource } from '../reports/source.ts'

export interface WarningsView {
  /** Sentences. */
  readonly now: readonly string[]
  /** Newest first. */
  readonly log: readonly LogLine[]
}

export interface LogLine {
  /** ISO 8601. */
  readonly time: string
  readonly level: 'warn' | 'error' | 'fatal'
  readonly text: string
  /** What else the line has, as JSON. */
  readonly fields: string
}

export function warningsView(source: ReportSource): WarningsView {
  return { now: standing(source), log: recentWarnings().map(logLine).reverse() }
}

function standing(source: ReportSource): string[] {
  const { network, gauges, options } = source
  const { ensemble } = options
  const told: string[] = []
  if (!isServing(source)) told.push('The server serves nobody.')
  if (network.mode === 'read-only') told.push('There is no quorum: clients can only read.')
  const others = (ensemble?.membership.members.length ?? 1) - 1
  const learners = gauges.read('learners')
  if (network.mode === 'leader' && learners < others) {
    told.push(`${others - learners} of ${others} other members are not with this leader.`)
  }
  const mismatches = gauges.read('digestMismatches')
  if (mismatches > 0) told.push(`The tree differed from the leader’s ${mismatches} times.`)
  if (lostLogLines() > 0) told.push(`${lostLogLines()} lines of the log could not be written.`)
  if (options.skipAcl) told.push('Access lists are switched off (skipACL).')
  const address = options.adminServerAddress
  if (!/^(127\.|::1$|localhost$)/.test(address)) {
    told.push(`This console can be reached from other hosts (admin.serverAddress=${address}).`)
  }
  return told
}

function logLine(line: string): LogLine {
  const { level, time, msg, ...fields } = JSON.parse(line) as Record<string, unknown>
  const name = Number(level) >= 60 ? 'fatal' : Number(level) >= 50 ? 'error' : 'warn'
  const more = Object.keys(fields).length === 0 ? '' : JSON.stringify(fields)
  return { time: String(time), level: name, text: String(msg ?? ''), fields: more }
}
