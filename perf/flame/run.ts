// One run: servers, a load that has settled, and what each of their threads took meanwhile.

import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { Ensemble } from '../ensemble/ensemble.ts'
import { type Member, OUR_COMMAND } from '../ensemble/member.ts'
import { latencyMetrics } from '../load/histogram.ts'
import { runLoad } from '../load/load.ts'
import type { FlameRequest } from './arguments.ts'
import type { Span } from './fold.ts'
import type { NamedThread } from './name-thread.ts'
import { between, type ThreadTime, threadTime } from './thread-time.ts'

const NAME_THREAD = new URL('./name-thread.js', import.meta.url)
const WHOLE_MS_MAX = 120_000
/** From the start of the load until it is looked at, and from there to its end. */
const SETTLE_MS = 3000
const MARGIN_MS = 1000
const VALUE_BYTES = 100

/** What the clients saw. */
export interface LoadFigures {
  readonly perSecond: number
  readonly p50Us: number
  readonly p99Us: number
  readonly errors: number
}

export interface RunThread {
  readonly thread: NamedThread
  readonly server: number
  /** `leader`, `follower`, `standalone`. */
  readonly mode: string
  /** During the span. */
  readonly time: ThreadTime | null
}

export interface Run {
  readonly load: LoadFigures
  readonly span: Span
  /** By server, and in the order in which they began. */
  readonly threads: readonly RunThread[]
}

export interface RunOptions {
  /** The threads write their names there; a new file each run. */
  readonly threadsFile: string
  /** Program and arguments up to the configuration; `naming` has to be among them. */
  command(id: number, naming: string): readonly string[]
  /** Ends a server when the load is over. */
  stop(member: Member): Promise<void>
}

/** The command of a server of ours, with more flags for Node. */
export function serverWith(...flags: readonly string[]): readonly string[] {
  const [node = '', ...rest] = OUR_COMMAND
  return [node, ...flags, ...rest]
}

export async function run(request: FlameRequest, options: RunOptions): Promise<Run> {
  const { threadsFile } = options
  const preload = new URL(NAME_THREAD)
  preload.searchParams.set('to', threadsFile)
  const ensemble = await Ensemble.prepare({
    servers: request.servers,
    command: (id) => options.command(id, `--import=${preload.href}`),
  })
  try {
    ensemble.start()
    await ensemble.whole(WHOLE_MS_MAX)
    const [load, looked] = await Promise.all([
      loadOn(request, ensemble),
      look(request, ensemble, threadsFile),
    ])
    for (const member of ensemble.members) await options.stop(member)
    return { load, ...looked }
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n${ensemble.tails(20)}`)
  } finally {
    await ensemble.end()
  }
}

async function loadOn(request: FlameRequest, ensemble: Ensemble): Promise<LoadFigures> {
  const { op, connections, outstanding, seconds } = request
  const { perSecond, errors, latency } = await runLoad({
    ports: ensemble.members.map(({ clientPort }) => clientPort),
    name: 'flame',
    mix: [{ operation: op, share: 1 }],
    connections,
    outstanding,
    valueBytes: VALUE_BYTES,
    warmupSeconds: SETTLE_MS / 1000,
    seconds: seconds + MARGIN_MS / 1000,
  })
  const { p50Us = 0, p99Us = 0 } = latencyMetrics(latency)
  return { perSecond: Math.round(perSecond), p50Us, p99Us, errors }
}

/** Looks at the threads while the load goes on. */
async function look(
  { seconds }: FlameRequest,
  ensemble: Ensemble,
  threadsFile: string,
): Promise<Pick<Run, 'span' | 'threads'>> {
  await pause(SETTLE_MS)
  const states = await ensemble.states()
  const threads = readThreads(threadsFile).filter(({ name }) => name !== 'pool')
  const begun = threads.map(threadTime)
  const fromUs = monotonicUs()
  await pause(seconds * 1000)
  const toUs = monotonicUs()
  const ended = threads.map(threadTime)
  const seen = threads.map((thread, i) => {
    const at = ensemble.members.findIndex(({ pid }) => pid === thread.pid)
    const mode = states[at]?.mode ?? 'silent'
    const time = between(begun[i] ?? null, ended[i] ?? null)
    return { thread, server: at + 1, mode, time }
  })
  seen.sort((a, b) => a.server - b.server || a.thread.threadId - b.thread.threadId)
  return { span: { fromUs, toUs }, threads: seen }
}

export function readThreads(file: string): NamedThread[] {
  if (!existsSync(file)) return []
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  return lines.map((line) => JSON.parse(line) as NamedThread)
}

/** V8's profiles have the same clock. */
function monotonicUs(): number {
  return Number(process.hrtime.bigint() / 1000n)
}
