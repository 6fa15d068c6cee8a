// A lock's life, as clients' recipes have it: create an ephemeral sequential znode, get its siblings,
// wait for the one before if there is one, watch the own one, delete it. One client, who waits for
// every step; and several who want the same lock.

import { Client } from '../../client/client.ts'
import { CreateMode } from '../../protocol/op-code.ts'
import { type Histogram, histogram, latencyMetrics, packed, recordMs } from '../load/histogram.ts'
import type { Context, Question } from '../question.ts'
import type { Servers } from '../servers/servers.ts'
import { plural } from './words.ts'

const SECOND_MS = 1000

export const locks: Question = {
  name: 'locks',
  summary: "a lock's life: ephemeral sequential znode, siblings, watch, delete",
  options: {
    'lock-servers': { full: '1,3', quick: '1,3', help: 'servers of an ensemble' },
    'lock-clients': { full: '1,10', quick: '1,10', help: 'that want the same lock' },
    'lock-seconds': { full: '6', quick: '1.5', help: 'measured, of each variant' },
    'lock-warmup': { full: '2', quick: '0.5', help: 'seconds before it' },
  },
  async run(context) {
    for (const count of context.serverCounts('lock-servers')) {
      await context.withServers(count, async (servers) => {
        await context.warm(servers)
        for (const clients of context.list('lock-clients').map(Number)) {
          await compete(context, servers, clients)
        }
      })
    }
  },
}

async function compete(context: Context, servers: Servers, count: number): Promise<void> {
  const variant = `${plural(count, 'client')}, ${plural(servers.ports.length, 'server')}`
  context.say(variant)
  const folder = `/locks-${count}`
  const clients = Array.from({ length: count }, (_, i) => {
    return new Client({ servers: servers.ensemble.addresses, firstHost: i % servers.ports.length })
  })
  await clients[0]!.create(folder, null)
  const turn = async (seconds: number): Promise<Histogram> => {
    const lives = histogram()
    const endMs = performance.now() + seconds * SECOND_MS
    await Promise.all(clients.map((client) => lead(client, folder, endMs, lives)))
    return lives
  }
  const least = context.kind === 'apache' ? context.number('warm-apache') : 0
  await turn(Math.max(context.number('lock-warmup'), least))
  const serverBefore = servers.cpuSeconds()
  const ownBefore = process.cpuUsage()
  const startMs = performance.now()
  const lives = await turn(context.number('lock-seconds'))
  const seconds = (performance.now() - startMs) / SECOND_MS
  const own = process.cpuUsage(ownBefore)
  const serverSeconds = servers.cpuSeconds() - serverBefore
  await Promise.all(clients.map((client) => client.close()))
  const metrics = {
    ...latencyMetrics(lives),
    perSecond: lives.totalCount / seconds,
    serverCpuUsPerOp: (serverSeconds / lives.totalCount) * 1e6,
    generatorCpuUsPerOp: (own.user + own.system) / lives.totalCount,
  }
  context.answer({ variant, metrics, latency: packed(lives) })
}

/** One life after the other, until then. */
async function lead(
  client: Client,
  folder: string,
  endMs: number,
  lives: Histogram,
): Promise<void> {
  while (performance.now() < endMs) {
    const startMs = performance.now()
    await live(client, folder)
    recordMs(lives, performance.now() - startMs)
  }
}

async function live(client: Client, folder: string): Promise<void> {
  const mode = CreateMode.ephemeralSequential
  const path = await client.create(`${folder}/lock-`, null, { mode })
  const own = path.slice(folder.length + 1)
  for (;;) {
    const { children } = await client.getChildren(folder)
    const before = children.filter((name) => name < own).sort()
    const last = before.at(-1)
    if (last === undefined) break
    await gone(client, `${folder}/${last}`)
  }
  // Who holds it wants to know when it is taken away.
  await client.exists(path, () => {})
  await client.delete(path)
}

async function gone(client: Client, path: string): Promise<void> {
  let tell = (): void => {}
  const told = new Promise<void>((resolve) => {
    tell = resolve
  })
  const stat = await client.exists(path, tell)
  if (stat !== null) await told
}
