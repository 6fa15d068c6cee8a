// What went wrong, on a time line: the stories of all members that answer, put together as zkWhy.sh
// --all does, by the same code.

import type { Fact } from '../../../why/fact.ts'
import { type EnsembleStory, mergeStories } from '../../../why/merge.ts'
import { titleOf } from '../../../why/story-text.ts'
import { tellStories } from '../../../why/teller.ts'
import { wordsOf } from '../../../why/words.ts'
import { getFrom, members, places } from '../api.ts'
import { nowMs } from '../browser.ts'
import { clock, span, time } from '../format.ts'
import { Choice } from '../parts/choice.ts'
import { Problem } from '../parts/problem.ts'
import { go, route } from '../route.ts'
import { useSignal } from '../signal.ts'
import { html, useEffect, useState, type View } from '../view.ts'

const RANGES = [
  ['1h', 'Last hour', 3_600_000],
  ['6h', '6 hours', 6 * 3_600_000],
  ['1d', 'Day', 24 * 3_600_000],
  ['7d', 'Week', 7 * 24 * 3_600_000],
] as const
type Range = (typeof RANGES)[number][0]

/** A story is told from its beginning, however long ago. */
const ALL = '9999d'
const EVERY_MS = 10_000
const SHOWN_MAX = 200

interface Told {
  readonly stories: readonly EnsembleStory[]
  readonly silent: readonly string[]
  readonly atMs: number
}

export function Stories(): View {
  const { query } = useSignal(route)
  const known = useSignal(members)
  const range = RANGES.find(([name]) => name === query['since']) ?? RANGES[0]
  const [told, setTold] = useState<Told | null>(null)
  useEffect(() => {
    let isOver = false
    let timer: NodeJS.Timeout | undefined
    const look = async (): Promise<void> => {
      const next = await tell()
      if (isOver) return
      setTold(next)
      timer = setTimeout(look, EVERY_MS)
    }
    void look()
    return () => {
      isOver = true
      clearTimeout(timer)
    }
  }, [known])
  const fromMs = (told?.atMs ?? nowMs()) - range[2]
  const recent = (told?.stories ?? []).filter(
    ({ untilMs }) => untilMs === null || untilMs >= fromMs,
  )
  const options = RANGES.map(([name, title]) => [name, title] as const)
  return html`
    <div class="head">
      <div><h1 tabindex="-1">Stories</h1><p>What went wrong, what was behind it, and what was seen on the way.</p></div>
      <${Choice} label="Since" options=${options} value=${range[0]}
        onChoose=${(since: Range) => go('stories', { since })} />
    </div>
    ${told !== null && told.silent.length > 0 && html`<${Problem} text=${`No answer from ${told.silent.join(', ')}: what happened there is missing.`} />`}
    ${
      told !== null &&
      html`<section class="panel" aria-label="Time line">
      <div class="body"><${TimeLine} stories=${recent} fromMs=${fromMs} untilMs=${told.atMs} /></div></section>`
    }
    <section class="panel" aria-label="Stories">
      ${
        told === null
          ? html`<p class="empty">Asking …</p>`
          : recent.length === 0
            ? html`<p class="empty">Nothing went wrong.</p>`
            : recent
                .toReversed()
                .slice(0, SHOWN_MAX)
                .map(
                  (story) =>
                    html`<${Story} key=${`${story.fromMs} ${story.epoch}`} story=${story} />`,
                )
      }
    </section>
  `
}

async function tell(): Promise<Told> {
  const asked = places()
  const answers = await Promise.allSettled(
    asked.map(({ origin }) =>
      getFrom<{ server: number; facts: Fact[] }>(origin, 'why', { facts: 'true', since: ALL }),
    ),
  )
  const heard = answers.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const silent = asked
    .filter((_, i) => answers[i]?.status === 'rejected')
    .map(({ id }) => `server ${id}`)
  const stories = heard.flatMap(({ server, facts }) => tellStories(facts, server))
  return { stories: mergeStories(stories), silent, atMs: nowMs() }
}

