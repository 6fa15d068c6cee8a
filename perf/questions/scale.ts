// Does a request cost more when the server holds more? Processor time of a get and of a set as the
// znodes, the sessions and the watches grow tenfold each time.

import { Client } from '../../client/client.ts'
import { Crowd } from '../load/crowd.ts'
import { fill, filled } from '../load/fill.ts'
import type { Context, Question } from '../question.ts'
import type { Servers } from '../servers/servers.ts'

const SHAPE = { connections: 10, outstanding: 16 }
const WATCHES_AT_ONCE = 1000
const OPERATIONS = ['get', 'set'] as const

export const scale: Question = {
  name: 'scale',
  summary: 'cost of a request as znodes, sessions and watches grow tenfold: it must stay flat',
  options: {
    'scale-znodes': {
      full: '1000,10000,100000,1000000',
      quick: '1000,100000',
      help: 'sizes',
    },
    'scale-sessions': { full: '10,100,1000,4000', quick: '100,1000', help: 'idle sessions' },
    'scale-watches': { full: '1000,10000,100000', quick: '1000,10000', help: 'watches elsewhere' },
    'scale-seconds': { full: '3', quick: '0.5', help: 'measured, of each variant' },
  },
  async run(context) {
    await context.withServers(1, async (servers) => {
      await context.warm(servers)
      let filledCount = 0
      await grow(context, servers, 'znodes', async (size) => {
        await fill(servers.ports[0]!, size, context.number('bytes'), filledCount)
        filledCount = size
      })
      await watches(context, servers)
      await sessions(context, servers)
    })
  },
}

async function sessions(context: Context, servers: Servers): Promise<void> {
  const crowd = await Crowd.open(servers.ports, 0)
  try {
    await grow(context, servers, 'sessions', (size) => crowd.grow(servers.ports, size))
  } finally {
    crowd.drop()
  }
}

async function watches(context: Context, servers: Servers): Promise<void> {
  const client = new Client({ servers: servers.ensemble.addresses })
  let watched = 0
  await grow(context, servers, 'watches', async (size) => {
    while (watched < size) {
      const count = Math.min(WATCHES_AT_ONCE, size - watched)
      const some = Array.from({ length: count }, (_, i) =>
        client.get(filled(watched + i), () => {}),
      )
      await Promise.all(some)
      watched += count
    }
  })
  await client.close()
}

async function grow(
  context: Context,
  servers: Servers,
  what: 'znodes' | 'sessions' | 'watches',
  growTo: (size: number) => Promise<void>,
): Promise<void> {
  const costs: Record<(typeof OPERATIONS)[number], number[]> = { get: [], set: [] }
  for (const size of context.list(`scale-${what}`).map(Number)) {
    context.say(`${what}: ${size}`)
    await growTo(size)
    for (const operation of OPERATIONS) {
      const { metrics } = await context.load(servers, {
        mix: [{ operation, share: 1 }],
        ...SHAPE,
        seconds: context.number('scale-seconds'),
        warmupSeconds: context.number('scale-seconds') / 2,
      })
      const { serverCpuUsPerOp = 0, ...others } = metrics
      costs[operation].push(serverCpuUsPerOp)
      const variant = `${operation} beside ${size.toLocaleString('en-US')} ${what}`
      context.answer({ variant, metrics: { serverCpuUsPerOp, ...others } })
    }
  }
  for (const operation of OPERATIONS) {
    const [first = 0, last = 0] = [costs[operation][0], costs[operation].at(-1)]
    const metrics = { costLastToFirst: last / first }
    context.answer({ variant: `${operation}, growth with ${what}`, metrics })
  }
}
