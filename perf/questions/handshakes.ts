// Many clients shake hands by TLS in one moment, at the leader: how much later is a plain client of the
// same server answered, and do heartbeats come late? The clients are the full ones, on a thread of their
// own, and want the same processors as the servers.

import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { Client } from '../../client/client.ts'
import { Heartbeats } from '../ensemble/heartbeats.ts'
import { freePorts } from '../ensemble/ports.ts'
import { type Certificate, makeCertificate, tlsConfiguration } from '../load/certificate.ts'
import { type Histogram, histogram, latencyMetrics, packed, recordMs } from '../load/histogram.ts'
import type { TlsCrowdReport, TlsCrowdTask } from '../load/tls-crowd.ts'
import type { Context, Question } from '../question.ts'
import { rolesEnded } from '../servers/roles.ts'
import type { Servers } from '../servers/servers.ts'
import { plural } from './words.ts'

const CROWD = new URL('../load/tls-crowd.js', import.meta.url)
const SESSION_MS = 40_000
const CALM_MS = 3000
const PAUSE_MS = 1

export const handshakes: Question = {
  name: 'handshakes',
  summary: 'many TLS handshakes at once: what a plain client and the heartbeats notice',
  options: {
    handshakes: { full: '2000', quick: '300', help: 'in one moment' },
    'handshake-servers': { full: '1,3', quick: '3', help: 'servers of an ensemble' },
  },
  async run(context) {
    const certificate = makeCertificate()
    try {
      for (const count of context.serverCounts('handshake-servers')) {
        const ports = await freePorts(count)
        const heartbeats = context.kind === 'ringkeeper' && count > 1 ? new Heartbeats() : null
        try {
          await context.withServers(
            count,
            (servers) => measured(context, servers, ports, certificate, heartbeats),
            {
              configuration: tlsConfiguration(certificate),
              configurationOf: (id) => [`secureClientPort=${ports[id - 1]}`],
              logs: true,
              ...(heartbeats !== null && { route: heartbeats.route }),
            },
          )
        } finally {
          heartbeats?.close()
        }
      }
    } finally {
      certificate.remove()
    }
  },
}

async function measured(
  context: Context,
  servers: Servers,
  ports: readonly number[],
  certificate: Certificate,
  heartbeats: Heartbeats | null,
): Promise<void> {
  await context.warm(servers)
  const leader = await servers.whole()
  const { members } = servers.ensemble
  const count = context.number('handshakes')
  const variant = `${plural(count, 'TLS handshake')} at once, ${plural(members.length, 'server')}`
  const workerData: TlsCrowdTask = {
    port: ports[leader.id - 1]!,
    count,
    tls: certificate.options,
    sessionTimeoutMs: SESSION_MS,
  }
  const crowd = new Worker(CROWD, { workerData })
  const writer = new Writer(leader.address, context.number('bytes'))
  try {
    await once(crowd, 'message')
    await writer.begin()
    // Election, start and warm-up are none of it.
    heartbeats?.longestGapMs(leader.id)
    writer.taken()
    await pause(CALM_MS)
    const calm = latencyMetrics(writer.taken())
    const calmGapMs = heartbeats?.longestGapMs(leader.id)
    for (const { lines } of members) lines.length = 0
    context.say(variant)
    crowd.postMessage('go')
    const [report] = (await once(crowd, 'message')) as [TlsCrowdReport]
    const during = writer.taken()
    const gapMs = heartbeats?.longestGapMs(leader.id)
    for (const [problem, times] of Object.entries(report.failed)) {
      context.say(`${plural(times, 'client')}: ${problem}`)
    }
    const metrics = {
      errors: Object.values(report.failed).reduce((sum, times) => sum + times, 0),
      perSecond: (count / report.ms) * 1000,
      ...latencyMetrics(during),
      calmP50Us: calm['p50Us']!,
      calmMaxUs: calm['maxUs']!,
      ...(gapMs !== undefined && { heartbeatGapMs: gapMs, calmHeartbeatGapMs: calmGapMs! }),
      roleEnds: rolesEnded(servers.kind, members).length,
    }
    context.answer({ variant, metrics, latency: packed(during) })
  } finally {
    await writer.end()
    await crowd.terminate()
  }
}

/** A plain client that writes, one after the other. */
class Writer {
  readonly #client: Client
  readonly #data: Uint8Array
  #times: Histogram = histogram()
  #isOver = false
  #loop: Promise<void> = Promise.resolve()

  constructor(address: string, bytes: number) {
    this.#client = new Client({ servers: address })
    this.#data = new Uint8Array(bytes)
  }

  async begin(): Promise<void> {
    const path = await this.#client.create('/beside-handshakes', null)
    this.#loop = this.#write(path)
  }

  /** How long the writes took since the last call. */
  taken(): Histogram {
    const times = this.#times
    this.#times = histogram()
    return times
  }

  /** Rejects if a write has failed. */
  async end(): Promise<void> {
    this.#isOver = true
    await this.#loop
    await this.#client.close()
  }

  async #write(path: string): Promise<void> {
    while (!this.#isOver) {
      const startMs = performance.now()
      await this.#client.set(path, this.#data)
      recordMs(this.#times, performance.now() - startMs)
      await pause(PAUSE_MS)
    }
  }
}
