// npm run soak -- [options]: see HELP. Ends with a verdict, 0 if everything held.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { randomBelow } from '../../runtime/shared/random.ts'
import { shimSkip } from '../support/disk-shim/disk-shim.ts'
import { IN_OWN_NETWORK, namespacesMissing, ownNetwork } from '../support/network/namespaces.ts'
import { type SoakSummary, soak } from './soak.ts'

const HELP = `Usage: npm run soak -- [options]

Runs an ensemble as processes on this machine, with clients that never stop, and does something to
one server every few seconds: kills or stops it, cuts it off, lets its disk be slow, hang, be full or
fail. Every other time the leader is killed. Checks all that the clients were told, compares the
replicas, and samples memory and descriptors, for which there is an observer that is never killed.
Each server has a network namespace of its own where that is allowed, else the servers reach each
other through proxies; the output says which.

  --minutes N       how long (default 10)
  --seed N          repeats the faults; the timing of processes cannot be repeated
  --servers N       that vote (default 3)
  --clients N       clients that write and read (default 6)
  --round N         seconds from one fault to the next (default 10); the leader is killed every two
  --chapter N       seconds of load between two reckonings (default 60)
  --fault N         milliseconds that a fault lasts at most (default 8000)
  --pace N          milliseconds between two requests of a client (default 8)
  --proxy           no namespaces
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
  proxy: { type: 'boolean' },
  help: { type: 'boolean' },
} as const

type Flag = 'help' | 'proxy'
type Values = Partial<Record<Exclude<keyof typeof OPTIONS, Flag>, string>> & {
  [flag in Flag]?: boolean
}

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
  const { writes, reads, faults, chapters, sessions, gaps, samples, broken } = summary
  const growths = samples.growths()
  const { residentMiB, descriptors } = samples.most()
  const lines = [
    `${writes} writes acknowledged, ${reads} reads checked, ${faults} faults, ${chapters} chapters`,
    `${sessions} sessions that never stopped asking: ${broken === null ? 'none lost' : 'see below'}`,
    `at most ${residentMiB} MiB and ${descriptors} descriptors a server`,
    ...samples.trends(),
    ...growths.map((growth) => `grew: ${growth}`),
  ]
  for (const [name, all] of [...gaps].sort(([a], [b]) => a.localeCompare(b))) {
    const sorted = [...all].sort((a, b) => a - b)
    const [median, most] = [sorted[sorted.length >> 1], sorted.at(-1)]
    lines.push(`${name}: ${all.length} times, without a write ${median} ms, at most ${most} ms`)
  }
  const held = broken === null && growths.length === 0
  lines.push(held ? 'verdict: everything held' : `verdict: broken: ${broken ?? 'something grew'}`)
  return lines
}

/** Table and plots; what they show in words. */
function report(folder: string, seed: number, summary: SoakSummary): string[] {
  mkdirSync(folder, { recursive: true })
  const lines = summarized(summary)
  summary.samples.writeTable(join(folder, `${seed}.csv`))
  summary.samples.writePlots(join(folder, `${seed}.html`), `Soak of seed ${seed}`, lines)
  return lines
}

async function play(values: Values & typeof DEFAULTS): Promise<void> {
  const seed = values.seed === undefined ? randomBelow(2 ** 31) : Number(values.seed)
  const number = (name: keyof typeof DEFAULTS): number => Number(values[name])
  const folder = values.out ?? join('data', 'soak')
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
    evidence: join(folder, `${seed}`),
    say,
    onChapter: (sofar) => void report(folder, seed, sofar),
  })
  for (const line of report(folder, seed, summary)) say(line)
  say(`${join(folder, `${seed}.csv`)} and .html have memory and descriptors over time`)
  const held = summary.broken === null && summary.samples.growths().length === 0
  process.exitCode = held ? 0 : EXIT_BROKEN
}

const values = invocation()
if (values.help === true) {
  process.stdout.write(HELP)
} else if (IN_OWN_NETWORK) {
  await play(values)
} else {
  const missing = values.proxy === true ? '--proxy' : namespacesMissing()
  if (missing === null) {
    say('servers in network namespaces of their own')
    const again = [process.execPath, ...process.execArgv, ...process.argv.slice(1)]
    process.exitCode = await ownNetwork(again)
  } else {
    say(`proxies between servers, no network namespaces: ${missing}`)
    await play(values)
  }
}
