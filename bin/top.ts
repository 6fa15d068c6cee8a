// Shows what a server is busy with, until it is interrupted.
//
//   node dist/bin/top.js [--once] [--rows 10] [host:port of an admin server]
//
// Exits with 1 if the server does not answer, and with 2 if it is called wrongly.

import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'

const DEFAULT_ADDRESS = '127.0.0.1:8080'
const EVERY_MS = 2000
const ANSWER_MS_MAX = 5000
const CLEAR = '\x1b[2J\x1b[H'
const USAGE = 'usage: zkTop.sh [--once] [--rows 10] [host:port of an admin server]'
const HELP = `${USAGE}

Shows what keeps a server busy (default ${DEFAULT_ADDRESS}), anew every two seconds. Ctrl-C ends it.

  --once      show it once
  --rows N    rows in each list (default 10)`

type Row = Readonly<Record<string, string | number>>
type Answer = Readonly<Record<string, unknown>>

const LISTS: readonly (readonly [key: string, title: string])[] = [
  ['prefixes', 'Busiest prefixes, a second'],
  ['paths', 'Busiest paths, a second'],
  ['busiest_sessions', 'Busiest sessions'],
  ['slowest_sessions', 'Slowest sessions, in ms'],
  ['watched_paths', 'Most watched paths'],
  ['watching_sessions', 'Sessions with most watches'],
  ['ephemeral_sessions', 'Sessions with most ephemeral nodes'],
]

async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) {
    console.log(HELP)
    return 0
  }
  const options = { once: { type: 'boolean' }, rows: { type: 'string', default: '10' } } as const
  let parsed: ReturnType<typeof parseArgs<{ options: typeof options; allowPositionals: true }>>
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true })
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${USAGE}`)
    return 2
  }
  const { values, positionals } = parsed
  if (positionals.length > 1) {
    console.error(USAGE)
    return 2
  }
  const address = positionals[0] ?? DEFAULT_ADDRESS
  const url = `http://${address}/commands/top?rows=${encodeURIComponent(values.rows)}`
  for (;;) {
    const answer = await answerOf(url)
    if (typeof answer === 'string') {
      console.error(`no answer from ${address}: ${answer}`)
      return 1
    }
    const text = LISTS.map(([key, title]) => listText(title, answer[key])).join('\n')
    console.log(
      values.once === true ? text : `${CLEAR}${address}  ${new Date().toISOString()}\n\n${text}`,
    )
    if (values.once === true) return 0
    await pause(EVERY_MS)
  }
}

/** Text: why there is no answer. */
async function answerOf(url: string): Promise<Answer | string> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS_MAX) })
    const answer = (await response.json()) as Answer
    return typeof answer['error'] === 'string' ? answer['error'] : answer
  } catch (error) {
    if (!(error instanceof Error)) return String(error)
    return error.cause instanceof Error ? error.cause.message : error.message
  }
}

function listText(title: string, list: unknown): string {
  if (!Array.isArray(list) || list.length === 0) return `${title}: none\n`
  const rows = list as readonly Row[]
  const columns = Object.keys(rows[0] ?? {})
  const cells = [columns, ...rows.map((row) => columns.map((column) => cellText(row[column])))]
  const widths = columns.map((_, i) => Math.max(...cells.map((line) => line[i]?.length ?? 0)))
  const lines = cells.map((line) => line.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  '))
  return `${title}\n${lines.map((line) => `  ${line.trimEnd()}\n`).join('')}`
}

function cellText(value: string | number | undefined): string {
  if (typeof value === 'number' && !Number.isInteger(value)) return value.toFixed(1)
  return String(value ?? '')
}

process.exitCode = await main(process.argv.slice(2))
