// Sessions in numbers: how fast they are opened, a few at a time and all at once; what they cost when
// idle; and what happens to others when all of them expire at once, each with an ephemeral znode.

import { setTimeout as pause } from 'node:timers/promises'
import { Client } from '../../client/client.ts'
import { OPEN_ACL } from '../../protocol/acl.ts'
import { CreateMode, OpCode } from '../../protocol/op-code.ts'
import { writeCreateRequest } from '../../protocol/records/create.ts'
import { Crowd } from '../load/crowd.ts'
import { histogram, latencyMetrics, packed, recordMs } from '../load/histogram.ts'
import type { Context, Question } from '../question.ts'
import type { Servers } from '../servers/servers.ts'
import { plural } from './words.ts'

const SECOND_MS = 1000
/** Two ticks, the least that servers grant. */
const EXPIRY_MS = 4000
const STORM_MS_MAX = 60_000
const POLL_MS = 5

export const sessions: Question = {
  name: 'sessions',
  summary: 'new sessions a second, and all at once; idle sessions; all of them expire at once',
  hasCeiling: true,
  options: {
    sessions: { full: '4000', quick: '1000', help: 'opened, idle, expired' },
    burst: { full: '1000', quick: '1000', help: 'sessions opened all at once' },
    'session-servers': { full: '1,3', quick: '1', help: 'servers of an ensemble' },
    'idle-seconds': { full: '5', quick: '3', help: 'of watching idle sessions' },
  },
  async run(context) {
    for (const count of context.serverCounts('session-servers')) {
      await context.withServers(count, async (servers) => {
        await connect(context, servers)
        await burst(context, servers)
        if (context.kind !== 'canned') await storm(context, servers)
      })
    }
  },
}

function variantOf(servers: Servers, what: string, count: number): string {
  const number = count.toLocaleString('en-US')
  return `${what}, ${number} sessions, ${plural(servers.ports.length, 'server')}`
}

async function connect(context: Context, servers: Servers): Promise<void> {
  const count = context.number('sessions')
  context.say(`opening ${count}`)
  // What a server does once, and compiles, is no cost of a session.
  await (await Crowd.open(servers.ports, count)).close()
  const crowd = await timedOpening(context, servers, 'connect', count)
  context.say(`${count} idle`)
  const idleSeconds = context.number('idle-seconds')
  const idleBefore = servers.cpuSeconds()
  await pause(idleSeconds * SECOND_MS)
  const cores = (servers.cpuSeconds() - idleBefore) / idleSeconds
  const idle = { idleCores: cores }
  context.answer({ variant: variantOf(servers, 'idle', count), metrics: idle })
  await crowd.close()
}

/** As clients come whose server is gone. */
async function burst(context: Context, servers: Servers): Promise<void> {
  const count = context.number('burst')
  context.say(`opening ${count} at once`)
  const crowd = await timedOpening(context, servers, 'connect at once', count, count)
  await crowd.close()
}

async function timedOpening(
  context: Context,
  servers: Servers,
  what: string,
  count: number,
  atATime?: number,
): Promise<Crowd> {
  const before = servers.cpuSeconds()
  const ownBefore = process.cpuUsage()
  const startMs = performance.now()
  const crowd = await Crowd.open(servers.ports, count, atATime === undefined ? {} : { atATime })
  const perSecond = (count / (performance.now() - startMs)) * SECOND_MS
  const serverCpuUsPerOp = ((servers.cpuSeconds() - before) / count) * 1e6
  const own = process.cpuUsage(ownBefore)
  const generatorCpuUsPerOp = (own.user + own.system) / count
  context.answer({
    variant: variantOf(servers, what, count),
    metrics: { perSecond, serverCpuUsPerOp, generatorCpuUsPerOp },
  })
  return crowd
}

/** A client writes, one after the other, while the sessions of a crowd that is gone expire. */
async function storm(context: Context, servers: Servers): Promise<void> {
  const count = context.number('sessions')
  context.say(`${count} expire`)
  const crowd = await Crowd.open(servers.ports, count, { timeoutMs: EXPIRY_MS })
  const data = new Uint8Array(context.number('bytes'))
  const writer = new Client({ servers: servers.ensemble.addresses })
  await writer.create('/storm', data)
  await Promise.all(
    crowd.sessions.map((session, i) => {
      const node = { path: `/storm/s${i}`, data, acl: OPEN_ACL, flags: CreateMode.ephemeral }
      return session.request(OpCode.create, writeCreateRequest, node)
    }),
  )
  crowd.drop()
  const writes = histogram()
  const startMs = performance.now()
  let lastFullMs = startMs
  for (let left = count; left > 0; ) {
    const sentMs = performance.now()
    await writer.set('/storm', data)
    recordMs(writes, performance.now() - sentMs)
    left = (await writer.exists('/storm'))!.numChildren
    const nowMs = performance.now()
    if (left === count) lastFullMs = nowMs
    if (nowMs - startMs > STORM_MS_MAX) throw new Error(`${left} sessions did not expire`)
    if (left === count) await pause(POLL_MS)
  }
  const stormMs = performance.now() - lastFullMs
  const lateMs = performance.now() - startMs - EXPIRY_MS
  await writer.close()
  const metrics = { stormMs, lateMs, ...latencyMetrics(writes) }
  const variant = variantOf(servers, 'expiry', count)
  context.answer({ variant, metrics, latency: packed(writes) })
}
