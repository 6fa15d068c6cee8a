// A load on servers that run already, for some seconds; one JSON line. What `npm run perf` does to
// servers that it starts itself (perf/load/), by hand.
//
//   node dist/perf/closed-loop.js --port 2181 --op set --connections 10 --outstanding 16
//   node dist/perf/closed-loop.js --port 2181,2182,2183 --op set
//   node dist/perf/closed-loop.js --port 2181 --op create --count 1000000 --seconds 600

import { parseArgs } from 'node:util'
import { latencyMetrics } from './load/histogram.ts'
import { runLoad } from './load/load.ts'
import { OPERATIONS } from './load/spec.ts'

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '2181' },
    op: { type: 'string', default: 'set' },
    connections: { type: 'string', default: '10' },
    outstanding: { type: 'string', default: '16' },
    bytes: { type: 'string', default: '100' },
    seconds: { type: 'string', default: '5' },
    warmup: { type: 'string', default: '2' },
    count: { type: 'string', default: '1000000000' },
  },
})
const operation = OPERATIONS.find((name) => name === values.op)
if (operation === undefined) throw new Error(`--op: one of ${OPERATIONS.join(', ')}`)
const shape = { connections: Number(values.connections), outstanding: Number(values.outstanding) }
const { perSecond, errors, latency, generatorCores } = await runLoad({
  ports: values.port.split(',').map(Number),
  // A server keeps the znodes of the last time.
  name: `closed-loop-${process.pid}-${Math.round(performance.timeOrigin)}`,
  mix: [{ operation, share: 1 }],
  ...shape,
  valueBytes: Number(values.bytes),
  warmupSeconds: Number(values.warmup),
  seconds: Number(values.seconds),
  countMax: Number(values.count),
})
const figures = { perSecond: Math.round(perSecond), errors, ...latencyMetrics(latency) }
const generatorCpuShare = Number(generatorCores.toFixed(2))
console.log(JSON.stringify({ op: operation, ...shape, ...figures, generatorCpuShare }))
