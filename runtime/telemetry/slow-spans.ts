// What was slow, as spans: of each slow request or write one, and below it what is known of where the time
// went: the sync of the log, the quorum.

import { type Fact, numberOf, textOf } from '../why/fact.ts'

export interface SlowSpan {
  readonly name: string
  /** Milliseconds since 1970. */
  readonly startMs: number
  readonly endMs: number
  readonly attributes: Readonly<Record<string, string | number>>
  readonly parts: readonly SlowSpan[]
}

const NAMES: ReadonlyMap<string, string> = new Map([
  ['request-slow', 'request'],
  ['write-slow', 'write'],
  ['quorum-slow', 'quorum'],
  ['log-sync-slow', 'log sync'],
])
const PARTS: ReadonlySet<string> = new Set(['quorum-slow', 'log-sync-slow'])

/** Times of facts are rounded to milliseconds, and noted by several threads. */
const SKEW_MS = 20

/** `facts`: of one server, oldest first. A part that belongs to no write of these facts stands alone. */
export function slowSpans(facts: readonly Fact[]): SlowSpan[] {
  const slow = facts.filter(({ event }) => NAMES.has(event))
  const taken = new Set<Fact>()
  const whole = slow.filter(({ event }) => !PARTS.has(event)).toSorted((a, b) => msOf(b) - msOf(a))
  const spans: SlowSpan[] = []
  for (const fact of whole) {
    if (taken.has(fact)) continue
    taken.add(fact)
    const parts = slow.filter((part) => !taken.has(part) && isWithin(part, fact))
    for (const part of parts) taken.add(part)
    spans.push(
      spanOf(
        fact,
        parts.map((part) => spanOf(part, [])),
      ),
    )
  }
  for (const fact of slow) if (!taken.has(fact)) spans.push(spanOf(fact, []))
  return spans.toSorted((a, b) => a.startMs - b.startMs)
}

/** Whether it is about the same transaction, or about the same session's write at the same time. */
function isWithin(part: Fact, whole: Fact): boolean {
  if (part.wallMs > whole.wallMs + SKEW_MS || startOf(part) < startOf(whole) - SKEW_MS) return false
  if (whole.event === 'request-slow') {
    if (textOf(whole, 'what') !== 'write') return false
    return part.event !== 'write-slow' || textOf(part, 'session') === textOf(whole, 'session')
  }
  return part.event !== 'request-slow' && part.event !== 'write-slow'
}

function spanOf(fact: Fact, parts: readonly SlowSpan[]): SlowSpan {
  const { ms: _, ...attributes } = fact.fields
  return {
    name: NAMES.get(fact.event) ?? fact.event,
    startMs: startOf(fact),
    endMs: fact.wallMs,
    attributes,
    parts,
  }
}

function msOf(fact: Fact): number {
  return numberOf(fact, 'ms')
}

function startOf(fact: Fact): number {
  return fact.wallMs - msOf(fact)
}
