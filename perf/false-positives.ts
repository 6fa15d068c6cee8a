// How often an ensemble elects though nobody has failed: real processes on loopback in the default
// configuration, while other programs take the cores, and while servers stand still for a moment.
// One JSON line a case; elections should be 0 everywhere. A follower that stood still for longer
// than its leader waits ends its role by itself, and nobody elects.
//
//   node dist/perf/false-positives.js --seconds 60 --hogs 2

import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Client } from '../client/client.ts'
import { Ensemble } from './ensemble/ensemble.ts'
import type { Member } from './ensemble/member.ts'

const WHOLE_MS_MAX = 120_000
const SETTLE_MS = 2000
const FOLLOWER_STOPS_MS = [1000, 2000, 3000]
/** Shorter than ringkeeper.agreedSilenceMs. */
const LEADER_STOPS_MS = [100, 100, 100]
const HOG = 'for (;;);'
const LED = /"msg":"leading"/

/** Roles that have ended, by what the servers said of it. */
function ended(members: readonly Member[]): string[] {
  return members.flatMap(({ id, lines }) =>
    lines
      .filter((line) => line.includes('"role-ended"'))
      .map((line) => `server ${id}: ${(JSON.parse(line) as { why: string }).why}`),
  )
}

interface Load {
  readonly clients: Client[]
  writes: number
  stopped: boolean
}

function load(ensemble: Ensemble, clients: number, outstanding: number): Load {
  const running: Load = { clients: [], writes: 0, stopped: false }
  for (let i = 0; i < clients; i++) {
    const client = new Client({ servers: ensemble.addresses, firstHost: i })
    running.clients.push(client)
    const loop = async (): Promise<void> => {
      while (!running.stopped) {
        await client.set('/', new Uint8Array(100)).then(
          () => running.writes++,
          () => pause(10),
        )
      }
    }
    for (let n = 0; n < outstanding; n++) void loop()
  }
  return running
}

async function report(
  name: string,
  ensemble: Ensemble,
  act: () => Promise<Record<string, unknown>>,
): Promise<void> {
  await ensemble.whole(WHOLE_MS_MAX)
  await pause(SETTLE_MS)
  for (const { lines } of ensemble.members) lines.length = 0
  const figures = await act()
  await pause(SETTLE_MS)
  const why = ended(ensemble.members)
  const led = ensemble.members.flatMap(({ lines }) => lines.filter((line) => LED.test(line)))
  console.log(JSON.stringify({ case: name, ...figures, elections: led.length, why }))
}

async function underHogs(
  name: string,
  ensemble: Ensemble,
  { hogs, seconds, clients }: { hogs: number; seconds: number; clients: number },
): Promise<void> {
  await report(name, ensemble, async () => {
    const children: ChildProcess[] = []
    for (let i = 0; i < hogs; i++) children.push(spawn(process.execPath, ['-e', HOG]))
    const running = load(ensemble, clients, 16)
    await pause(seconds * 1000)
    running.stopped = true
    for (const child of children) child.kill('SIGKILL')
    for (const client of running.clients) client.connection.abandon()
    return { seconds, hogs, writesPerSecond: Math.round(running.writes / seconds) }
  })
}

async function stops(ensemble: Ensemble, who: 'leader' | 'follower', ms: number): Promise<void> {
  await report(`${who} stopped`, ensemble, async () => {
    const leader = await ensemble.whole(WHOLE_MS_MAX)
    const follower = ensemble.members.find((member) => member !== leader)!
    const member = who === 'leader' ? leader : follower
    member.signal('SIGSTOP')
    await pause(ms)
    member.signal('SIGCONT')
    return { ms }
  })
}

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    hogs: { type: 'string', default: '2' },
  },
})
const [seconds, hogs] = [Number(values.seconds), Number(values.hogs)]
const ensemble = await Ensemble.prepare()
try {
  ensemble.start()
  await underHogs('idle', ensemble, { hogs, seconds, clients: 0 })
  await underHogs('loaded', ensemble, { hogs, seconds, clients: 3 })
  for (const ms of FOLLOWER_STOPS_MS) await stops(ensemble, 'follower', ms)
  for (const ms of LEADER_STOPS_MS) await stops(ensemble, 'leader', ms)
} finally {
  await ensemble.end()
}
