// What a znode, a watch and a session cost in memory: resident bytes of the server, before and after.
// A Java heap takes and returns memory in large steps, so that for Apache it is also said what is in
// use after a collection, where jcmd is there to ask.

import { Client } from '../../client/client.ts'
import { Crowd } from '../load/crowd.ts'
import { fill, filled } from '../load/fill.ts'
import type { Context, Question } from '../question.ts'
import type { Servers } from '../servers/servers.ts'
import { plural } from './words.ts'

const WATCHES_AT_ONCE = 1000
const MB = 2 ** 20

export const memory: Question = {
  name: 'memory',
  summary: 'resident bytes a znode, a watch, a session',
  options: {
    'memory-znodes': { full: '1000000', quick: '100000', help: 'znodes' },
    'memory-watches': { full: '10000,100000', quick: '50000', help: 'data watches of one client' },
    'memory-sessions': { full: '4000,10000', quick: '1000', help: 'connected sessions' },
  },
  async run(context) {
    await context.withServers(1, async (servers) => {
      // What a server takes once, whatever it holds, does not count.
      await context.warm(servers)
      await znodes(context, servers)
      await sessions(context, servers)
      // Last, because nobody can tell when a server has let go of what the client had.
      await watches(context, servers)
    })
  },
}

async function znodes(context: Context, servers: Servers): Promise<void> {
  const count = context.number('memory-znodes')
  context.say(plural(count, 'znode'))
  const before = footprint(servers)
  await fill(servers.ports[0]!, count, context.number('bytes'))
  const residentMb = servers.residentBytes() / MB
  const costs = costsEach(servers, before, count)
  const peakMb = servers.peakBytes() / MB
  // What a server needs that has only read them.
  const [member] = servers.ensemble.members
  await member!.kill()
  member!.start()
  await servers.whole()
  const { resident } = footprint(servers)
  context.answer({
    variant: plural(count, 'znode'),
    metrics: {
      ...costs,
      restartedBytesEach: (resident - before.resident) / count,
      residentMb,
      serverPeakMb: peakMb,
    },
  })
}

async function watches(context: Context, servers: Servers): Promise<void> {
  const client = new Client({ servers: servers.ensemble.addresses })
  await client.exists('/')
  const before = footprint(servers)
  let held = 0
  for (const wanted of context.list('memory-watches').map(Number)) {
    const count = Math.min(wanted, context.number('memory-znodes'))
    context.say(`${count} watches`)
    for (; held < count; held = Math.min(count, held + WATCHES_AT_ONCE)) {
      const some = Array.from({ length: Math.min(WATCHES_AT_ONCE, count - held) }, (_, i) => {
        return client.get(filled(held + i), () => {})
      })
      await Promise.all(some)
    }
    const metrics = costsEach(servers, before, count)
    context.answer({ variant: `${count.toLocaleString('en-US')} watches`, metrics })
  }
  await client.close()
}

async function sessions(context: Context, servers: Servers): Promise<void> {
  const counts = context.list('memory-sessions').map(Number)
  // The first ones pay for what a server does once.
  const first = await Crowd.open(servers.ports, Math.ceil(counts[0]! / 10))
  const before = footprint(servers)
  const crowd = await Crowd.open(servers.ports, 0)
  for (const count of counts) {
    context.say(plural(count, 'session'))
    await crowd.grow(servers.ports, count)
    const metrics = costsEach(servers, before, count)
    context.answer({ variant: plural(count, 'session'), metrics })
  }
  await crowd.close()
  await first.close()
}

interface Footprint {
  readonly resident: number
  readonly live: number | null
}

/** Of a heap that has been collected. */
function footprint(servers: Servers): Footprint {
  const live = servers.liveHeapBytes()
  return { live, resident: servers.residentBytes() }
}

/** The heap is not collected in between, as it would not be. */
function costsEach(servers: Servers, before: Footprint, count: number): Record<string, number> {
  const bytesEach = (servers.residentBytes() - before.resident) / count
  const live = servers.liveHeapBytes()
  if (live === null || before.live === null) return { bytesEach }
  return { bytesEach, liveHeapBytesEach: (live - before.live) / count }
}
