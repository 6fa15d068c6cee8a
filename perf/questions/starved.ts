// How often an ensemble ends a role though nobody has failed: clients write as much as they can, values
// of a megabyte, while other programs want the same processors. A role that ends costs its clients
// their connections, and what was under way on them.
//
// Roles are counted in the servers' own logs: a leader that stops leading, and a follower that stops
// following, is one each.

import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { Client } from '../../client/client.ts'
import type { Member } from '../ensemble/member.ts'
import type { Context, Question } from '../question.ts'
import { rolesEnded } from '../servers/roles.ts'
import type { Servers } from '../servers/servers.ts'
import { cpuSeconds } from '../servers/usage.ts'
import { plural } from './words.ts'

const SERVERS = 3
const SESSION_MS = 30_000
const RETRY_MS = 20
/** For what is on its way when the load ends. */
const SETTLE_MS = 3000
const HOG = 'for (;;);'
const MB = 1e6

export const starved: Question = {
  name: 'starved',
  summary: 'roles that end though nobody fails: large values, and other programs on the processors',
  options: {
    hogs: { full: '0,2,6', quick: '2', help: 'busy loops beside the servers' },
    'starved-shape': { full: '4x2', quick: '4x2', help: 'clients x writes under way' },
    'starved-bytes': { full: '1000000', quick: '1000000', help: 'of a value' },
    'starved-seconds': { full: '25', quick: '10', help: 'measured' },
  },
  async run(context) {
    for (const hogs of context.list('hogs').map(Number)) {
      // Fresh servers: what one case leaves behind is none of the next one's.
      await context.withServers(SERVERS, (servers) => once(context, servers, hogs), { logs: true })
    }
  },
}

async function once(context: Context, servers: Servers, hogs: number): Promise<void> {
  await context.warm(servers)
  await servers.whole()
  const { members } = servers.ensemble
  const [shape, bytes] = [context.text('starved-shape'), context.number('starved-bytes')]
  const [clients = 0, outstanding = 0] = shape.split('x').map(Number)
  const writers = Array.from({ length: clients }, (_, i) => new Writer(servers, i, bytes))
  for (const writer of writers) await writer.begin()
  for (const { lines } of members) lines.length = 0
  context.say(`${plural(hogs, 'busy loop')}`)
  const cpuBefore = cpuSecondsOf(members)
  const running = Array.from({ length: hogs }, () => spawn(process.execPath, ['-e', HOG]))
  const figures = await measured(context, writers, outstanding, running)
  const serverCpuSeconds = cpuSecondsOf(members) - cpuBefore
  await pause(SETTLE_MS)
  const ended = rolesEnded(servers.kind, members)
  for (const line of ended) context.say(line.slice(0, 300))
  // Java ends, and is not started again, when its heap is full.
  const processesEnded = members.filter(({ isRunning }) => !isRunning).length
  if (processesEnded === 0) await servers.whole()
  const variant = `set of ${bytes / MB} MB, ${shape}, ${plural(hogs, 'busy loop')}`
  const metrics = {
    roleEnds: ended.length,
    processesEnded,
    ...figures,
    serverCpuSeconds,
  }
  context.answer({ variant, metrics })
}

async function measured(
  context: Context,
  writers: readonly Writer[],
  outstanding: number,
  hogs: readonly ChildProcess[],
): Promise<Record<string, number>> {
  const startMs = performance.now()
  try {
    const loops = writers.map((writer) => writer.run(outstanding))
    await pause(context.number('starved-seconds') * 1000)
    const seconds = (performance.now() - startMs) / 1000
    const writtenMb = writers.reduce((sum, { bytes }) => sum + bytes, 0) / MB
    for (const writer of writers) writer.end()
    await Promise.all(loops)
    const ackedMs = writers.flatMap((writer) => writer.ackedMs).sort((a, b) => a - b)
    const gaps = ackedMs.map((ms, i) => ms - (ackedMs[i - 1] ?? startMs))
    return {
      lostReplies: writers.reduce((sum, { lost }) => sum + lost, 0),
      writtenMb,
      writtenMbPerSecond: writtenMb / seconds,
      longestGapMs: Math.max(...gaps),
    }
  } finally {
    for (const hog of hogs) hog.kill('SIGKILL')
  }
}

function cpuSecondsOf(members: readonly Member[]): number {
  const running = members.filter(({ isRunning }) => isRunning)
  return running.reduce((sum, { pid }) => sum + cpuSeconds(pid), 0)
}

/** A client that keeps writes under way whatever happens, to a znode of its own. */
class Writer {
  readonly ackedMs: number[] = []
  bytes = 0
  lost = 0
  readonly #client: Client
  readonly #path: string
  readonly #data: Uint8Array
  #ended = false

  constructor({ ensemble }: Servers, index: number, bytes: number) {
    this.#path = `/starved-${index}`
    this.#data = new Uint8Array(bytes)
    this.#client = new Client({
      servers: ensemble.addresses,
      firstHost: index % ensemble.members.length,
      sessionTimeoutMs: SESSION_MS,
      reconnectDelayMs: RETRY_MS,
    })
  }

  async begin(): Promise<void> {
    await this.#client.create(this.#path, null)
  }

  async run(outstanding: number): Promise<void> {
    await Promise.all(Array.from({ length: outstanding }, () => this.#loop()))
  }

  /** What is under way is given up, and not lost. */
  end(): void {
    this.#ended = true
    this.#client.connection.abandon()
  }

  async #loop(): Promise<void> {
    while (!this.#ended) {
      try {
        await this.#client.set(this.#path, this.#data)
        if (this.#ended) return
        this.bytes += this.#data.length
        this.ackedMs.push(performance.now())
      } catch {
        if (this.#ended) return
        this.lost++
        await pause(RETRY_MS)
      }
    }
  }
}
