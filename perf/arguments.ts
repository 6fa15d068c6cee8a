// The command line of `npm run perf`.

import { parseArgs } from 'node:util'
import type { Question, QuestionOption } from './question.ts'

export interface PerfRequest {
  readonly questions: readonly Question[]
  readonly againstApache: boolean
  readonly quick: boolean
  readonly repetitions: number
  readonly dataDir: string | null
  /** Where the report and the results go, without an ending. Null: a name from the time. */
  readonly out: string | null
  /** A section is added to perf/RESULTS.md, and the report becomes perf/report.html. */
  readonly keep: boolean
  /** Result files to make a report of, instead of measuring. */
  readonly results: readonly string[]
  readonly checkSync: boolean
  /** What was given of the questions' own options, and the common ones. */
  readonly values: Readonly<Record<string, string>>
}

/** Every question takes them. */
const COMMON: Readonly<Record<string, QuestionOption>> = {
  bytes: { full: '100', quick: '100', help: 'of a value' },
  warm: { full: '5', quick: '2', help: 'seconds of mixed load after a server has started' },
  'warm-apache': {
    full: '0',
    quick: '0',
    help: 'seconds of the same load at least that Java gets before each measurement',
  },
  generators: { full: '1', quick: '1', help: 'worker threads that make the load' },
}
const REPETITIONS = { full: '3', quick: '2' }

export function helpText(questions: readonly Question[]): string {
  const list = questions.map(({ name, summary }) => `  ${name.padEnd(12)}${summary}`)
  const details = questions.flatMap(({ name, options }) => [`${name}:`, ...optionLines(options)])
  return `Usage: npm run perf -- <question>... [options]
       npm run perf -- report FILE.jsonl... [--out PATH] [--keep]

Measures servers on this machine, each a process of its own, and writes results (a JSON line each)
and a report (HTML) to perf/reports/. A wrong reply fails the run.

Questions, or all:
${list.join('\n')}

  --against apache   measures Debian's ZooKeeper in turn with ours, and shows the ratio
  --quick            everything small: the whole list in some minutes
  --repetitions N    of each kind in turn (default ${REPETITIONS.full}; quick ${REPETITIONS.quick})
  --data-dir FOLDER  the servers' data, on a real disk (default: the system's temporary folder)
  --out PATH         of report and results, without an ending (default perf/reports/TIME)
  --keep             adds the medians to perf/RESULTS.md, and the report becomes perf/report.html
  --check-fsync      first traces one server of each kind: it must sync its log before it
                     acknowledges (needs strace)
${optionLines(COMMON).join('\n')}
  --help             this

${details.join('\n')}

Examples:
  npm run perf -- throughput --operations set,get --shapes 10x16 --servers 1
  npm run perf -- all --against apache --quick
  npm run perf -- latency --against apache --latency-servers 3 --repetitions 5
`
}

function optionLines(options: Readonly<Record<string, QuestionOption>>): string[] {
  return Object.entries(options).map(([name, { full, quick, help }]) => {
    const values = full === quick ? full : `${full}; quick ${quick}`
    return `  --${name.padEnd(17)}${help} (default ${values})`
  })
}

/** The request, `help`, or what is wrong with the arguments. */
export function parsePerf(
  args: readonly string[],
  questions: readonly Question[],
): PerfRequest | 'help' | { readonly problem: string } {
  let parsed: ReturnType<typeof read>
  try {
    parsed = read(args, questions)
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
  const { values, positionals } = parsed
  if (values['help'] === true) return 'help'
  const [first = '', ...rest] = positionals
  if (first === '') return { problem: 'which question?' }
  const isReport = first === 'report'
  if (isReport && rest.length === 0) return { problem: 'report: of which files?' }
  const asked = isReport
    ? []
    : first === 'all'
      ? questions
      : positionals.map((name) => byName(name))
  const unknown = positionals.filter((name) => !isReport && name !== 'all' && byName(name) === null)
  if (unknown.length > 0) return { problem: `there is no question ${unknown.join(', ')}` }
  const against = values['against']
  if (against !== undefined && against !== 'apache') return { problem: '--against: apache, or not' }
  const quick = values['quick'] === true
  const repetitions = Number(text(values['repetitions']) ?? REPETITIONS[quick ? 'quick' : 'full'])
  if (!(Number.isInteger(repetitions) && repetitions > 0)) {
    return { problem: '--repetitions: must be a number from 1 on' }
  }
  return {
    questions: asked.filter((question) => question !== null),
    againstApache: against === 'apache',
    quick,
    repetitions,
    dataDir: text(values['data-dir']),
    out: text(values['out']),
    keep: values['keep'] === true,
    results: isReport ? rest : [],
    checkSync: values['check-fsync'] === true,
    values: { ...defaults(quick), ...ownValues(values, questions) },
  }

  function byName(name: string): Question | null {
    return questions.find((question) => question.name === name) ?? null
  }
}

function read(
  args: readonly string[],
  questions: readonly Question[],
): { values: Record<string, string | boolean | undefined>; positionals: string[] } {
  const own = ownNames(questions).map((name) => [name, { type: 'string' as const }])
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      against: { type: 'string' },
      quick: { type: 'boolean' },
      repetitions: { type: 'string' },
      'data-dir': { type: 'string' },
      out: { type: 'string' },
      keep: { type: 'boolean' },
      'check-fsync': { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
      ...Object.fromEntries(own),
    },
  })
  return { values: values as Record<string, string | boolean | undefined>, positionals }
}

function ownNames(questions: readonly Question[]): string[] {
  return [...Object.keys(COMMON), ...questions.flatMap(({ options }) => Object.keys(options))]
}

function defaults(quick: boolean): Record<string, string> {
  return Object.fromEntries(
    Object.entries(COMMON).map(([name, option]) => [name, quick ? option.quick : option.full]),
  )
}

function ownValues(
  values: Record<string, string | boolean | undefined>,
  questions: readonly Question[],
): Record<string, string> {
  const given = ownNames(questions).map((name) => [name, text(values[name])] as const)
  return Object.fromEntries(given.filter((pair) => pair[1] !== null)) as Record<string, string>
}

function text(value: string | boolean | undefined): string | null {
  return typeof value === 'string' ? value : null
}
