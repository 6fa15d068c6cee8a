// `npm run perf`: asks questions to servers, prints a JSON line a result, writes a report.

import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { helpText, type PerfRequest, parsePerf } from './arguments.ts'
import type { Result } from './question.ts'
import { QUESTIONS } from './questions.ts'
import {
  appendResult,
  keepResults,
  readResults,
  startResults,
  writeReport,
} from './report/files.ts'
import { metricName, quantity, ratioText } from './report/format.ts'
import { type Setting, settingOf } from './report/machine.ts'
import { headlines, summarize } from './report/summary.ts'
import { targetOf, wantedText } from './report/targets.ts'
import { runQuestion } from './run.ts'
import { checkSync } from './servers/check-sync.ts'
import { endServers, type ServerKind } from './servers/servers.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const HISTORY = join(ROOT, 'perf', 'RESULTS.md')
const KEPT_REPORT = join(ROOT, 'perf', 'report.html')
/** Of the generator's time. Beyond it, it may be what is measured. */
const BUSY_MAX = 0.9
const EXIT_FAILED = 1
const EXIT_INVOCATION = 2

const startMs = performance.now()
let shownLine = false

/** On a terminal one line that changes, else a line each. */
function say(text: string): void {
  const line = `${String(Math.round((performance.now() - startMs) / 1000)).padStart(4)} s  ${text}`
  shownLine = process.stderr.isTTY === true
  process.stderr.write(
    shownLine ? `\r\x1b[K${line.slice(0, process.stderr.columns - 1)}` : `${line}\n`,
  )
}

function endLine(): void {
  if (shownLine) process.stderr.write('\n')
  shownLine = false
}

async function measure(request: PerfRequest, setting: Setting, path: string): Promise<Result[]> {
  const kinds: ServerKind[] = request.againstApache ? ['ringkeeper', 'apache'] : ['ringkeeper']
  const { dataDir, quick, values } = request
  const where = dataDir === null ? {} : { dataDir }
  if (request.checkSync) {
    for (const kind of kinds) await checkSync({ kind, ...where }, say)
  }
  const results: Result[] = []
  startResults(path, setting)
  for (const question of request.questions) {
    await runQuestion(question, kinds, request.repetitions, {
      values,
      quick,
      ...where,
      say,
      show(text) {
        endLine()
        process.stderr.write(`${text}\n`)
      },
      onResult(result) {
        results.push(result)
        appendResult(path, result)
        endLine()
        const { latency: _, timeline: _1, ...shown } = result
        process.stdout.write(`${JSON.stringify(shown)}\n`)
      },
    })
  }
  return results
}

function sayRatios(results: readonly Result[]): void {
  for (const { question, variant, metric, figures, ratio } of headlines(summarize(results))) {
    const { ringkeeper: ours, apache: theirs } = figures
    if (ours === undefined || theirs === undefined) continue
    const target = targetOf(question, variant, metric)
    const values = `${quantity(metric, ours.median)} to ${quantity(metric, theirs.median)}`
    const ceiling =
      figures.canned === undefined ? '' : `, ${quantity(metric, figures.canned.median)} canned`
    const bound = target === null ? '' : `, wanted ${wantedText(target)}`
    const what = `${question}: ${variant}, ${metricName(metric)}`
    process.stderr.write(
      `${what.padEnd(66)} ${values}, ratio ${ratioText(ratio)}${bound}${ceiling}\n`,
    )
  }
}

function report(
  request: PerfRequest,
  setting: Setting,
  results: readonly Result[],
  out: string,
): number {
  writeReport(`${out}.html`, setting, results)
  if (request.keep) {
    keepResults(HISTORY, setting, results)
    writeReport(KEPT_REPORT, setting, results)
  }
  sayRatios(results)
  process.stderr.write(`report: ${out}.html\n`)
  const limited = results.filter(({ server, metrics }) => {
    return server !== 'canned' && (metrics['generatorBusy'] ?? 0) > BUSY_MAX
  })
  for (const { question, variant, server } of limited) {
    const advice = 'the load generator was busy all the time: try --generators 2'
    process.stderr.write(`${question}: ${variant}, ${server}: ${advice}\n`)
  }
  const failed = results.filter(({ metrics }) => (metrics['errors'] ?? 0) > 0)
  for (const { question, variant, server, metrics } of failed) {
    process.stderr.write(`${question}: ${variant}, ${server}: ${metrics['errors']} errors\n`)
  }
  return failed.length > 0 ? EXIT_FAILED : 0
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void endServers().finally(() => process.exit(EXIT_FAILED)))
}

const args = process.argv.slice(2)
const request = parsePerf(args, QUESTIONS)
if (request === 'help') {
  process.stdout.write(helpText(QUESTIONS))
} else if ('problem' in request) {
  process.stderr.write(`${request.problem}\nnpm run perf -- --help says what there is.\n`)
  process.exitCode = EXIT_INVOCATION
} else if (request.results.length > 0) {
  const { setting, results } = readResults(request.results)
  process.exitCode = report(request, setting, results, request.out ?? request.results[0]!)
} else {
  const setting = settingOf(args, request.againstApache)
  const name = setting.time.replace(/[:.]/g, '-')
  const out = request.out ?? join(ROOT, 'perf', 'reports', name)
  const results = await measure(request, setting, `${out}.jsonl`)
  process.exitCode = report(request, setting, results, out)
}
