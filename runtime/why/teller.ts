// Tells the facts of one server as stories, oldest first. A pure function: the same facts give the
// same stories.

import {
  causeOfExpiry,
  causeOfLostLearner,
  causeOfOutage,
  causeOfSlowness,
  causeOfStart,
  stallWords,
} from './causes.ts'
import { type Fact, numberOf, textOf } from './fact.ts'
import type { Cause, Story, StoryKind } from './story.ts'

/** A fact that follows another of its kind within this time belongs to the same story. */
const SLOW_GAP_MS = 5000
const SESSIONS_GAP_MS = 1000
/** Facts within this time before an outage may belong to its beginning. */
const BEFORE_MS = 15_000

const SLOW: ReadonlySet<string> = new Set([
  'log-sync-slow',
  'write-slow',
  'quorum-slow',
  'request-slow',
])
const LOST_SESSIONS: ReadonlySet<string> = new Set(['session-expired', 'client-silent'])
const LEARNERS: ReadonlySet<string> = new Set([
  'learner-gone',
  'learner-dropped',
  'synchronizes',
  'up-to-date',
])
/** Events that begin no story, and that are left out of an outage until they end it. */
const QUIET: ReadonlySet<string> = new Set([
  'purged',
  'snapshot-saved',
  'snapshot-loaded',
  'stopped',
  'serving',
])

interface Draft {
  readonly kind: StoryKind
  readonly facts: Fact[]
  /** The facts shortly before it. */
  readonly before?: readonly Fact[]
  fromMs: number
  cause: Cause | null
}

/** `facts`: of one server, in the order in which its book has them. `server`: its id; 0 for a
 * standalone server. A story that has not ended has a null `untilMs`. */
export function tellStories(facts: readonly Fact[], server: number): Story[] {
  const teller = new Teller(server)
  for (const life of livesOf(facts)) {
    for (const fact of life.toSorted((a, b) => orderOf(a) - orderOf(b))) teller.hear(fact)
  }
  return teller.end()
}

/** A process is started before anything else happens to it, whatever its clock did. */
function orderOf({ event, wallMs }: Fact): number {
  return event === 'started' ? Number.NEGATIVE_INFINITY : wallMs
}

/** The facts of each process. The facts of its threads reach the book out of order; those of two
 * processes do not, even if the host's clock was set back between them. */
function livesOf(facts: readonly Fact[]): Fact[][] {
  const lives: Fact[][] = [[]]
  for (const fact of facts) {
    if (fact.event === 'started') lives.push([])
    lives.at(-1)?.push(fact)
  }
  return lives
}

class Teller {
  readonly #server: number
  readonly #stories: Story[] = []
  readonly #recent: Fact[] = []
  /** While the server serves nobody: it has no leader, or it is starting. */
  #outage: Draft | null = null
  #slow: Draft | null = null
  #sessions: Draft | null = null
  /** While writes are refused because the disk is nearly full. */
  #full: Draft | null = null
  readonly #learners: Map<number, Draft> = new Map()
  #last: Fact | undefined

  constructor(server: number) {
    this.#server = server
  }

