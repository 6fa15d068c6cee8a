// A server's threads, one for each actor, and the memory that they share. They start when this is
// constructed, and load their code while the main thread loads its own; so this file imports
// little. What they report before anybody listens is kept.

import type { SecureContextOptions } from 'node:tls'
import { type ResourceLimits, Worker } from 'node:worker_threads'
import type { ServerOptions } from '../../config/options.ts'
import type { DescriptorPlan, PeerLimits } from '../process/descriptors.ts'
import { Doorbell } from '../ring/doorbell.ts'
import { wallMs } from '../shared/clock.ts'
import { GaugeTable } from '../shared/gauges.ts'
import { LastHeardTable } from '../shared/last-heard.ts'
import { MeterTable } from '../shared/meters.ts'
import type { Decision } from '../socket/read-buffer.ts'
import { ACTORS, type ActorName, MEMBER_ACTORS, type Wiring, wire } from '../topology.ts'
import type { ThreadData } from './actor-thread.ts'
import { type Description, STOP, type ThreadReport } from './thread-report.ts'

/** The most connections, whatever the configuration says. */
const SLOTS = 65_536
/** A young thread makes megabytes of garbage. An actor with little to do later collects that
 * sooner. The system frees a killed process's memory before it closes its sockets, 0.1 ms a MB,
 * and only then do its peers look for another leader. */
const SMALL: ResourceLimits = { maxYoungGenerationSizeMb: 3 }
/** These have sockets to other servers. */
const PEER_ACTORS: readonly ActorName[] = ['zab', 'election']
/** These see every transaction. */
const LARGE: ReadonlySet<ActorName> = new Set<ActorName>(['tree', 'zab'])

export class Threads {
  /** Milliseconds since 1970. */
  readonly startedWallMs: number = wallMs()
  readonly wiring: Wiring = wire()
  readonly gauges: GaugeTable = new GaugeTable()
  readonly meters: MeterTable = new MeterTable()
  readonly heard: LastHeardTable = new LastHeardTable(LastHeardTable.memoryFor(SLOTS))
  /** How accepted sockets are read, in all threads. */
  readonly socketDecision: Decision = new SharedArrayBuffer(4)
  readonly #peerLimits: PeerLimits
  readonly #lockFiles: readonly string[]
  readonly #peerCredentials: SecureContextOptions | null
  readonly #order: Int32Array<SharedArrayBuffer> = new Int32Array(new SharedArrayBuffer(4))
  readonly #workers: Map<ActorName, Worker> = new Map()
  readonly #exits: Promise<void>[] = []
  #descriptions: Map<ActorName, Description> = new Map()
  #onDescribed: () => void = () => undefined
  #isEnding = false
  #unheard: ThreadReport[] = []
  #onReport: ((report: ThreadReport) => void) | null = null

  /** `lockFiles`: files that keep other servers out of the data folders. `peerCredentials`: for TLS
   * between servers. */
  constructor(
    options: ServerOptions,
    descriptors: DescriptorPlan,
    lockFiles: readonly string[] = [],
    peerCredentials: SecureContextOptions | null = null,
  ) {
    this.#peerLimits = descriptors.peers
    this.#lockFiles = lockFiles
    this.#peerCredentials = peerCredentials
    for (const actor of options.ensemble === null ? ACTORS : MEMBER_ACTORS) {
      this.#spawn(actor, options)
    }
  }

  /** Call it once. A thread that ends with an error is reported as a failure of its actor. */
  listen(onReport: (report: ThreadReport) => void): void {
    this.#onReport = onReport
    for (const report of this.#unheard) onReport(report)
    this.#unheard = []
  }

  /** For handshakes with other servers from now on. */
  replacePeerCredentials(context: SecureContextOptions): void {
    for (const actor of PEER_ACTORS) this.#workers.get(actor)?.postMessage(context)
  }

  get actors(): readonly ActorName[] {
    return [...this.#workers.keys()]
  }

  /** What each actor is doing. An actor whose thread does not finish its work within the time is
   * missing. */
  async describe(withinMs: number): Promise<ReadonlyMap<ActorName, Description>> {
    this.#descriptions = new Map()
    const all = new Promise<void>((resolve) => {
      this.#onDescribed = () => {
        if (this.#descriptions.size === this.#workers.size) resolve()
      }
      setTimeout(resolve, withinMs).unref()
    })
    Atomics.add(this.#order, 0, 1)
    this.#ring()
    await all
    return this.#descriptions
  }

  /** Resolves when every thread has done what was left, and has ended. */
  async end(): Promise<void> {
    this.#isEnding = true
    // Votes for us, while our learners look for another leader, would only delay them.
    await this.#workers.get('election')?.terminate()
    Atomics.store(this.#order, 0, STOP)
    this.#ring()
    await Promise.all(this.#exits)
  }

  #ring(): void {
    for (const actor of this.#workers.keys()) new Doorbell(this.wiring.bells[actor]).ring()
  }

  #spawn(actor: ActorName, options: ServerOptions): void {
    const data: ThreadData = {
      actor,
      options,
      wiring: this.wiring,
      gauges: this.gauges.memory,
      meters: this.meters.memory,
      heard: this.heard.memory,
      socketDecision: this.socketDecision,
      peerLimits: this.#peerLimits,
      peerCredentials: PEER_ACTORS.includes(actor) ? this.#peerCredentials : null,
      lockFiles: this.#lockFiles,
      order: this.#order.buffer,
    }
    const url = new URL('./actor-thread.js', import.meta.url)
    const resourceLimits = LARGE.has(actor) ? {} : SMALL
    const worker = new Worker(url, { workerData: data, name: actor, resourceLimits })
    worker.on('message', (report: ThreadReport | Description) => this.#report(report))
    worker.on('error', (error) => {
      this.#report({ kind: 'failed', actor, state: 'thread ended', error })
    })
    const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
    this.#exits.push(ended)
    void ended.then(() => {
      if (this.#isEnding) return
      const error = new Error(`the thread of ${actor} has ended`)
      this.#report({ kind: 'failed', actor, state: 'thread ended', error })
    })
    this.#workers.set(actor, worker)
  }

  #report(report: ThreadReport | Description): void {
    if (report.kind === 'described') {
      this.#descriptions.set(report.actor, report)
      this.#onDescribed()
    } else if (this.#onReport === null) this.#unheard.push(report)
    else this.#onReport(report)
  }
}
