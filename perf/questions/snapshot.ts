// Writes while snapshots of a large tree are written: the tail of their latency.

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fill } from '../load/fill.ts'
import { latencyMetrics, packed } from '../load/histogram.ts'
import { shapeOf } from '../load/spec.ts'
import type { Question } from '../question.ts'
import { plural } from './words.ts'

const BUCKET_MS = 10
const US_PER_MS = 1000

export const snapshot: Question = {
  name: 'snapshot',
  summary: 'latency of writes while snapshots of a large tree are written',
  options: {
    'snapshot-znodes': { full: '1000000', quick: '100000', help: 'znodes' },
    'snap-count': { full: '100000', quick: '20000', help: 'transactions between snapshots' },
    'snapshot-shape': { full: '10x16', quick: '10x16', help: 'connections x outstanding' },
    'snapshot-seconds': { full: '20', quick: '4', help: 'measured' },
  },
  async run(context) {
    const count = context.number('snapshot-znodes')
    const configuration = [`snapCount=${context.number('snap-count')}`]
    await context.withServers(
      1,
      async (servers) => {
        context.say(`filling with ${plural(count, 'znode')}`)
        await fill(servers.ports[0]!, count, context.number('bytes'))
        context.say('writing')
        const folder = join(servers.ensemble.dataFolder(1), 'version-2')
        const before = new Set(snapshotsIn(folder))
        const { result, metrics } = await context.load(servers, {
          mix: [{ operation: 'set', share: 1 }],
          ...shapeOf(context.text('snapshot-shape')),
          warmupSeconds: 1,
          seconds: context.number('snapshot-seconds'),
          bucketMs: BUCKET_MS,
        })
        const snapshots = snapshotsIn(folder).filter((name) => !before.has(name)).length
        if (snapshots === 0) throw new Error('no snapshot was written: --snap-count is too large')
        context.answer({
          variant: `set ${context.text('snapshot-shape')}, ${plural(count, 'znode')}`,
          metrics: { ...latencyMetrics(result.latency), ...metrics, snapshots },
          latency: packed(result.latency),
          timeline: {
            bucketMs: BUCKET_MS,
            startMs: 0,
            values: result.slowestUs.map((us) => us / US_PER_MS),
            what: 'slowest write in 10 ms, in ms',
          },
        })
      },
      { configuration },
    )
  },
}

function snapshotsIn(folder: string): string[] {
  return readdirSync(folder).filter((name) => /^snapshot\.[0-9a-f]+$/.test(name))
}
