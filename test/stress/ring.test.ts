// Two real threads, two rings, each thread on the loop of an actor host, with or without an event
// loop. Permitted outcome, the
// only one: every message comes back whole, once, in order, and no thread waits for ever.
//
// RING_SEED repeats a run's messages (the threads' interleaving is the machine's own).

import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { Doorbell } from '../../runtime/ring/doorbell.ts'
import { HEAD_WORD, ringMemory, TAIL_WORD } from '../../runtime/ring/ring-layout.ts'
import type { RingWorkerData, RingWorkerResult } from './ring-worker.ts'

const { RING_SEED } = process.env
const SEED = Number(RING_SEED ?? process.pid * 7919)

/** A ring whose positions pass the end of an int32 early on. */
function ring(capacity: number): SharedArrayBuffer {
  const memory = ringMemory(capacity)
  const words = new Int32Array(memory)
  words[TAIL_WORD] = 2 ** 31 - capacity * 2
  words[HEAD_WORD] = 2 ** 31 - capacity * 2
  return memory
}

function start(data: RingWorkerData): Promise<RingWorkerResult> {
  const worker = new Worker(new URL('./ring-worker.js', import.meta.url), { workerData: data })
  return new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
}

interface Case {
  readonly capacity: number
  readonly count: number
  readonly payloadBytesMax: number
  /** The loops of the sender and of the echo. */
  readonly loops: readonly [RingWorkerData['loop'], RingWorkerData['loop']]
}

const CASES: readonly Case[] = [
  { capacity: 1024, count: 60_000, payloadBytesMax: 300, loops: ['parks', 'parks'] },
  { capacity: 4096, count: 150_000, payloadBytesMax: 199, loops: ['parks', 'parks'] },
  { capacity: 4096, count: 30_000, payloadBytesMax: 20_000, loops: ['parks', 'parks'] },
  { capacity: 65_536, count: 150_000, payloadBytesMax: 1000, loops: ['parks', 'parks'] },
  { capacity: 1024, count: 100_000, payloadBytesMax: 64, loops: ['parks', 'event loop'] },
  { capacity: 1024, count: 100_000, payloadBytesMax: 64, loops: ['event loop', 'event loop'] },
]

for (const { capacity, count, payloadBytesMax, loops } of CASES) {
  const what = `${count} messages of up to ${payloadBytesMax} bytes through ${capacity} bytes`
  const name = `${what}, ${loops.join(' to ')}`
  test(name, { timeout: 120_000 }, async (t) => {
    t.diagnostic(`RING_SEED=${SEED}`)
    const [there, back] = [ring(capacity), ring(capacity)]
    const [senderBell, echoBell] = [new Doorbell().memory, new Doorbell().memory]
    const common = { seed: SEED, count, payloadBytesMax }
    const [sent, echoed] = await Promise.all([
      start({
        ...common,
        role: 'sender',
        loop: loops[0],
        source: back,
        target: there,
        ownBell: senderBell,
        otherBell: echoBell,
      }),
      start({
        ...common,
        role: 'echo',
        loop: loops[1],
        source: there,
        target: back,
        ownBell: echoBell,
        otherBell: senderBell,
      }),
    ])
    t.diagnostic(`sender ${JSON.stringify(sent)}, echo ${JSON.stringify(echoed)}`)
    deepStrictEqual([sent.messages, echoed.messages], [count, count])
    strictEqual(sent.bytes, echoed.bytes)
    ok(sent.parks + echoed.parks > 0)
  })
}
