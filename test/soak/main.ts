// npm run soak -- [options]: see HELP. Ends with a verdict, 0 if everything held.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { randomBelow } from '../../runtime/shared/random.ts'
import { shimSkip } from '../support/disk-shim/disk-shim.ts'
import { type SoakSummary, soak } from './soak.ts'

const HELP = `Usage: npm run soak -- [options]

Runs an ensemble as processes on this machine, with clients that never stop, and does something to
one server every few seconds: kills or stops it, cuts it off, lets its disk be slow, hang, be full or
fail. Every other time the leader is killed. Checks all that the clients were told, compares the
replicas, and samples memory and descriptors.

  --minutes N       how long (default 10)
  --seed N          repeats what is done; the timing of processes is nobody's to repeat
  --servers N       3 or 5 (default 3)
  --clients N       (default 6)
  --round N         seconds from one fault to the next (default 10)
  --chapter N       seconds of load between two reckonings (default 60)
  --fault N         milliseconds that a fault lasts at most (default 8000)
  --pace N          milliseconds between two requests of a client (default 8)
  --out FOLDER      for the table and the plots (default data/soak)
  --help            this
`
const EXIT_BROKEN = 1
const EXIT_INVOCATION = 2

const DEFAULTS = {
  minutes: '10',
  servers: '3',
  clients: '6',
  round: '10',
  chapter: '60',
  fault: '8000',
  pace: '8',
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

const TEXT = { type: 'string' } as const
const OPTIONS = {
  minutes: TEXT,
  seed: TEXT,
  servers: TEXT,
  clients: TEXT,
  round: TEXT,
  chapter: TEXT,
  fault: TEXT,
  pace: TEXT,
  out: TEXT,
  help: { type: 'boolean' },
} as const

type Values = Partial<Record<Exclude<keyof typeof OPTIONS, 'help'>, string>> & { help?: boolean }

/** Ends the process when it makes no sense. */
function invocation(): Values & typeof DEFAULTS {
  try {
    const { values } = parseArgs({ options: OPTIONS })
    const numbers = { ...DEFAULTS, seed: '1', ...values }
    for (const name of ['seed', ...Object.keys(DEFAULTS)] as (keyof typeof numbers)[]) {
      const value = numbers[name]
      if (Number(value) > 0) continue
      throw new Error(`--${name}: must be a number above 0, not ${value}`)
    }
    return { ...DEFAULTS, ...values }
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n\n${HELP}`)
    process.exit(EXIT_INVOCATION)
  }
}

function summarized(summary: SoakSummary): string[] {
  const { writes, reads, faults, chapters, gaps, samples, broken } = summary
  const growths = samples.growths()
  const { residentMiB, descriptors } = samples.most()
  const lines = [
    `${writes} writes and ${reads} reads, ${faults} faults, ${chapters} chapters`,
    `at most ${residentMiB} MiB and ${descriptors} descriptors a server`,
    ...growths.map((growth) => `grew: ${growth}`),
  ]
  for (const [name, all] of [...gaps].sort(([a], [b]) => a.localeCompare(b))) {
    const sorted = [...all].sort((a, b) => a - b)
    const [median, most] = [sorted[sorted.length >> 1], sorted.at(-1)]
    lines.push(`${name}: ${all.length} times, without a write ${median} ms, at most ${most} ms`)
  }
  const held = broken === null && growths.length === 0
  lines.push(held ? 'verdict: everything held' : `verdict: broken: ${broken ?? 'memory grew'}`)
  return lines
}

const values = invocation()
if (values.help === true) {
  process.stdout.write(HELP)
} else {
  const seed = values.seed === undefined ? randomBelow(2 ** 31) : Number(values.seed)
  const number = (name: keyof typeof DEFAULTS): number => Number(values[name])
  say(`seed ${seed}`)
  if (shimSkip !== false) say(`disks stay whole: ${shimSkip}`)
  const summary = await soak({
    seconds: number('minutes') * 60,
    seed,
    servers: number('servers'),
    clients: number('clients'),
    paceMs: number('pace'),
    roundSeconds: number('round'),
    chapterSeconds: number('chapter'),
    faultMsMax: number('fault'),
    say,
  })
  const folder = values.out ?? join('data', 'soak')
  mkdirSync(folder, { recursive: true })
  const lines = summarized(summary)
  summary.samples.writeTable(join(folder, `${seed}.csv`))
  summary.samples.writePlots(join(folder, `${seed}.html`), `Soak of seed ${seed}`, lines)
  for (const line of lines) say(line)
  say(`${join(folder, `${seed}.csv`)} and .html have memory and descriptors over time`)
  process.exitCode =
    summary.broken === null && summary.samples.growths().length === 0 ? 0 : EXIT_BROKEN
}
