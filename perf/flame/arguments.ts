// The command line of `npm run flame`.

import { parseArgs } from 'node:util'
import { OPERATIONS, type OperationName } from '../load/spec.ts'

/** A closed loop (perf/load/). */
export interface Load {
  readonly op: OperationName
  readonly connections: number
  readonly outstanding: number
}

export interface FlameRequest extends Load {
  readonly question: string
  /** 1 is a standalone server. */
  readonly servers: number
  /** For which the profiles are taken, under a load that has settled. */
  readonly seconds: number
  /** Microseconds between two samples of a thread. */
  readonly intervalUs: number
  /** The folder of the report. */
  readonly out: string
  /** Whether clinic runs as well. */
  readonly clinic: boolean
}

const QUESTIONS: Readonly<Record<string, Load>> = {
  writes: { op: 'set', connections: 10, outstanding: 16 },
  'lone-write': { op: 'set', connections: 1, outstanding: 1 },
  creates: { op: 'create', connections: 10, outstanding: 16 },
  multis: { op: 'multi', connections: 10, outstanding: 16 },
  reads: { op: 'get', connections: 10, outstanding: 16 },
  'lone-read': { op: 'get', connections: 1, outstanding: 1 },
}
const SERVERS_MAX = 5

export const HELP: string = `Usage: npm run flame -- <question> [options]

Runs servers under a load and shows where the time of each of their threads goes: flame graphs of
the network loop and of every actor, the time each thread ran and was kept waiting for a core, and
beside it clinic's flame graph and doctor for the event loop of one server.

Questions:
${Object.entries(QUESTIONS)
  .map(([name, { op, connections, outstanding }]) => {
    return `  ${name.padEnd(12)} ${op}, ${connections} connections with ${outstanding} outstanding`
  })
  .join('\n')}

  --servers N       so many servers, 1 to ${SERVERS_MAX}; 1 is a standalone server (default 1)
  --seconds S       profiled for so long, in each run (default 10)
  --interval U      microseconds between samples of a thread (default 1000 a server: each sample
                    wakes the thread, and the servers share this machine)
  --op OP           ${OPERATIONS.join(', ')}
                    instead of the question's
  --connections C   instead of the question's
  --outstanding O   on each connection, instead of the question's
  --no-clinic       without clinic, which takes a minute more
  --out FOLDER      where the report goes (default perf/reports/flame); index.html is its first page
  --help            this

It needs nobody at the keyboard and no network, and opens no browser.
`

/** The request, `help`, or what is wrong with the arguments. */
export function parseFlame(args: readonly string[]): FlameRequest | 'help' | { problem: string } {
  let parsed: ReturnType<typeof read>
  try {
    parsed = read(args)
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
  const { values, positionals } = parsed
  if (values.help) return 'help'
  const [question = '', ...rest] = positionals
  const load = Object.hasOwn(QUESTIONS, question) ? QUESTIONS[question] : undefined
  if (load === undefined || rest.length > 0) {
    return { problem: `one question of these: ${Object.keys(QUESTIONS).join(', ')}` }
  }
  const op = OPERATIONS.find((name) => name === (values.op ?? load.op))
  if (op === undefined) {
    return { problem: `--op ${values.op}: must be one of ${OPERATIONS.join(', ')}` }
  }
  const numbers = {
    servers: [values.servers, SERVERS_MAX],
    seconds: [values.seconds, 600],
    interval: [values.interval ?? `${1000 * Number(values.servers)}`, 100_000],
    connections: [values.connections ?? String(load.connections), 1000],
    outstanding: [values.outstanding ?? String(load.outstanding), 10_000],
  } as const
  for (const [name, [text, max]] of Object.entries(numbers)) {
    const isGood = /^\d{1,6}$/.test(text) && Number(text) >= 1 && Number(text) <= max
    if (!isGood) return { problem: `--${name} ${text}: must be a number from 1 to ${max}` }
  }
  return {
    question,
    op,
    servers: Number(numbers.servers[0]),
    seconds: Number(numbers.seconds[0]),
    intervalUs: Number(numbers.interval[0]),
    connections: Number(numbers.connections[0]),
    outstanding: Number(numbers.outstanding[0]),
    out: values.out,
    clinic: !values['no-clinic'],
  }
}

function read(args: readonly string[]): {
  values: {
    servers: string
    seconds: string
    interval?: string
    op?: string
    connections?: string
    outstanding?: string
    'no-clinic': boolean
    out: string
    help: boolean
  }
  positionals: string[]
} {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      servers: { type: 'string', default: '1' },
      seconds: { type: 'string', default: '10' },
      interval: { type: 'string' },
      op: { type: 'string' },
      connections: { type: 'string' },
      outstanding: { type: 'string' },
      'no-clinic': { type: 'boolean', default: false },
      out: { type: 'string', default: 'perf/reports/flame' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
}
