// How long a client has to wait for its next write when the leader goes: real processes on
// loopback, from the signal to the first acknowledgement, the client's own reconnect included. One
// JSON line a run, then one with the median.
//
//   node dist/perf/failover.js --runs 20                  SIGKILL of the leader
//   node dist/perf/failover.js --how stop                 SIGSTOP: its sockets stay, it says nothing
//   node dist/perf/failover.js --how term                 SIGTERM: the leader hands over
//   node dist/perf/failover.js --client follower          the client was not connected to the leader
//   node dist/perf/failover.js --znodes 1000000           with so many nodes of 100 bytes
//   node dist/perf/failover.js --against apache           the same for Apache ZooKeeper

import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Client } from '../client/client.ts'
import { Ensemble } from './ensemble/ensemble.ts'
import type { Member } from './ensemble/member.ts'
import { fill } from './load/fill.ts'
import { apacheCommand } from './servers/apache-command.ts'

const WHOLE_MS_MAX = 120_000
const GIVE_UP_MS = 60_000
const RETRY_MS = 2
/** A server that hangs accepts connections and answers nothing: the client does not wait for long,
 * nor for one that it is connected to. */
const CONNECT_MS_MAX = 100
const SILENCE_MS_MAX = 300
const NODE_BYTES = 100
const SESSION_MS = 10_000

const SIGNALS = { kill: 'SIGKILL', stop: 'SIGSTOP', term: 'SIGTERM' } as const

interface Measure {
  readonly how: keyof typeof SIGNALS
  readonly client: 'leader' | 'follower'
  readonly verbose: boolean
}

function clientOf(ensemble: Ensemble, first: Member): Client {
  return new Client({
    servers: ensemble.addresses,
    firstHost: first.id - 1,
    sessionTimeoutMs: SESSION_MS,
    reconnectDelayMs: RETRY_MS,
    connectTimeoutMs: CONNECT_MS_MAX,
    silenceMs: SILENCE_MS_MAX,
  })
}

/** Milliseconds until a write is acknowledged, tried again as often as it takes. */
async function untilWritten(client: Client, path: string, startMs: number): Promise<number> {
  for (;;) {
    try {
      await client.set(path, new Uint8Array(NODE_BYTES))
      return performance.now() - startMs
    } catch (error) {
      if (performance.now() - startMs > GIVE_UP_MS) throw error
      await pause(1)
    }
  }
}

async function run(ensemble: Ensemble, { how, client: where, verbose }: Measure): Promise<number> {
  const leader = await ensemble.whole(WHOLE_MS_MAX)
  const follower = ensemble.members.find((member) => member !== leader)!
  const client = clientOf(ensemble, where === 'leader' ? leader : follower)
  const path = '/failover'
  await client.create(path, null).catch(() => undefined)
  await untilWritten(client, path, performance.now())
  // What was said before must not be waiting in anybody's queue.
  await pause(300)
  for (const member of ensemble.members) member.lines.length = 0
  const wallMs = Date.now()
  const startMs = performance.now()
  leader.signal(SIGNALS[how])
  const ms = await untilWritten(client, path, startMs)
  if (verbose) {
    console.log(`from ${new Date(wallMs).toISOString()}, leader ${leader.id}: ${ms.toFixed(1)} ms`)
    console.log(ensemble.tails(40))
  }
  if (how === 'stop') {
    leader.signal('SIGCONT')
  } else {
    await leader.kill()
    leader.start()
  }
  await client.close()
  return ms
}

function summary(values: readonly number[]): { medianMs: number; maxMs: number; minMs: number } {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number): number =>
    Number((sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(1))
  return { minMs: at(0), medianMs: at(0.5), maxMs: at(1) }
}

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '20' },
    how: { type: 'string', default: 'kill' },
    client: { type: 'string', default: 'leader' },
    znodes: { type: 'string', default: '0' },
    against: { type: 'string', default: 'ringkeeper' },
    verbose: { type: 'boolean', default: false },
  },
})
const measure: Measure = {
  how: values.how === 'stop' || values.how === 'term' ? values.how : 'kill',
  client: values.client === 'follower' ? 'follower' : 'leader',
  verbose: values.verbose,
}
const apache = values.against === 'apache'
const ensemble = await Ensemble.prepare(apache ? { command: apacheCommand() } : {})
try {
  ensemble.start()
  const loadStartMs = performance.now()
  const { clientPort } = await ensemble.whole(WHOLE_MS_MAX)
  await fill(clientPort, Number(values.znodes), NODE_BYTES)
  const loadSeconds = Math.round((performance.now() - loadStartMs) / 1000)
  const all: number[] = []
  for (let i = 0; i < Number(values.runs); i++) {
    const ms = await run(ensemble, measure)
    all.push(ms)
    console.log(JSON.stringify({ run: i + 1, ms: Number(ms.toFixed(1)) }))
  }
  const { how, client } = measure
  const { against } = values
  const figures = { against, how, client, znodes: Number(values.znodes), loadSeconds }
  console.log(JSON.stringify({ ...figures, runs: all.length, ...summary(all) }))
} finally {
  await ensemble.end()
}
