// The leader of three servers crashes, hangs or is told to end: for how long is no write
// acknowledged, and until when has every client been served again. Clients are the full ones, with
// reconnect and all; a single one waits from the signal to its next acknowledgement.

import { setTimeout as pause } from 'node:timers/promises'
import { Client } from '../../client/client.ts'
import { fill } from '../load/fill.ts'
import { shapeOf } from '../load/spec.ts'
import type { Context, Question, Timeline } from '../question.ts'
import type { Servers } from '../servers/servers.ts'
import { plural } from './words.ts'

const SIGNALS = { crash: 'SIGKILL', hang: 'SIGSTOP', term: 'SIGTERM' } as const
const BUCKET_MS = 10
/** Shown before the failure and after the end of the stall. */
const AROUND_MS = 500
const GIVE_UP_MS = 60_000
const POLL_MS = 5
const SESSION_MS = 10_000
/** A server that hangs accepts connections and answers nothing: a client does not wait for long, nor
 * for one that it is connected to. */
const CONNECT_MS_MAX = 100
const SILENCE_MS_MAX = 150
const RETRY_MS = 2

export const failover: Question = {
  name: 'failover',
  summary: 'the leader crashes or hangs under load: time without acknowledged writes',
  options: {
    how: { full: 'crash,hang,term', quick: 'crash,hang', help: 'crash, hang, term (SIGTERM)' },
    runs: { full: '3', quick: '1', help: 'failures of each kind a repetition' },
    'failover-shapes': { full: '1x1,6x16', quick: '6x16', help: 'clients x writes under way' },
    'failover-at': { full: 'leader', quick: 'leader', help: 'or follower: of the first client' },
    'failover-znodes': { full: '0', quick: '0', help: 'in the tree besides' },
  },
  async run(context) {
    const at = context.text('failover-at')
    if (!(at === 'leader' || at === 'follower')) {
      throw new Error(`--failover-at ${at}: leader or follower`)
    }
    const znodes = context.number('failover-znodes')
    await context.withServers(3, async (servers) => {
      const { clientPort } = await servers.whole()
      if (znodes > 0) context.say(`filling with ${plural(znodes, 'znode')}`)
      await fill(clientPort, znodes, context.number('bytes'))
      for (const how of context.list('how')) {
        const signal = SIGNALS[how as keyof typeof SIGNALS]
        if (signal === undefined) throw new Error(`--how ${how}: crash, hang or term`)
        for (const shape of context.list('failover-shapes')) {
          const more = [shape, ...(znodes > 0 ? [plural(znodes, 'znode')] : []), `at the ${at}`]
          const variant = `${how} of the leader, ${more.join(', ')}`
          const failure = { variant, signal, shape, isAtLeader: at === 'leader' }
          for (let run = 1; run <= context.number('runs'); run++) {
            context.say(`${variant}, ${run}`)
            await failOnce(context, servers, failure, run === 1)
          }
        }
      }
    })
  },
}

interface Failure {
  readonly variant: string
  readonly signal: (typeof SIGNALS)[keyof typeof SIGNALS]
  readonly shape: string
  /** Whether the first client is connected to the leader, or to the next server; the others are at
   * those that follow. */
  readonly isAtLeader: boolean
}

async function failOnce(
  context: Context,
  servers: Servers,
  { variant, signal, shape, isAtLeader }: Failure,
  isShown: boolean,
): Promise<void> {
  const leader = await servers.whole()
  const { connections, outstanding } = shapeOf(shape)
  const first = servers.ensemble.members.indexOf(leader) + (isAtLeader ? 0 : 1)
  const writers = Array.from({ length: connections }, (_, i) => {
    return new Writer(servers, i, first + i, outstanding, context.number('bytes'))
  })
  try {
    await Promise.all(writers.map((writer) => writer.begin()))
    // What was said before the failure must not be waiting in anybody's queue.
    await pause(2 * AROUND_MS)
    const failedMs = performance.now()
    leader.signal(signal)
    await untilAllServed(writers, failedMs)
    await pause(AROUND_MS)
    const ackedMs = writers.flatMap((writer) => writer.ackedMs).sort((a, b) => a - b)
    const { stallMs, endMs } = longestStall(ackedMs, failedMs)
    const servedMs = writers.map((writer) => writer.servedAgainMs(endMs) - failedMs)
    const metrics = {
      stallMs,
      allClientsMs: Math.max(...servedMs),
      lostReplies: writers.reduce((sum, writer) => sum + writer.lost, 0),
    }
    const timeline = timelineOf(ackedMs, failedMs, endMs + AROUND_MS)
    context.answer({ variant, metrics, ...(isShown && { timeline }) })
  } finally {
    await Promise.all(writers.map((writer) => writer.end()))
    if (signal === 'SIGSTOP') {
      leader.signal('SIGCONT')
    } else {
      await leader.kill()
      leader.start()
    }
  }
}

