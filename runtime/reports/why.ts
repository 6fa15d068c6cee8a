// `why`: stories of what went wrong on this server; in the last hour, unless the query says
// otherwise.

import { wallMs } from '../shared/clock.ts'
import type { Fact } from '../why/fact.ts'
import { recordOf, type StoryRecord } from '../why/story-text.ts'
import { tellStories } from '../why/teller.ts'
import type { ReportSource } from './source.ts'

export interface WhyReport {
  /** The server's id; 0 for a standalone server. */
  readonly server: number
  /** Oldest first. */
  readonly stories: readonly StoryRecord[]
  /** For a reader that merges the stories of several servers; oldest first. */
  readonly facts?: readonly Fact[]
}

export interface WhyRefusal {
  readonly error: string
}

const HOUR_MS = 3_600_000
const UNITS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: HOUR_MS,
  d: 24 * HOUR_MS,
}

/** The query's `since` is a duration: `90s`, `30m`, `1h`, `2d`. `facts=true` adds the facts. */
export function why(
  { facts, options }: Pick<ReportSource, 'facts' | 'options'>,
  query: URLSearchParams,
): WhyReport | WhyRefusal {
  const since = query.get('since') ?? '1h'
  const ms = durationMs(since)
  if (ms === null) return { error: `why requires since as 90s, 30m, 1h or 2d, got ${since}` }
  const server = options.ensemble?.serverId ?? 0
  const fromMs = wallMs() - ms
  // A story that began before is told from its beginning.
  const stories = tellStories(facts.since(0), server)
  const told = stories.filter(({ untilMs }) => untilMs === null || untilMs >= fromMs).map(recordOf)
  if (query.get('facts') !== 'true') return { server, stories: told }
  return { server, stories: told, facts: facts.since(fromMs) }
}

/** A duration such as `90s` or `2d` in milliseconds; null if the text is not one. */
export function durationMs(text: string): number | null {
  const [, number, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  return number === undefined ? null : Number(number) * (UNITS[unit] ?? 0)
}
