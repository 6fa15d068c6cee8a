// The report: one HTML file with everything in it, a section for each question.

import { unpacked } from '../load/histogram.ts'
import type { Result } from '../question.ts'
import { metricName, quantity, ratioText } from './format.ts'
import type { Setting } from './machine.ts'
import { bars, escaped, type Line, lines } from './plot.ts'
import { type Row, summarize } from './summary.ts'
import { standing, targetOf, wantedText } from './targets.ts'

const KINDS = ['ringkeeper', 'apache', 'canned'] as const
/** Up to which share of replies a latency curve is drawn, on an axis where each nine is a step. */
const NINES = [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4]
const MORE_US = 1000

const STYLE = `
body{font:14px/1.45 system-ui,sans-serif;max-width:900px;margin:2em auto;padding:0 1em;color:#222}
h1,h2{line-height:1.2}h3{margin:1.6em 0 .3em;font-size:15px}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;width:100%}
th,td{padding:2px 8px;text-align:right;border-bottom:1px solid #ddd}
th:first-child,td:first-child,td:nth-child(2),th:nth-child(2){text-align:left}
small{color:#777}svg{display:block;margin:.6em 0;font:11px system-ui,sans-serif}
.ringkeeper{fill:#2266bb;stroke:#2266bb}.apache{fill:#c9762b;stroke:#c9762b}.canned{fill:#999;stroke:#999}
.line{fill:none;stroke-width:1.6}rect{stroke:none}.range{stroke:#000;opacity:.5}.grid{stroke:#e4e4e4}
.key span{display:inline-block;width:10px;height:10px;margin:0 4px 0 14px}
.key .ringkeeper{background:#2266bb}.key .apache{background:#c9762b}.key .canned{background:#999}
.aim{color:#1a7f37;font-weight:600}.met{color:#1a7f37}.missed{color:#b3261e}`

export function html(setting: Setting, results: readonly Result[]): string {
  const questions = [...new Set(results.map(({ question }) => question))]
  const rows = summarize(results)
  const sections = questions.map((question) => {
    const own = results.filter((result) => result.question === question)
    return section(
      question,
      own,
      rows.filter((row) => row.question === question),
    )
  })
  return `<!doctype html><html lang="en"><meta charset="utf-8">
<title>Ringkeeper: how fast</title><style>${STYLE}</style>
<h1>How fast, how large, how steady</h1>
<p>${settingLines(setting).map(escaped).join('<br>')}</p>
<p class="key">Medians of the repetitions, the range in small print; ratios are Ringkeeper divided by
Apache.<br>${KINDS.map((kind) => `<span class="${kind}"></span>${kind}`).join('')} (answers from
memory at once: the load generator's own ceiling)</p>
${targetTable(rows)}
${sections.join('\n')}
</html>
`
}

export function settingLines(setting: Setting): string[] {
  const { processor, memoryGb, system, node, ringkeeper, commit, apache, time, command } = setting
  return [
    `${processor}, ${memoryGb} GB, ${system}; Node ${node}`,
    `Ringkeeper ${ringkeeper}, commit ${commit}${apache === null ? '' : `; ${apache}`}`,
    `${time}: npm run perf -- ${command}`,
  ]
}

function targetTable(rows: readonly Row[]): string {
  const lines = rows.flatMap(({ question, variant, metric, ratio }) => {
    const target = targetOf(question, variant, metric)
    if (target === null || ratio === null) return []
    const how = standing(target, ratio)
    return [
      `<tr><td>${escaped(question)}: ${escaped(variant)}<td>${metricName(metric)}` +
        `<td class="${how}">${ratioText(ratio)}<td>${wantedText(target)}`,
    ]
  })
  if (lines.length === 0) return ''
  return `<h2>Targets</h2><table><tr><th>What<th>Metric<th>Ratio<th>Wanted${lines.join('')}</table>`
}

