// Stories as text for people, and as records for the admin server.

import { type Fact, numberOf, textOf } from './fact.ts'
import type { Story } from './story.ts'
import { duration, wordsOf } from './words.ts'

export interface StoryRecord {
  readonly kind: string
  readonly server: number
  /** ISO 8601. */
  readonly from: string
  /** Null while the story goes on. */
  readonly until: string | null
  readonly duration_ms: number | null
  readonly epoch: number | null
  readonly cause: string
  readonly title: string
  readonly lines: readonly string[]
}

/** A story as the admin server's `why` shows it. */
export function recordOf(story: Story): StoryRecord {
  const { kind, server, fromMs, untilMs, epoch, cause, facts } = story
  return {
    kind,
    server,
    from: timeText(fromMs),
    until: untilMs === null ? null : timeText(untilMs),
    duration_ms: untilMs === null ? null : Math.round(untilMs - fromMs),
    epoch,
    cause: cause.kind,
    title: titleOf(story),
    lines: facts.map((fact) => `${timeText(fact.wallMs)} ${wordsOf(fact)}`),
  }
}

/** A paragraph: the title, then a line for each fact. Times are in UTC. */
export function storyText(story: Story): string {
  const lines = story.facts.map((fact) => `    ${clockText(fact.wallMs)}  ${wordsOf(fact)}`)
  return [`${timeText(story.fromMs)}  ${titleOf(story)}`, ...lines].join('\n')
}

/** One line without a full stop: which server, what happened, and why. */
export function titleOf(story: Story): string {
  const { server, cause } = story
  const who = server === 0 ? 'the server' : `server ${server}`
  return `${who} ${headOf(story)}: ${cause.words}`
}

function headOf({ kind, fromMs, untilMs, facts }: Story): string {
  const took = untilMs === null ? 'until now' : `for ${duration(untilMs - fromMs)}`
  switch (kind) {
    case 'start':
      return untilMs === null
        ? 'started, and serves nobody yet'
        : `started, and served after ${duration(untilMs - fromMs)}`
    case 'outage':
      return facts.some(({ event }) => event === 'stopping')
        ? 'was stopped'
        : `served nobody ${took}`
    case 'learner':
      return `was without server ${learnerOf(facts)} ${took}`
    case 'slow':
      return `was slow: up to ${duration(Math.max(...facts.map((fact) => numberOf(fact, 'ms'))))}`
    case 'sessions': {
      const others = facts.reduce((sum, fact) => sum + numberOf(fact, 'others'), 0)
      const count = facts.length + others
      return count === 1 ? `lost session ${textOf(facts[0]!, 'session')}` : `lost ${count} sessions`
    }
    case 'stall':
      return `stood still ${took}`
    case 'full':
      return `refused writes ${took}`
  }
}

function learnerOf(facts: readonly Fact[]): number {
  return numberOf(facts[0]!, 'server')
}

/** ISO 8601 in UTC, to the millisecond. `ms`: since 1970. */
export function timeText(ms: number): string {
  return new Date(ms).toISOString()
}

function clockText(ms: number): string {
  return timeText(ms).slice(11, -1)
}
