// A budget of one write: what each thread of each server spends on it, and the way of a lone write
// through all of them.
//
// Counts are the kernel's, of servers that run as they always do. The time line is of other servers,
// whose threads write down what they do (perf/budget/probe.ts), which makes a write some 5 % slower.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Counts, countsOf, HELPERS, perWrite, serversOf, sum } from '../budget/threads.ts'
import { readEvents, timeLine, writesOf } from '../budget/time-line.ts'
import { readThreads } from '../flame/run.ts'
import { shapeOf } from '../load/spec.ts'
import type { Context, Question } from '../question.ts'
import type { Servers } from '../servers/servers.ts'
import { plural } from './words.ts'

const NAME_THREAD = new URL('../flame/name-thread.js', import.meta.url)
const PROBE = new URL('../budget/probe.js', import.meta.url)
const MIX = [{ operation: 'set', share: 1 }] as const
const LONE = '1x1'

export const budget: Question = {
  name: 'budget',
  summary: 'one write: wake-ups, system calls and processor time of each thread; its time line',
  options: {
    'budget-servers': { full: '1,3', quick: '1,3', help: 'servers of an ensemble' },
    'budget-shapes': {
      full: '1x1,10x16,50x64',
      quick: '1x1,10x16',
      help: 'connections x outstanding',
    },
    'budget-seconds': { full: '4', quick: '1', help: 'measured, of each variant' },
    'budget-warmup': { full: '2', quick: '0.5', help: 'seconds before it' },
  },
  async run(context) {
    for (const count of context.serverCounts('budget-servers')) {
      await preloaded(context, count, [NAME_THREAD], async (servers, to) => {
        for (const shape of context.list('budget-shapes')) await spend(context, servers, shape, to)
      })
      if (context.kind !== 'ringkeeper') continue
      await preloaded(context, count, [NAME_THREAD, PROBE], (servers, to) => {
        return follow(context, servers, to)
      })
    }
  },
}

/** Servers whose threads have these modules preloaded, which write to files that begin with `to`. */
async function preloaded(
  context: Context,
  count: number,
  modules: readonly URL[],
  body: (servers: Servers, to: string) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'ringkeeper-budget-'))
  const to = join(folder, 'threads')
  const imports = modules.map((module) => {
    const preload = new URL(module)
    preload.searchParams.set('to', to)
    return `--import=${preload.href}`
  })
  const isOurs = context.kind === 'ringkeeper'
  const wrap = isOurs ? ['env', `NODE_OPTIONS=${imports.join(' ')}`] : []
  try {
    await context.withServers(
      count,
      async (servers) => {
        await context.warm(servers)
        await body(servers, to)
      },
      { wrap },
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function spend(
  context: Context,
  servers: Servers,
  shape: string,
  threadsFile: string,
): Promise<void> {
  const members = await serversOf(servers.ensemble)
  const variant = `set ${shape}, ${plural(members.length, 'server')}`
  context.say(variant)
  const named = readThreads(threadsFile)
  const count = (): Map<string, Counts>[] => members.map(({ pid }) => countsOf(pid, named))
  const times = { warmupSeconds: 0, seconds: context.number('budget-seconds') }
  const load = { mix: MIX, ...shapeOf(shape) }
  await context.load(servers, { ...load, ...times, seconds: context.number('budget-warmup') })
  const before = count()
  const { result, metrics } = await context.load(servers, { ...load, ...times })
  const after = count()
  const lines = [`${variant}: ${Math.round(result.perSecond)}/s, a write:`, HEADING]
  const figures: Record<string, number> = {}
  const total = members.map(({ label }, i) => {
    const threads = [...perWrite(before[i]!, after[i]!, result.replies)]
    for (const [name, counts] of threads.sort(([, a], [, b]) => b.cpuUs - a.cpuUs)) {
      if (counts.cpuUs < CPU_US_MIN) continue
      lines.push(lineOf(label, name, counts))
      const key = `${label} ${name}`
      figures[`${key} wakeUps`] = counts.wakeUps
      figures[`${key} cpuUs`] = counts.cpuUs
      figures[`${key} calls`] = counts.reads + counts.writes
    }
    const all = threads.map(([, counts]) => counts).reduce(sum)
    lines.push(lineOf(label, 'all', all))
    return all
  })
  const { wakeUps, cpuUs, reads, writes } = total.reduce(sum)
  lines.push(lineOf('all', '', total.reduce(sum)))
  context.show(lines.join('\n'))
  context.answer({
    variant,
    metrics: { ...metrics, wakeUps, serverCpuUs: cpuUs, calls: reads + writes, ...figures },
  })
}

/** The time line of lone writes: at the first server, which is a follower where there are several, and at
 * the leader. */
async function follow(context: Context, servers: Servers, to: string): Promise<void> {
  const members = await serversOf(servers.ensemble)
  const named = readThreads(to)
  const leads = members.findIndex(({ label }) => label.endsWith('leader'))
  for (const at of leads > 0 ? [0, leads] : [0]) {
    const { label, pid } = members[at]!
    const variant = `time line of a set at ${label}, ${plural(members.length, 'server')}`
    context.say(variant)
    const fromUs = Number(process.hrtime.bigint()) / 1000
    const { result, metrics } = await context.load(servers, {
      ports: [servers.ports[at]!],
      mix: MIX,
      ...shapeOf(LONE),
      warmupSeconds: context.number('budget-warmup'),
      seconds: context.number('budget-seconds'),
    })
    const threads = named
      .filter(({ name }) => name !== 'pool')
      .map((thread) => ({
        server: members.find((member) => member.pid === thread.pid)?.label ?? HELPERS,
        thread: thread.name,
        pid: thread.pid,
        events: readEvents(to, thread).filter((event) => event.fromUs > fromUs),
      }))
    const network = threads.find((one) => one.pid === pid && one.thread === 'network')
    const writes = writesOf(network?.events ?? [])
    const lines = timeLine(threads, writes).map((step) => {
      const [from, end] = [step.fromUs, step.toUs].map((us) => us.toFixed(0).padStart(7))
      const share = step.share < 0.95 ? `  in ${Math.round(step.share * 100)} %` : ''
      return `${from} ${end}  ${step.server.padEnd(20)} ${step.thread.padEnd(9)} ${step.name}${share}`
    })
    context.show([`${variant}, medians of ${writes.length}, us:`, ...lines].join('\n'))
    context.answer({
      variant,
      metrics: { ...metrics, writesFollowed: writes.length, errors: result.errors },
    })
  }
}

/** Below this a thread only keeps time. */
const CPU_US_MIN = 0.05
const HEADING = lineText('', '', [
  'wake-ups',
  'preempted',
  'CPU us',
  'queued us',
  'reads',
  'writes',
])

function lineOf(server: string, thread: string, counts: Counts): string {
  const { wakeUps, preempted, cpuUs, queuedUs, reads, writes } = counts
  const figures = [wakeUps, preempted, cpuUs, queuedUs, reads, writes]
  return lineText(
    server,
    thread,
    figures.map((figure) => figure.toFixed(figure < 10 ? 2 : 1)),
  )
}

function lineText(server: string, thread: string, cells: readonly string[]): string {
  return `${server.padEnd(20)} ${thread.padEnd(16)}${cells.map((cell) => cell.padStart(10)).join('')}`
}