/** A client that keeps writes under way whatever happens, and notes each acknowledgement. */
class Writer {
  readonly ackedMs: number[] = []
  lost = 0
  readonly #client: Client
  readonly #path: string
  readonly #outstanding: number
  readonly #data: Uint8Array
  #ended = false
  #loops: Promise<unknown> = Promise.resolve()

  constructor(
    { ensemble }: Servers,
    index: number,
    server: number,
    outstanding: number,
    bytes: number,
  ) {
    this.#path = `/failover-${index}`
    this.#outstanding = outstanding
    this.#data = new Uint8Array(bytes)
    this.#client = new Client({
      servers: ensemble.addresses,
      firstHost: server % ensemble.members.length,
      sessionTimeoutMs: SESSION_MS,
      reconnectDelayMs: RETRY_MS,
      connectTimeoutMs: CONNECT_MS_MAX,
      silenceMs: SILENCE_MS_MAX,
    })
  }

  async begin(): Promise<void> {
    if ((await this.#client.exists(this.#path)) === null)
      await this.#client.create(this.#path, null)
    this.#loops = Promise.all(Array.from({ length: this.#outstanding }, () => this.#loop()))
  }

  /** The first acknowledgement from then on. */
  servedAgainMs(fromMs: number): number {
    return this.ackedMs.find((ms) => ms >= fromMs) ?? Number.POSITIVE_INFINITY
  }

  async end(): Promise<void> {
    this.#ended = true
    await this.#loops
    await this.#client.close()
  }

  async #loop(): Promise<void> {
    while (!this.#ended) {
      try {
        await this.#client.set(this.#path, this.#data)
        this.ackedMs.push(performance.now())
      } catch {
        this.lost++
        await pause(1)
      }
    }
  }
}

async function untilAllServed(writers: readonly Writer[], failedMs: number): Promise<void> {
  // Replies that were on their way when it failed come within moments.
  const isServed = (writer: Writer): boolean => (writer.ackedMs.at(-1) ?? 0) > failedMs + AROUND_MS
  while (!writers.every(isServed)) {
    if (performance.now() - failedMs > GIVE_UP_MS) {
      throw new Error(`no write was acknowledged to every client within ${GIVE_UP_MS} ms`)
    }
    await pause(POLL_MS)
  }
}

/** The longest stretch after the failure without any acknowledgement, and when it ended. */
function longestStall(
  ackedMs: readonly number[],
  failedMs: number,
): { stallMs: number; endMs: number } {
  let stall = { stallMs: 0, endMs: failedMs }
  let lastMs = failedMs
  for (const ms of ackedMs) {
    if (ms < failedMs) continue
    if (ms - lastMs > stall.stallMs) stall = { stallMs: ms - lastMs, endMs: ms }
    lastMs = ms
  }
  return stall
}

function timelineOf(ackedMs: readonly number[], failedMs: number, endMs: number): Timeline {
  const values = new Array<number>(Math.ceil((AROUND_MS + endMs - failedMs) / BUCKET_MS)).fill(0)
  for (const ms of ackedMs) {
    const bucket = Math.floor((ms - failedMs + AROUND_MS) / BUCKET_MS)
    if (values[bucket] !== undefined) values[bucket]++
  }
  return { bucketMs: BUCKET_MS, startMs: -AROUND_MS, values, what: 'acknowledged writes in 10 ms' }
}
