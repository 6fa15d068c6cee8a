// Results on disk: a line of JSON each, the setting in the first; and the reports made of them.

import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Result } from '../question.ts'
import type { ServerKind } from '../servers/servers.ts'
import { metricName, quantity, ratioText } from './format.ts'
import { html, settingLines } from './html.ts'
import type { Setting } from './machine.ts'
import { headlines, summarize } from './summary.ts'

export function startResults(path: string, setting: Setting): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `${JSON.stringify(setting)}\n`)
}

export function appendResult(path: string, result: Result): void {
  appendFileSync(path, `${JSON.stringify(result)}\n`)
}

/** Several files, as of one run in parts: the first one's setting counts. */
export function readResults(paths: readonly string[]): { setting: Setting; results: Result[] } {
  const files = paths.map((path) => {
    const lines = readFileSync(path, 'utf8').trim().split('\n')
    return lines.map((line): unknown => JSON.parse(line))
  })
  const settings = files.map(([first]) => first as Setting)
  const [setting] = settings
  if (setting === undefined) throw new Error('no results')
  const command = settings.map((one) => one.command).join('; ')
  const results = files.flatMap(([, ...rest]) => rest as Result[])
  return { setting: { ...setting, command }, results }
}

export function writeReport(path: string, setting: Setting, results: readonly Result[]): void {
  writeFileSync(path, html(setting, results))
}

/** Adds a section to the history; the reports have the rest. */
export function keepResults(path: string, setting: Setting, results: readonly Result[]): void {
  const lines = headlines(summarize(results)).map((row) => {
    const { question, variant, metric, figures, ratio } = row
    const text = (kind: ServerKind): string => {
      const figure = figures[kind]
      return figure === undefined ? '' : quantity(metric, figure.median)
    }
    const what = `${question}: ${variant}, ${metricName(metric)}`
    return `| ${what} | ${text('apache')} | ${text('ringkeeper')} | ${ratioText(ratio)} |`
  })
  const head = `\n## ${setting.time.slice(0, 10)}, \`npm run perf -- ${setting.command}\`\n`
  const where = settingLines(setting).slice(0, 2).join('. ')
  const table = ['| What | Apache | Ringkeeper | Ratio |', '|---|---|---|---|', ...lines]
  appendFileSync(path, `${head}\n${where}.\n\n${table.join('\n')}\n`)
}
