// The report: one HTML page with everything in it, and the same figures as text.

import { readFileSync } from 'node:fs'
import type { FlameRequest } from './arguments.ts'
import type { ClinicPage } from './clinic.ts'
import type { Call, Doing } from './fold.ts'
import type { ThreadProfile } from './profiles.ts'
import type { LoadFigures, Run, RunThread } from './run.ts'

export interface Report {
  readonly request: FlameRequest
  /** Of the run without a profiler. */
  readonly plain: Run
  readonly profiledLoad: LoadFigures
  readonly profiles: readonly ThreadProfile[]
  /** Empty when clinic was not asked for. */
  readonly clinic: readonly ClinicPage[]
}

/** The script lies where it was written: it runs in browsers. */
const VIEWER = new URL('../../../perf/flame/viewer.mjs', import.meta.url)
const TOP = 15

export function titleOf({ request }: Report): string {
  const { question, op, connections, outstanding, servers } = request
  const where = servers === 1 ? 'a standalone server' : `${servers} servers`
  return `${question}: ${op}, ${connections} x ${outstanding}, ${where}`
}

export function nameOf({ server, mode, thread }: RunThread): string {
  return `server ${server} (${mode}) ${thread.name}`
}

/** Shares of the time in percent, without what is nearly nothing. */
function doingText({ folded }: ThreadProfile): string {
  const all = Object.values(folded.us).reduce((sum, us) => sum + us, 0)
  return (Object.entries(folded.us) as [Doing, number][])
    .map(([doing, us]) => [doing, percent(us, all)] as const)
    .filter(([, share]) => share !== '0.0')
    .map(([doing, share]) => `${doing} ${share} %`)
    .join(', ')
}

function percent(part: number, whole: number): string {
  return ((100 * part) / (whole || 1)).toFixed(1)
}

/** What the kernel counted: shares of the time, and a request's part. */
function timeCells({ time }: RunThread, { load, span }: Run): string[] {
  if (time === null) return ['', '', '', '', '']
  const ms = (span.toUs - span.fromUs) / 1000
  const requests = (load.perSecond * ms) / 1000 || 1
  return [
    percent(time.runMs, ms),
    percent(time.queuedMs, ms),
    ((time.runMs * 1000) / requests).toFixed(1),
    (time.times / requests).toFixed(2),
    Math.round((time.times * 1000) / ms).toString(),
  ]
}

const TIME_HEADS = ['runs %', 'waits for a core %', 'us/request', 'wake-ups/request', 'wake-ups/s']

function loadText({ perSecond, p50Us, p99Us, errors }: LoadFigures): string {
  const failed = errors === 0 ? '' : `, ${errors} errors`
  return `${perSecond} requests/s, p50 ${p50Us} us, p99 ${p99Us} us${failed}`
}

function topOf({ folded }: ThreadProfile): (readonly [share: string, label: string])[] {
  return folded.self.slice(0, TOP).map(([label, us]) => [percent(us, folded.root.us), label])
}

export function text(report: Report): string {
  const lines = [
    titleOf(report),
    `without a profiler: ${loadText(report.plain.load)}`,
    `with it: ${loadText(report.profiledLoad)}`,
    '',
    `${'thread'.padEnd(34)} ${TIME_HEADS.join(' | ')}`,
    ...report.plain.threads.map((thread) => {
      return `${nameOf(thread).padEnd(34)} ${timeCells(thread, report.plain).join(' | ')}`
    }),
  ]
  for (const profile of report.profiles) {
    lines.push('', `${nameOf(profile)}: ${doingText(profile)}; of the time awake:`)
    for (const [share, label] of topOf(profile)) lines.push(`  ${share.padStart(5)} %  ${label}`)
  }
  for (const { tool, page, problem } of report.clinic) {
    lines.push('', `clinic ${tool}: ${page ?? `failed: ${problem}`}`)
  }
  return `${lines.join('\n')}\n`
}