  hear(fact: Fact): void {
    this.#settle(fact.wallMs)
    const { event } = fact
    if (event === 'started') this.#start(fact)
    else if (SLOW.has(event)) this.#slow = this.#add(this.#slow, 'slow', fact)
    else if (event === 'disk-scarce' || event === 'disk-enough') this.#disk(fact)
    else if (LOST_SESSIONS.has(event)) this.#sessions = this.#add(this.#sessions, 'sessions', fact)
    else if (this.#outage !== null) this.#goOn(this.#outage, fact)
    else if (/^(role-ended|not-serving|stopping|failed|looks)$/.test(event)) this.#begin(fact)
    else if (LEARNERS.has(event)) this.#learner(fact)
    else if (event === 'stalled') this.#stall(fact)
    this.#recent.push(fact)
    while ((this.#recent[0]?.wallMs ?? fact.wallMs) < fact.wallMs - BEFORE_MS) this.#recent.shift()
    if (!QUIET.has(event) || event === 'stopped') this.#last = fact
  }

  /** All stories. Outages and lost learners that have not ended go on. */
  end(): Story[] {
    this.#settle(Number.POSITIVE_INFINITY)
    if (this.#outage !== null) this.#finish(this.#outage, null)
    if (this.#full !== null) this.#finish(this.#full, null)
    for (const draft of this.#learners.values()) this.#finish(draft, null)
    return this.#stories.sort((a, b) => a.fromMs - b.fromMs)
  }

  #start(fact: Fact): void {
    if (this.#full !== null) this.#finish(this.#full, fact.wallMs)
    this.#full = null
    if (this.#outage !== null) this.#finish(this.#outage, fact.wallMs)
    for (const draft of this.#learners.values()) this.#finish(draft, fact.wallMs)
    this.#learners.clear()
    const cause = causeOfStart(this.#last)
    this.#outage = { kind: 'start', facts: [fact], fromMs: fact.wallMs, cause }
  }

  #begin(fact: Fact): void {
    const before = [...this.#recent]
    // Learners that were lost just before are part of the outage.
    for (const draft of this.#learners.values()) {
      if (draft.fromMs < fact.wallMs - BEFORE_MS) this.#finish(draft, fact.wallMs)
    }
    this.#learners.clear()
    this.#outage = { kind: 'outage', facts: [fact], before, fromMs: fact.wallMs, cause: null }
  }

  #goOn(outage: Draft, fact: Fact): void {
    const isServed = fact.event === 'serving' && textOf(fact, 'mode') !== 'read-only'
    const isOver = isServed || fact.event === 'stopped'
    if (isOver || !QUIET.has(fact.event)) outage.facts.push(fact)
    if (fact.event === 'stalled') {
      outage.fromMs = Math.min(outage.fromMs, fact.wallMs - numberOf(fact, 'ms'))
    }
    if (!isOver) return
    this.#outage = null
    this.#finish(outage, fact.wallMs)
  }

  #learner(fact: Fact): void {
    const server = numberOf(fact, 'server')
    const draft = this.#learners.get(server)
    if (draft === undefined) {
      // A learner that comes for the first time was not lost.
      if (!/^learner-/.test(fact.event)) return
      const cause = causeOfLostLearner(fact)
      this.#learners.set(server, { kind: 'learner', facts: [fact], fromMs: fact.wallMs, cause })
      return
    }
    draft.facts.push(fact)
    if (fact.event !== 'up-to-date') return
    this.#learners.delete(server)
    this.#finish(draft, fact.wallMs)
  }

  #disk(fact: Fact): void {
    if (fact.event === 'disk-scarce') {
      const words = 'its disk was nearly full, and it refused writes that add data'
      const cause: Cause = { kind: 'disk', words, server: null }
      this.#full = { kind: 'full', facts: [fact], fromMs: fact.wallMs, cause }
    } else if (this.#full !== null) {
      this.#full.facts.push(fact)
      this.#finish(this.#full, fact.wallMs)
      this.#full = null
    }
  }

  #stall(fact: Fact): void {
    const fromMs = fact.wallMs - numberOf(fact, 'ms')
    const cause: Cause = { kind: 'stalled', words: stallWords(fact), server: null }
    this.#finish({ kind: 'stall', facts: [fact], fromMs, cause }, fact.wallMs)
  }

  #add(draft: Draft | null, kind: StoryKind, fact: Fact): Draft {
    const fromMs = fact.wallMs - numberOf(fact, 'ms')
    if (draft === null) return { kind, facts: [fact], fromMs, cause: null }
    draft.facts.push(fact)
    draft.fromMs = Math.min(draft.fromMs, fromMs)
    return draft
  }

  /** Ends stories to which nothing has been added for a while. */
  #settle(nowMs: number): void {
    const isOver = (draft: Draft, gapMs: number): boolean => {
      return nowMs - (draft.facts.at(-1)?.wallMs ?? 0) > gapMs
    }
    if (this.#slow !== null && isOver(this.#slow, SLOW_GAP_MS)) {
      this.#finish(this.#slow, this.#slow.facts.at(-1)?.wallMs ?? null)
      this.#slow = null
    }
    if (this.#sessions !== null && isOver(this.#sessions, SESSIONS_GAP_MS)) {
      this.#finish(this.#sessions, this.#sessions.facts.at(-1)?.wallMs ?? null)
      this.#sessions = null
    }
  }

  #finish({ kind, facts, before, fromMs, cause }: Draft, untilMs: number | null): void {
    const epoch = facts.findLast(({ event }) => event === 'leading' || event === 'following')
    this.#stories.push({
      kind,
      server: this.#server,
      fromMs,
      untilMs,
      epoch: epoch === undefined ? null : numberOf(epoch, 'epoch'),
      cause: cause ?? this.#causeOf(kind, facts, before ?? []),
      facts,
    })
  }

  #causeOf(kind: StoryKind, facts: readonly Fact[], before: readonly Fact[]): Cause {
    if (kind === 'slow') {
      const [first, last] = [facts[0]?.wallMs ?? 0, facts.at(-1)?.wallMs ?? 0]
      const stalls = this.#recent.filter(({ event, wallMs }) => {
        return event === 'stalled' && wallMs >= first - SLOW_GAP_MS && wallMs <= last + SLOW_GAP_MS
      })
      return causeOfSlowness([...facts, ...stalls], this.#server)
    }
    if (kind === 'sessions') return causeOfExpiry(facts[0]!)
    return causeOfOutage(facts, before)
  }
}
