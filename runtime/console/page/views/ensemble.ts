// The ensemble at a glance: each member with its role, how far it is behind, and how quick it is; and
// curves of the last five minutes.

import type { Glance } from '../../glance.ts'
import { members, places } from '../api.ts'
import { nowMs } from '../browser.ts'
import { bytes, count, rate, span } from '../format.ts'
import { type Curve, Plot } from '../parts/plot.ts'
import { type Sample, type Watched, watched } from '../pulse.ts'
import { useSignal } from '../signal.ts'
import { html, type View } from '../view.ts'

const COLOURS = 7

export function Ensemble(): View {
  const all = useSignal(watched)
  const known = useSignal(members)
  const unknown = known.filter(({ origin }) => origin === null)
  return html`
    <div class="head"><div>
      <h1 tabindex="-1">Ensemble</h1>
      <p>${summary(all)}</p>
    </div></div>
    <div class="cards">${all.map((one, i) => html`<${Member} key=${one.place.origin} one=${one} all=${all} colour=${colourOf(i)} />`)}</div>
    ${
      unknown.length > 0 &&
      html`<p class="note">Where the admin servers of ${unknown.map(({ id }) => `server ${id}`).join(', ')} are is
      not known; <code>ringkeeper.consoleMembers</code> says it.</p>`
    }
    <div class="grid2">
      <${Curves} title="Requests of clients, a second" all=${all} of="requests" text=${rate} />
      <${Curves} title="Writes applied, a second" all=${all} of="applied" text=${rate} />
      <${Curves} title="Slowest write in 100 (p99 of the last minute)" all=${all} of="update" text=${span} />
      <${Curves} title="Slowest sync of the log in 100" all=${all} of="sync" text=${span} />
    </div>
  `
}

function colourOf(index: number): number {
  return (index % COLOURS) + 1
}

function titleOf({ place: { id } }: Watched): string {
  return id === 0 ? 'This server' : `Server ${id}`
}

function summary(all: readonly Watched[]): string {
  const heard = all.filter(({ silentMs }) => silentMs === null)
  if (heard.length === 0) return all.length === 0 ? 'Asking …' : 'Nobody answers.'
  const leader = heard.find(({ glance }) => glance?.mode === 'leader')
  if (places().length < 2) {
    const mode = heard[0]?.glance?.mode ?? ''
    return mode === 'standalone' ? 'One standalone server.' : `One server: ${mode}.`
  }
  const leads = leader === undefined ? 'nobody leads' : `${titleOf(leader).toLowerCase()} leads`
  return `${heard.length} of ${all.length} members answer; ${leads}.`
}

function Member({
  one,
  all,
  colour,
}: {
  one: Watched
  all: readonly Watched[]
  colour: number
}): View {
  const { glance, silentMs, place } = one
  const where = place.origin === '' ? 'this page’s server' : place.origin.replace('http://', '')
  return html`<section class="panel member" aria-label=${titleOf(one)}>
    <header>
      <span class="who"><i class=${`dot c${colour}`}></i><h2>${titleOf(one)}</h2></span>
      ${signOf(one)}
    </header>
    <div class="body">
      ${
        silentMs !== null &&
        html`<p class="note bad">No answer for ${span(nowMs() - silentMs)}.${
          glance === null ? ' Its admin server may listen on its own machine only.' : ''
        }</p>`
      }
      ${glance !== null && html`<${Facts} one=${one} glance=${glance} all=${all} />`}
      <p class="soft break">${where}</p>
    </div>
  </section>`
}

function signOf({ glance, silentMs }: Watched): View {
  if (silentMs !== null) return html`<span class="chip bad">silent</span>`
  const mode = glance?.mode ?? ''
  const kind = glance?.isServing !== true ? 'bad' : mode === 'leader' ? 'accent' : 'good'
  return html`<span class=${`chip ${mode === 'read-only' ? 'warn' : kind}`}>${mode}</span>`
}

function Facts({
  one,
  glance,
  all,
}: {
  one: Watched
  glance: Glance
  all: readonly Watched[]
}): View {
  const rows: readonly (readonly [string, string])[] = [
    ['Behind', behind(one, all)],
    ['Epoch', count(glance.epoch)],
    ['Last zxid', glance.zxid],
    ['Read p50 / p99', `${span(glance.read.p50)} / ${span(glance.read.p99)}`],
    ['Write p50 / p99', `${span(glance.update.p50)} / ${span(glance.update.p99)}`],
    ['Sync p50 / p99', `${span(glance.sync.p50)} / ${span(glance.sync.p99)}`],
    ['Connections', count(glance.connections)],
    ['Under way', count(glance.outstanding)],
    ['Sessions', count(glance.sessions)],
    ['Nodes', count(glance.nodes)],
    ['Ephemeral nodes', count(glance.ephemerals)],
    ['Data', bytes(glance.bytes)],
    ['Watches', count(glance.watches)],
    ['Up', span(glance.uptimeMs)],
  ]
  return html`<dl class="facts">
    ${rows.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}
  </dl>`
}

/** Behind the furthest of those that answer. Two members are not asked at the same instant, so a busy
 * ensemble never shows quite 0. */
function behind({ glance, silentMs }: Watched, all: readonly Watched[]): string {
  if (glance === null || silentMs !== null) return '–'
  const heard = all.flatMap((other) =>
    other.silentMs === null && other.glance ? [other.glance] : [],
  )
  const first = heard.reduce(
    (best, other) => (other.zxidNumber > best.zxidNumber ? other : best),
    glance,
  )
  if (first.epoch !== glance.epoch) return `since epoch ${glance.epoch}`
  const writes = first.zxidNumber - glance.zxidNumber
  return writes === 0 ? 'nothing' : `${count(writes)} ${writes === 1 ? 'write' : 'writes'}`
}

type Figure = Exclude<keyof Sample, 'atMs'>

function Curves({
  title,
  all,
  of,
  text,
}: {
  title: string
  all: readonly Watched[]
  of: Figure
  text: (value: number | null) => string
}): View {
  const longest = all.reduce((most, { samples }) => Math.max(most, samples.length), 0)
  const clock = all.find(({ samples }) => samples.length === longest)?.samples ?? []
  const curves = all.map((one, i): Curve => {
    const values = one.samples.map((sample) => sample[of])
    const missing = new Array<null>(longest - values.length).fill(null)
    return { title: titleOf(one), colour: colourOf(i), values: [...missing, ...values] }
  })
  return html`<section class="panel" aria-label=${title}>
    <header><h2>${title}</h2></header>
    ${
      curves.length > 0 &&
      html`<${Plot} label=${title} seconds=${clock.map(({ atMs }) => atMs / 1000)} curves=${curves} text=${text} />`
    }
  </section>`
}