function kindOf({ parts }: EnsembleStory): string {
  const kinds = parts.map(({ kind }) => kind)
  return kinds.find((kind) => kind !== 'start') ?? 'start'
}

const NAMES: Readonly<Record<string, string>> = {
  start: 'start',
  outage: 'outage',
  learner: 'member lost',
  slow: 'slow',
  sessions: 'sessions lost',
  stall: 'standstill',
}

/** Rows of the time line: one for each kind. */
const ROWS = ['outage', 'stall', 'learner', 'slow', 'sessions', 'start'] as const
const WIDTH = 1000
const LEFT = 96
const ROW = 24

function TimeLine({
  stories,
  fromMs,
  untilMs,
}: {
  stories: readonly EnsembleStory[]
  fromMs: number
  untilMs: number
}): View {
  const x = (ms: number): number => {
    const share = (Math.max(fromMs, Math.min(untilMs, ms)) - fromMs) / (untilMs - fromMs)
    return LEFT + share * (WIDTH - LEFT)
  }
  const height = ROWS.length * ROW
  const ticks = Array.from({ length: 7 }, (_, i) => fromMs + ((untilMs - fromMs) * i) / 6)
  const isLong = untilMs - fromMs > 24 * 3_600_000
  const label = `${stories.length} stories from ${time(fromMs)} to ${time(untilMs)}; they are listed below`
  return html`<svg class="timeline" viewBox=${`0 0 ${WIDTH} ${height + 24}`} role="img" aria-label=${label}>
    ${ROWS.map(
      (kind, i) => html`<g key=${kind}>
      <line x1=${LEFT} x2=${WIDTH} y1=${i * ROW + ROW} y2=${i * ROW + ROW} />
      <text x="0" y=${i * ROW + 16}>${NAMES[kind]}</text></g>`,
    )}
    ${ticks.map(
      (tick, i) => html`<g key=${i}>
      <line x1=${x(tick)} x2=${x(tick)} y1="0" y2=${height} />
      <text x=${x(tick)} y=${height + 16} text-anchor=${i === 0 ? 'start' : i === 6 ? 'end' : 'middle'}>
        ${isLong ? time(tick).slice(5, 16) : clock(tick).slice(0, 5)}</text></g>`,
    )}
    ${stories.map((story) => {
      const kind = kindOf(story)
      const row = Math.max(0, ROWS.indexOf(kind as (typeof ROWS)[number]))
      const from = x(story.fromMs)
      const width = Math.max(5, x(story.untilMs ?? untilMs) - from)
      return html`<rect key=${`${story.fromMs} ${kind}`} class=${`bar k-${kind}`} x=${Math.min(from, WIDTH - 5)} y=${row * ROW + 5} width=${width} height="14" rx="3">
        <title>${`${time(story.fromMs)} ${story.cause}`}</title></rect>`
    })}
  </svg>`
}

function Story({ story }: { story: EnsembleStory }): View {
  const { fromMs, untilMs, epoch, cause, parts } = story
  const kind = kindOf(story)
  return html`<article class=${`story k-${kind}`}>
    <div class="when">
      <time>${time(fromMs)}</time>
      <span class="chip">${NAMES[kind]}</span>
      <span>${untilMs === null ? html`<span class="chip bad">still going on</span>` : span(untilMs - fromMs)}</span>
      ${epoch !== null && html`<span>epoch ${epoch}</span>`}
    </div>
    <h2 class="break">${cause.replace(/^server 0: /, '')}</h2>
    <details>
      <summary>What was seen</summary>
      ${parts.map(
        (part, i) => html`<div key=${i}><h4 class="break">${titleOf(part)}</h4><ul>
          ${part.facts.map((fact, j) => html`<li key=${j} class="break"><span class="mono">${clock(fact.wallMs)}.${String(Math.floor(numberMs(fact))).padStart(3, '0')}</span> ${wordsOf(fact)}</li>`)}
        </ul></div>`,
      )}
    </details>
  </article>`
}

function numberMs({ wallMs }: Fact): number {
  return wallMs % 1000
}
