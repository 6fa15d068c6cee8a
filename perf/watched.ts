// What being watched costs a server, as processor time. First the meters, under a load: on and off take
// turns in one process (watched/toggle.ts); what stays in both is two comparisons and a counter a
// reply. Then pages asked for once a second without a load: /metrics alone, and with `top` and `why`. How much
// of what the load costs all this is: `scraped` meters and /metrics, `shareOfLoad` with the other pages too.
// One JSON line for each run.
//
//   node dist/perf/watched.js --op set,get --seconds 60 --servers 1 --rounds 3

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Ensemble } from './ensemble/ensemble.ts'
import { type Member, OUR_COMMAND } from './ensemble/member.ts'
import { freePorts } from './ensemble/ports.ts'
import { runLoad } from './load/load.ts'
import { OPERATIONS, type OperationName } from './load/spec.ts'
import { cpuSeconds } from './servers/usage.ts'
import { type Difference, difference, type Phase } from './watched/phases.ts'

const TOGGLE = new URL('./watched/toggle.js', import.meta.url)
const WHOLE_MS_MAX = 120_000
const WARM_UP_SECONDS = 4
/** A signal is heard in the next round of the event loop. */
const HEARD_MS = 200
const PAGES_SECONDS = 15

const { values } = parseArgs({
  options: {
    op: { type: 'string', default: 'set,get' },
    seconds: { type: 'string', default: '30' },
    servers: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '1' },
  },
})

interface Watched {
  readonly member: Member
  /** Where its phases are written. */
  readonly file: string
  readonly pages: readonly string[]
}

/** Milliseconds of processor time a second that asking costs the servers, above what they take anyway: for
 * /metrics, and for all pages. */
async function pagesMs(servers: readonly Watched[]): Promise<[metrics: number, all: number]> {
  const cpu = (): number => servers.reduce((sum, { member }) => sum + cpuSeconds(member.pid), 0)
  const costOf = async (pages: readonly string[]): Promise<number> => {
    const before = cpu()
    for (let second = 0; second < PAGES_SECONDS; second++) {
      const next = pause(1000)
      for (const page of pages) await (await fetch(page)).text()
      await next
    }
    return ((cpu() - before) / PAGES_SECONDS) * 1000
  }
  const idle = await costOf([])
  const metrics = await costOf(servers.flatMap(({ pages }) => pages.slice(0, 1)))
  return [metrics - idle, (await costOf(servers.flatMap(({ pages }) => pages))) - idle]
}

function newPhases(servers: readonly Watched[]): void {
  for (const { member } of servers) process.kill(member.pid, 'SIGUSR2')
}

interface UnderLoad extends Difference {
  readonly operation: OperationName
  readonly perSecond: number
  readonly errors: number
}

async function underLoad(
  operation: OperationName,
  servers: readonly Watched[],
): Promise<UnderLoad> {
  const { perSecond, errors } = await runLoad(
    {
      ports: servers.map(({ member }) => member.clientPort),
      name: `watched-${operation}`,
      mix: [{ operation, share: 1 }],
      connections: 10,
      outstanding: 16,
      valueBytes: 100,
      warmupSeconds: WARM_UP_SECONDS,
      seconds: Number(values.seconds),
    },
    { onMeasuring: () => newPhases(servers) },
  )
  newPhases(servers)
  await pause(HEARD_MS)
  const lists = servers.map(({ file }) => JSON.parse(readFileSync(file, 'utf8')) as Phase[])
  return { operation, perSecond: Math.round(perSecond), errors, ...difference(joined(lists)) }
}

/** `metricsMs`, `pagesMs`: milliseconds a second that they cost. */
function line(
  { operation, perSecond, errors, ...meters }: UnderLoad,
  [metricsMs, pagesMs]: readonly [metrics: number, all: number],
): string {
  const loadMs = (meters.offUs * perSecond) / 1000
  const scraped = meters.more + (metricsMs / loadMs) * 100
  const shareOfLoad = meters.more + (pagesMs / loadMs) * 100
  const figures = { ...meters, metricsMs, pagesMs, loadMs, scraped, shareOfLoad }
  const rounded = Object.entries(figures).map(([name, value]) => [name, Number(value.toFixed(3))])
  return JSON.stringify({ operation, perSecond, errors, ...Object.fromEntries(rounded) })
}

/** What all servers together did in each phase: they have the same clock. */
function joined([first = [], ...others]: readonly Phase[][]): Phase[] {
  return first.map(({ isOn, ...one }, i) => {
    const all = [one, ...others.map((list) => list[i] ?? one)]
    const sum = (of: (phase: typeof one) => number): number => {
      return all.reduce((total, phase) => total + of(phase), 0)
    }
    return { isOn, cpuUs: sum(({ cpuUs }) => cpuUs), replies: sum(({ replies }) => replies) }
  })
}

async function start(count: number, folder: string): Promise<[Ensemble, Watched[]]> {
  const ids = Array.from({ length: count }, (_, i) => i + 1)
  const ports = await freePorts(count * 2)
  const portsOf = (id: number): [number, number] => [ports[id * 2 - 2]!, ports[id * 2 - 1]!]
  const fileOf = (id: number): string => join(folder, `phases-${id}`)
  const [node = '', ...rest] = OUR_COMMAND
  const ensemble = await Ensemble.prepare({
    ids,
    command: (id) => {
      const toggle = new URL(TOGGLE)
      toggle.searchParams.set('to', fileOf(id))
      return [node, `--import=${toggle.href}`, ...rest]
    },
    configurationOf: (id) => [
      'metricsProvider.className=org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider',
      'metricsProvider.httpHost=127.0.0.1',
      `metricsProvider.httpPort=${portsOf(id)[0]}`,
      'admin.enableServer=true',
      `admin.serverPort=${portsOf(id)[1]}`,
    ],
  })
  ensemble.start()
  await ensemble.whole(WHOLE_MS_MAX)
  const watched = ensemble.members.map((member) => {
    const [metrics, admin] = portsOf(member.id)
    const commands = ['top', 'why'].map((name) => `http://127.0.0.1:${admin}/commands/${name}`)
    const pages = [`http://127.0.0.1:${metrics}/metrics`, ...commands]
    return { member, file: fileOf(member.id), pages }
  })
  return [ensemble, watched]
}

const operations = values.op.split(',').map((name) => {
  const operation = OPERATIONS.find((one) => one === name)
  if (operation === undefined) throw new Error(`--op: some of ${OPERATIONS.join(', ')}`)
  return operation
})
for (let round = 0; round < Number(values.rounds); round++) {
  const folder = mkdtempSync(join(tmpdir(), 'ringkeeper-watched-'))
  const [ensemble, servers] = await start(Number(values.servers), folder)
  try {
    const loads: UnderLoad[] = []
    for (const operation of operations) loads.push(await underLoad(operation, servers))
    const pages = await pagesMs(servers)
    for (const load of loads) console.log(line(load, pages))
  } finally {
    await ensemble.end()
    rmSync(folder, { recursive: true, force: true })
  }
}
