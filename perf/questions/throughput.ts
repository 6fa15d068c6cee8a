// How many requests a second: each operation, for several numbers of connections and servers.

import { packed } from '../load/histogram.ts'
import { type LoadSpec, OPERATIONS, shapeOf } from '../load/spec.ts'
import type { Question } from '../question.ts'
import { plural } from './words.ts'

const PERCENT = 100

export const throughput: Question = {
  name: 'throughput',
  summary: 'requests a second: set, get, create, getChildren, multi of 2, 8 and 100, mixed',
  hasCeiling: true,
  options: {
    operations: {
      full: 'set,get,create,getChildren,multi2,multi,multi100,reads99,reads90,reads50',
      quick: 'set,get,create,multi,reads90',
      help: `${OPERATIONS.join(', ')}, and readsN for N % get and the rest set`,
    },
    shapes: { full: '10x16', quick: '10x16', help: 'connections x outstanding on each' },
    'set-shapes': { full: '10x16,50x64', quick: '10x16,50x64', help: 'the same for set' },
    servers: { full: '1,3', quick: '1,3', help: 'servers of an ensemble; 1 stands alone' },
    seconds: { full: '5', quick: '0.8', help: 'measured, of each variant' },
    warmup: { full: '2', quick: '0.5', help: 'seconds before it' },
  },
  async run(context) {
    for (const count of context.serverCounts('servers')) {
      await context.withServers(count, async (servers) => {
        await context.warm(servers)
        for (const name of context.list('operations')) {
          for (const shape of context.list(name === 'set' ? 'set-shapes' : 'shapes')) {
            const variant = `${name} ${shape}, ${plural(count, 'server')}`
            context.say(variant)
            const { result, metrics } = await context.load(servers, {
              mix: mixOf(name),
              ...shapeOf(shape),
              seconds: context.number('seconds'),
              warmupSeconds: context.number('warmup'),
            })
            context.answer({ variant, metrics, latency: packed(result.latency) })
          }
        }
      })
    }
  },
}

function mixOf(name: string): LoadSpec['mix'] {
  const reads = /^reads(\d+)$/.exec(name)?.[1]
  if (reads !== undefined) {
    const share = Number(reads) / PERCENT
    return [
      { operation: 'get', share },
      { operation: 'set', share: 1 - share },
    ]
  }
  const operation = OPERATIONS.find((one) => one === name)
  if (operation === undefined) throw new Error(`there is no operation ${name}`)
  return [{ operation, share: 1 }]
}
