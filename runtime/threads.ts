// A server's threads, one an actor, and the memory they share. They start when this is made, and
// load their code while the main thread loads its own: so this file imports little. What they report
// before somebody listens is kept.

import { type ResourceLimits, Worker } from 'node:worker_threads'
import type { ServerOptions } from '../config/options.ts'
import type { LearnerSnapshot, ThreadData } from './actor-thread.ts'
import { Doorbell } from './doorbell.ts'
import { GaugeTable } from './gauges.ts'
import { HeardTable } from './heard.ts'
import type { ThreadReport } from './thread-report.ts'
import { ACTORS, type ActorName, MEMBER_ACTORS, type Wiring, wire } from './topology.ts'

/** Connections at most, whatever the configuration says. */
const SLOTS = 65_536
/** A young thread makes megabytes of garbage: what has little to do afterwards collects it sooner.
 * The system frees a killed process's memory before it closes its sockets, 0.1 ms a MB, and only
 * then do its peers look for another leader. */
const SMALL: ResourceLimits = { maxYoungGenerationSizeMb: 3 }
/** These see every transaction. */
const LARGE: ReadonlySet<ActorName> = new Set<ActorName>(['tree', 'zab'])

export class Threads {
  readonly wiring: Wiring = wire()
  readonly gauges: GaugeTable = new GaugeTable()
  readonly heard: HeardTable = new HeardTable(HeardTable.memoryFor(SLOTS))
  readonly #stop: Int32Array<SharedArrayBuffer> = new Int32Array(new SharedArrayBuffer(4))
  readonly #workers: Map<ActorName, Worker> = new Map()
  readonly #exits: Promise<void>[] = []
  #unheard: ThreadReport[] = []
  #onReport: ((report: ThreadReport) => void) | null = null

  constructor(options: ServerOptions) {
    for (const actor of options.ensemble === null ? ACTORS : MEMBER_ACTORS) {
      this.#spawn(actor, options)
    }
  }

  /** To be called once. A thread that ends with an error reports it as a failure of its actor. */
  listen(onReport: (report: ThreadReport) => void): void {
    this.#onReport = onReport
    for (const report of this.#unheard) onReport(report)
    this.#unheard = []
  }

  /** Has zab's thread send a tree to a learner. */
  sendSnapshot({ link, frozen }: LearnerSnapshot): void {
    this.#workers.get('zab')?.postMessage({ link, frozen } satisfies LearnerSnapshot)
  }

  /** Resolves when each has done what was left and has ended. */
  async end(): Promise<void> {
    // Who votes for us once our learners look for another leader would only delay them.
    await this.#workers.get('election')?.terminate()
    Atomics.store(this.#stop, 0, 1)
    for (const actor of this.#workers.keys()) new Doorbell(this.wiring.bells[actor]).ring()
    await Promise.all(this.#exits)
  }

  #spawn(actor: ActorName, options: ServerOptions): void {
    const data: ThreadData = {
      actor,
      options,
      wiring: this.wiring,
      gauges: this.gauges.memory,
      heard: this.heard.memory,
      stop: this.#stop.buffer,
    }
    const url = new URL('./actor-thread.js', import.meta.url)
    const resourceLimits = LARGE.has(actor) ? {} : SMALL
    const worker = new Worker(url, { workerData: data, name: actor, resourceLimits })
    worker.on('message', (report: ThreadReport) => this.#report(report))
    worker.on('error', (error) => {
      this.#report({ kind: 'failed', actor, state: 'thread ended', error })
    })
    this.#exits.push(new Promise((resolve) => worker.once('exit', () => resolve())))
    this.#workers.set(actor, worker)
  }

  #report(report: ThreadReport): void {
    if (this.#onReport === null) this.#unheard.push(report)
    else this.#onReport(report)
  }
}
