// One change and many who wait for it: how long until the last of N sessions has its watch event;
// and N znodes with a watch each, all changed at once.

import { Client } from '../../client/client.ts'
import { OpCode } from '../../protocol/op-code.ts'
import { writeGetDataRequest } from '../../protocol/records/get-data.ts'
import { Crowd } from '../load/crowd.ts'
import { histogram, latencyMetrics, packed, recordMs } from '../load/histogram.ts'
import type { Session } from '../load/session.ts'
import type { Context, Question } from '../question.ts'
import { figureOf } from '../report/summary.ts'
import type { Servers } from '../servers/servers.ts'

const EVENTS_MS_MAX = 60_000
const CREATES_AT_ONCE = 1000

export const fanOut: Question = {
  name: 'fan-out',
  summary: 'one znode watched by N sessions; N znodes watched',
  hasCeiling: true,
  options: {
    watchers: { full: '4000', quick: '1000', help: 'sessions that watch one znode' },
    'fan-out-znodes': { full: '20000', quick: '5000', help: 'watched znodes' },
    'fan-out-sessions': { full: '50', quick: '50', help: 'sessions that share them' },
    rounds: { full: '10', quick: '5', help: 'changes, each after the watches are set again' },
  },
  async run(context) {
    await context.withServers(1, async (servers) => {
      await oneZnode(context, servers)
      await manyZnodes(context, servers)
    })
  },
}

async function oneZnode(context: Context, servers: Servers): Promise<void> {
  const count = context.number('watchers')
  context.say(`${count} watchers`)
  const writer = new Client({ servers: servers.ensemble.addresses })
  const path = '/fan-out'
  await writer.create(path, null)
  const crowd = await Crowd.open(servers.ports, count)
  try {
    const metrics = await measure(context, {
      crowd,
      eventsExpected: count,
      watch: () => Promise.all(crowd.sessions.map((session) => watch(session, path))),
      change: () => writer.set(path, null),
    })
    context.answer({ variant: `one znode, ${count} watchers`, ...metrics })
  } finally {
    crowd.drop()
    await writer.close()
  }
}

async function manyZnodes(context: Context, servers: Servers): Promise<void> {
  const [count, sessions] = [context.number('fan-out-znodes'), context.number('fan-out-sessions')]
  context.say(`${count} znodes`)
  const writer = new Client({ servers: servers.ensemble.addresses })
  const paths = Array.from({ length: count }, (_, i) => `/fan-out/n${i}`)
  await inParts(paths, (path) => writer.create(path, null))
  const crowd = await Crowd.open(servers.ports, sessions)
  const watcherOf = (index: number): Session => crowd.sessions[index % sessions]!
  try {
    const metrics = await measure(context, {
      crowd,
      eventsExpected: count,
      watch: () => Promise.all(paths.map((path, i) => watch(watcherOf(i), path))),
      change: () => Promise.all(paths.map((path) => writer.set(path, null))),
    })
    context.answer({ variant: `${count} znodes, a watch each`, ...metrics })
  } finally {
    crowd.drop()
    await writer.close()
  }
}

interface Round {
  readonly crowd: Crowd
  readonly eventsExpected: number
  /** Sets the watches. */
  readonly watch: () => Promise<unknown>
  readonly change: () => Promise<unknown>
}

/** From the change, as it is sent, to each event; the rounds' median for the last of them. */
async function measure(
  context: Context,
  round: Round,
): Promise<{ metrics: Record<string, number>; latency: string }> {
  const events = histogram()
  const lastsMs: number[] = []
  for (let i = 0; i < context.number('rounds'); i++) {
    await round.watch()
    lastsMs.push(await changeOnce(round, (ms) => recordMs(events, ms)))
  }
  const { median, max } = figureOf(lastsMs)
  const eventsPerSecond = (round.eventsExpected / median) * 1000
  const latencies = latencyMetrics(events)
  const metrics = { fanOutMs: median, worstMs: max, eventsPerSecond, ...latencies }
  return { metrics, latency: packed(events) }
}

async function changeOnce(round: Round, onEvent: (ms: number) => void): Promise<number> {
  let left = round.eventsExpected
  let startMs = 0
  const last = new Promise<number>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`${left} events did not come`)), EVENTS_MS_MAX)
    for (const session of round.crowd.sessions) {
      session.onEvent = () => {
        const ms = performance.now() - startMs
        onEvent(ms)
        if (--left > 0) return
        clearTimeout(late)
        resolve(ms)
      }
    }
  })
  startMs = performance.now()
  const [ms] = await Promise.all([last, round.change()])
  return ms
}

function watch(session: Session, path: string): Promise<void> {
  return session.request(OpCode.getData, writeGetDataRequest, { path, watch: true })
}

async function inParts<T>(all: readonly T[], each: (one: T) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < all.length; from += CREATES_AT_ONCE) {
    await Promise.all(all.slice(from, from + CREATES_AT_ONCE).map(each))
  }
}
