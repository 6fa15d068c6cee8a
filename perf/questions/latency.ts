// How long one request takes: a single one under way, and many at a fixed rate, where a request
// counts from when it was due and not from when the generator got to it.

import { latencyMetrics, packed } from '../load/histogram.ts'
import type { Loaded, Question } from '../question.ts'
import { plural } from './words.ts'

const RATE_CONNECTIONS = 10

export const latency: Question = {
  name: 'latency',
  summary: 'one request under way; a fixed rate without coordinated omission',
  hasCeiling: true,
  options: {
    'latency-servers': { full: '1,3', quick: '1,3', help: 'servers of an ensemble' },
    rates: { full: '1000,5000,10000', quick: '5000', help: 'sets a second' },
    'latency-seconds': { full: '6', quick: '1.5', help: 'measured, of each variant' },
    'latency-warmup': { full: '2', quick: '0.5', help: 'seconds before it' },
  },
  async run(context) {
    const times = {
      seconds: context.number('latency-seconds'),
      warmupSeconds: context.number('latency-warmup'),
    }
    const answer = (variant: string, { result, metrics }: Loaded): void => {
      // What the question is about comes first.
      const first = latencyMetrics(result.latency)
      const lateness = { latenessP50Us: result.lateness.getValueAtPercentile(50) }
      const ordered = { ...first, ...metrics, ...(result.lateness.totalCount > 0 && lateness) }
      context.answer({ variant, metrics: ordered, latency: packed(result.latency) })
    }
    for (const count of context.serverCounts('latency-servers')) {
      const where = plural(count, 'server')
      await context.withServers(count, async (servers) => {
        await context.warm(servers)
        for (const operation of ['set', 'get'] as const) {
          const variant = `${operation}, one outstanding, ${where}`
          context.say(variant)
          const mix = [{ operation, share: 1 }]
          const shape = { connections: 1, outstanding: 1 }
          answer(variant, await context.load(servers, { mix, ...shape, ...times }))
        }
        for (const perSecond of context.list('rates').map(Number)) {
          const variant = `set, ${perSecond} a second, ${where}`
          context.say(variant)
          const mix = [{ operation: 'set', share: 1 } as const]
          const shape = { connections: RATE_CONNECTIONS, outstanding: 1, perSecond }
          answer(variant, await context.load(servers, { mix, ...shape, ...times }))
        }
      })
    }
  },
}
