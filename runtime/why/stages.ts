// Where the time of a slow write went, from the facts about it: before it had its zxid, in the sync of
// the log, with the quorum, from there to the tree. What took less than fsync.warningthresholdms left no
// fact of its own, so a stage may be that much too short, and the one that holds the rest too long.

import { type Fact, numberOf, textOf } from './fact.ts'
import { duration } from './words.ts'

/** A reply leaves this soon after its write was applied, by the clock of one server. */
const REPLY_MS = 1000
/** Shorter stages are not worth a word, as a share of the whole. */
const SHARE_MIN = 0.01

interface Stage {
  readonly name: string
  readonly ms: number
}

/** `; of 2.1 s: 2.0 s the sync of the log, 90 ms ...`; empty if no write was slow. `facts`: of one
 * story about slowness. `server`: who tells it; 0 alone. */
export function stagesText(facts: readonly Fact[], server: number): string {
  const stages = stagesOf(facts, server)
  const whole = stages.reduce((sum, { ms }) => sum + ms, 0)
  const shown = stages.filter(({ ms }) => ms >= whole * SHARE_MIN)
  if (shown.length === 0) return ''
  const texts = shown
    .toSorted((a, b) => b.ms - a.ms)
    .map(({ name, ms }) => `${duration(ms)} ${name}`)
  return `; of ${duration(whole)}: ${texts.join(', ')}`
}

/** Of the slowest write, in their order; a stage may have taken no time. */
function stagesOf(facts: readonly Fact[], server: number): Stage[] {
  const write = slowest(facts.filter(({ event }) => event === 'write-slow'))
  if (write === undefined) return []
  const ms = numberOf(write, 'ms')
  const request = slowest(facts.filter((fact) => isRequestOf(fact, write)))
  const quorum = facts.find((fact) => {
    return fact.event === 'quorum-slow' && textOf(fact, 'zxid') === textOf(write, 'zxid')
  })
  const withoutUs = textOf(quorum ?? write, 'lacking')
    .split(' ')
    .includes(String(server))
  const syncMs = withoutUs ? 0 : Math.min(ms, syncWithin(facts, write))
  const before = Math.max(0, numberOf(request ?? write, 'ms') - ms)
  const stages = [
    { name: 'before it had its zxid (network, tree)', ms: before },
    { name: 'the sync of the log', ms: syncMs },
  ]
  if (quorum === undefined) {
    const name =
      server === 0 ? 'in front of the disk and the tree' : 'on its way through the ensemble'
    return [...stages, { name, ms: ms - syncMs }]
  }
  const quorumMs = Math.min(ms, numberOf(quorum, 'ms'))
  return [
    ...stages,
    { name: 'the rest of the quorum', ms: Math.max(0, quorumMs - syncMs) },
    { name: 'from there to the tree', ms: ms - Math.max(quorumMs, syncMs) },
  ]
}

/** Whether the fact is about the reply to this write. */
function isRequestOf({ event, fields, wallMs }: Fact, write: Fact): boolean {
  if (event !== 'request-slow' || fields['what'] !== 'write') return false
  if (fields['session'] !== write.fields['session']) return false
  return wallMs >= write.wallMs - 1 && wallMs - write.wallMs <= REPLY_MS
}

/** Milliseconds of the time of the write in which the log was syncing. */
function syncWithin(facts: readonly Fact[], write: Fact): number {
  const fromMs = write.wallMs - numberOf(write, 'ms')
  return facts
    .filter(({ event }) => event === 'log-sync-slow')
    .map((sync) => {
      const begin = Math.max(fromMs, sync.wallMs - numberOf(sync, 'ms'))
      return Math.max(0, Math.min(write.wallMs, sync.wallMs) - begin)
    })
    .reduce((sum, ms) => sum + ms, 0)
}

function slowest(facts: readonly Fact[]): Fact | undefined {
  return facts.toSorted((a, b) => numberOf(b, 'ms') - numberOf(a, 'ms'))[0]
}
