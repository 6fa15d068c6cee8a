// Merges the stories of several members into stories of the ensemble. Outages that ended in the
// same epoch belong together; a story without an epoch joins the one that it overlaps most. The
// clocks of hosts differ, so nothing depends on the order of two servers' times: each server's
// lines stay in their own order.
//
// The cause is the best evidence that any member has. A server that was stopped knows that it was;
// the others only know that it fell silent.

import { type Fact, textOf } from './fact.ts'
import type { CauseKind, Story } from './story.ts'
import { timeText, titleOf } from './story-text.ts'
import { duration, wordsOf } from './words.ts'

export interface EnsembleStory {
  readonly fromMs: number
  readonly untilMs: number | null
  readonly epoch: number | null
  /** A sentence without its full stop. */
  readonly cause: string
  readonly causeKind: CauseKind | 'link'
  /** The id of the server that caused it; null if that is not known. */
  readonly server: number | null
  /** The stories that were merged. */
  readonly parts: readonly Story[]
}

/** How much the clocks of two hosts may differ. */
const CLOCKS_MS = 5000

/** Kinds of cause, the best evidence first. */
const EVIDENCE: readonly CauseKind[] = [
  'failed',
  'ended-without-stop',
  'stopped',
  'stalled',
  'disk',
  'peer-closed',
  'peer-silent',
  'quorum',
  'client-silent',
  'client-gone',
  'unknown',
  'started',
]

/** The ensemble's stories, oldest first. `stories`: of all members, in any order. */
export function mergeStories(stories: readonly Story[]): EnsembleStory[] {
  const service = stories.filter(({ kind }) => /^(start|outage|learner|stall)$/.test(kind))
  const others = stories.filter((story) => !service.includes(story))
  const groups = [...outages(service), ...sharing(others)]
  return groups.map(ensembleStory).sort((a, b) => a.fromMs - b.fromMs)
}

/** Groups of stories that ended in the same epoch, together with those that have no epoch and
 * overlap them. */
function outages(stories: readonly Story[]): Story[][] {
  const byEpoch = new Map<number, Story[]>()
  for (const story of stories.filter(({ epoch }) => epoch !== null)) {
    const group = byEpoch.get(story.epoch!) ?? []
    byEpoch.set(story.epoch!, [...group, story])
  }
  const groups = [...byEpoch.values()]
  for (const story of stories.filter(({ epoch }) => epoch === null)) {
    const [nearest] = groups
      .map((group) => ({ group, overlapMs: Math.max(...group.map((one) => overlap(one, story))) }))
      .filter(({ overlapMs }) => overlapMs > -CLOCKS_MS)
      .sort((a, b) => b.overlapMs - a.overlapMs)
    if (nearest === undefined) groups.push([story])
    else nearest.group.push(story)
  }
  return groups
}

/** Milliseconds that two stories overlap. Negative: the gap between them. */
function overlap(a: Story, b: Story): number {
  const end = Math.min(a.untilMs ?? b.untilMs ?? b.fromMs, b.untilMs ?? a.untilMs ?? a.fromMs)
  return end - Math.max(a.fromMs, b.fromMs)
}

/** Groups of stories about the same write or session. */
function sharing(stories: readonly Story[]): Story[][] {
  const groups: Story[][] = []
  for (const story of stories.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const group = groups.findLast((one) => one.some((other) => sharesSubject(story, other)))
    if (group === undefined) groups.push([story])
    else group.push(story)
  }
  return groups
}

/** Slow writes share a zxid, lost sessions share a session id. */
function sharesSubject(a: Story, b: Story): boolean {
  if (a.kind !== b.kind) return false
  const subjects = ({ facts }: Story): string[] => {
    return facts.flatMap((fact) => [textOf(fact, 'session'), textOf(fact, 'zxid')]).filter(Boolean)
  }
  const mine = new Set(subjects(a))
  return subjects(b).some((one) => mine.has(one))
}

function ensembleStory(parts: readonly Story[]): EnsembleStory {
  const best = parts.toSorted((a, b) => rank(a) - rank(b))[0]!
  const ends = parts.map(({ untilMs }) => untilMs)
  const epochs = parts.map(({ epoch }) => epoch).filter((epoch) => epoch !== null)
  const isCut = best.cause.kind === 'peer-silent' && isSilentBothWays(parts)
  return {
    fromMs: Math.min(...parts.map(({ fromMs }) => fromMs)),
    untilMs: ends.includes(null) ? null : Math.max(...ends.map((end) => end ?? 0)),
    epoch: epochs.length === 0 ? null : Math.max(...epochs),
    cause: isCut ? cutWords(parts) : `server ${best.server}: ${best.cause.words}`,
    causeKind: isCut ? 'link' : best.cause.kind,
    server: isBlamed(best) ? best.server : best.cause.server,
    parts,
  }
}

function rank(story: Story): number {
  return EVIDENCE.indexOf(story.cause.kind)
}

/** Whether the cause lies with the story's own server: it ended, stood still, or had a slow
 * disk. */
function isBlamed({ cause }: Story): boolean {
  return /^(failed|ended-without-stop|stopped|stalled|disk)$/.test(cause.kind)
}

/** Two servers each heard nothing from the other. Neither of them stood still, so it was the
 * network. */
function isSilentBothWays(parts: readonly Story[]): boolean {
  const silent = parts.filter(({ cause }) => cause.kind === 'peer-silent')
  return silent.some((a) => {
    return silent.some((b) => a.cause.server === b.server && b.cause.server === a.server)
  })
}

function cutWords(parts: readonly Story[]): string {
  const pairs = parts
    .filter(({ cause }) => cause.kind === 'peer-silent')
    .map(({ server, cause }) => [server, cause.server ?? 0].sort((a, b) => a - b).join(' and '))
  const between = [...new Set(pairs)].join(', ')
  return `the network between ${between} was cut: each heard nothing from the other, and neither stood still`
}

/** A headline, then the part of each server with its facts. Times are in UTC. */
export function ensembleText({ parts, fromMs, untilMs, epoch, cause }: EnsembleStory): string {
  const took = untilMs === null ? 'still going on' : duration(untilMs - fromMs)
  const head = `${timeText(fromMs)}  ${epoch === null ? '' : `epoch ${epoch}, `}${took}: ${cause}`
  return [head, ...parts.flatMap(partText)].join('\n')
}

function partText(story: Story): string[] {
  const line = (fact: Fact): string =>
    `      ${timeText(fact.wallMs).slice(11, -1)}  ${wordsOf(fact)}`
  return [`  ${titleOf(story)}`, ...story.facts.map(line)]
}