function section(question: string, results: readonly Result[], rows: readonly Row[]): string {
  const variants = [...new Set(rows.map(({ variant }) => variant))]
  const plots = [
    barPlots(rows),
    ...variants.map((variant) => {
      const own = results.filter((result) => result.variant === variant)
      return `<h3>${escaped(variant)}</h3>${latencyPlot(own)}${timelinePlot(own)}${table(
        rows.filter((row) => row.variant === variant),
      )}`
    }),
  ]
  return `<h2>${escaped(question)}</h2>${plots.join('\n')}`
}

/** One for each metric that variants are about, which is the first of theirs. */
function barPlots(rows: readonly Row[]): string {
  const firsts = rows.filter((row, i) => rows.findIndex(isBeside(row)) === i)
  const metrics = [...new Set(firsts.map(({ metric }) => metric))]
  return metrics
    .map((one) =>
      barPlot(
        one,
        firsts.filter(({ metric }) => metric === one),
      ),
    )
    .join('\n')
}

function isBeside({ variant }: Row): (other: Row) => boolean {
  return (other) => other.variant === variant
}

function barPlot(metric: string, own: readonly Row[]): string {
  const all = own.map(({ variant, figures }) => {
    const known = Object.entries(figures)
    return {
      label: variant,
      values: Object.fromEntries(known.map(([kind, { median }]) => [kind, median])),
      ranges: Object.fromEntries(known.map(([kind, { min, max }]) => [kind, [min, max] as const])),
    }
  })
  const kinds = KINDS.filter((kind) => own.some(({ figures }) => figures[kind] !== undefined))
  return `<h3>${metricName(metric)}</h3>${bars(all, kinds, (value) => quantity(metric, value))}`
}

function latencyPlot(results: readonly Result[]): string {
  const all = KINDS.flatMap((kind): Line[] => {
    const texts = results.flatMap(({ server, latency }) =>
      server === kind && latency ? [latency] : [],
    )
    if (texts.length === 0 || kind === 'canned') return []
    const sum = unpacked(texts)
    const points = NINES.filter((nines) => sum.totalCount >= 10 ** nines).map((nines) => {
      const percentile = 100 - 100 / 10 ** nines
      return [nines, Math.max(1, sum.getValueAtPercentile(percentile))] as const
    })
    return [{ series: kind, points }]
  })
  if (all.length === 0) return ''
  const share = (nines: number): string => `${Number((100 - 100 / 10 ** nines).toFixed(3))}%`
  const text = (us: number): string => (us < MORE_US ? `${us} us` : `${us / MORE_US} ms`)
  return lines(
    all,
    { name: 'share of the replies that took at most', text: share },
    { name: 'latency', logarithmic: true, text },
  )
}

/** The first repetition's: others would lie over it. */
function timelinePlot(results: readonly Result[]): string {
  const first = results.filter(
    ({ timeline, repetition }) => timeline !== undefined && repetition === 1,
  )
  const all = first.map(({ server, timeline }): Line => {
    const { bucketMs, startMs, values } = timeline!
    return {
      series: server,
      points: values.map((value, i) => [startMs + i * bucketMs, value] as const),
    }
  })
  const what = first[0]?.timeline
  if (what === undefined) return ''
  return lines(
    all,
    { name: 'milliseconds', text: String },
    { name: what.what, text: (value) => quantity('', value) },
  )
}

function table(rows: readonly Row[]): string {
  const kinds = KINDS.filter((kind) => rows.some(({ figures }) => figures[kind] !== undefined))
  const body = rows.map(({ question, variant, metric, figures, ratio }) => {
    const cells = kinds.map((kind) => {
      const figure = figures[kind]
      if (figure === undefined) return '<td>'
      const range =
        figure.repetitions > 1
          ? ` <small>${quantity('', figure.min)}..${quantity('', figure.max)}</small>`
          : ''
      return `<td>${quantity(metric, figure.median)}${range}`
    })
    const target = targetOf(question, variant, metric)
    const how = target === null || ratio === null ? '' : standing(target, ratio)
    return `<tr><td>${escaped(metricName(metric))}${cells.join('')}<td class="${how}">${ratioText(ratio)}`
  })
  return `<table><tr><th>${kinds.map((kind) => `<th>${kind}`).join('')}<th>ratio${body.join('')}</table>`
}