export function html(report: Report): string {
  const viewer = readFileSync(VIEWER, 'utf8')
  const data = JSON.stringify(graphs(report.profiles)).replaceAll('<', '\\u003c')
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>${escaped(titleOf(report))}</title>
<style>${STYLE}</style>
<h1>${escaped(titleOf(report))}</h1>
<p>Without a profiler: ${loadText(report.plain.load)}. With it: ${loadText(report.profiledLoad)}.</p>
${index(report)}
${clinicSection(report.clinic)}
<p><input id="search" type="search" placeholder="search a function or a file">
A click shows a call alone, a click on its lowest bar goes back.</p>
${report.profiles.map(section).join('\n')}
<div id="tip"></div>
<script type="application/json" id="graphs">${data}</script>
<script type="module">${viewer}</script>
</html>
`
}

const STYLE = `
body { font: 14px sans-serif; margin: 1em 2em; }
table { border-collapse: collapse; } td, th { padding: 1px 8px; text-align: right; }
td:first-child, th:first-child, .top td { text-align: left; }
canvas { width: 100%; display: block; cursor: pointer; }
.top { font: 12px monospace; } pre { background: #eee; padding: 1em; overflow: auto; }
#tip { position: fixed; background: #222; color: #fff; font: 12px monospace; padding: 3px 6px;
  display: none; pointer-events: none; }
`

function index({ plain, profiles }: Report): string {
  const rows = plain.threads.map((thread, i) => {
    const cells = timeCells(thread, plain).map((cell) => `<td>${cell}</td>`)
    const profile = profiles[i]
    const name = `<a href="#thread-${i}">${escaped(nameOf(thread))}</a>`
    const doing = profile === undefined ? '' : doingText(profile)
    return `<tr><td>${name}</td>${cells.join('')}<td style="text-align: left">${doing}</td></tr>`
  })
  const heads = ['thread', ...TIME_HEADS, 'in the profile'].map((head) => `<th>${head}</th>`)
  return `<table><tr>${heads.join('')}</tr>\n${rows.join('\n')}\n</table>
<p>The first five columns are the kernel's, of the run without a profiler. A thread that waits for
its bell or its event loop is asleep; "native" is what runs outside of functions: mostly the event
loop's own work and system calls.</p>`
}

function clinicSection(pages: readonly ClinicPage[]): string {
  const items = pages.map(({ tool, page, problem, log }) => {
    const said = `<a href="${log}">what it said</a>`
    if (page !== null) return `<li><a href="${page}">clinic ${tool}</a>, ${said}`
    return `<li>clinic ${tool} failed, ${said}:<pre>${escaped(problem)}</pre>`
  })
  if (items.length === 0) return ''
  return `<p>Clinic, on server 1, in runs of its own. It knows one thread a process: its flame graph
is the network loop's, and the garbage collections in its doctor are those of all threads.</p>
<ul>${items.join('\n')}</ul>`
}

function section(profile: ThreadProfile, i: number): string {
  const rows = topOf(profile).map(([share, label]) => {
    return `<tr><td>${share} %</td><td>${escaped(label)}</td></tr>`
  })
  return `<h2 id="thread-${i}">${escaped(nameOf(profile))}</h2>
<p>${doingText(profile)}. ${profile.folded.samples} samples.</p>
<canvas data-graph="${i}"></canvas>
<details><summary>the most time in themselves, of the time awake</summary>
<table class="top">${rows.join('\n')}</table></details>`
}

/** Label by its number, microseconds, calls below. */
type Graph = [label: number, us: number, calls: Graph[]]

/** For viewer.mjs. */
function graphs(profiles: readonly ThreadProfile[]): { labels: string[]; roots: Graph[] } {
  const numbers = new Map<string, number>()
  const graphOf = ({ label, us, children }: Call): Graph => {
    const number = numbers.get(label) ?? numbers.size
    numbers.set(label, number)
    return [number, us, [...children.values()].map(graphOf)]
  }
  const roots = profiles.map((profile) =>
    graphOf({ ...profile.folded.root, label: nameOf(profile) }),
  )
  return { labels: [...numbers.keys()], roots }
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
