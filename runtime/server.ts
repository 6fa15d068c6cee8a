// A running server: threads for the actors, the network loop on this one, the pool for snapshots.
//
// An actor that fails ends the process: its state is in the log, and going on would mean going on
// without it. An orderly stop lets what was admitted finish and reach the disk.

import { type ResourceLimits, Worker } from 'node:worker_threads'
import type { FrozenTree } from '../actors/tree/snapshot-source.ts'
import type { ServerOptions } from '../config/options.ts'
import { formatZxid } from '../protocol/zxid.ts'
import type { LearnerSnapshot, ThreadData } from './actor-thread.ts'
import { BellLoop } from './bell-loop.ts'
import { nowMs, SystemClock } from './clock.ts'
import { Doorbell } from './doorbell.ts'
import { GaugeTable } from './gauges.ts'
import { HeardTable } from './heard.ts'
import type { Logger } from './logger.ts'
import { type CommandHandler, NetworkLoop } from './net/network-loop.ts'
import { NetworkPort } from './network-port.ts'
import { JobPool } from './pool.ts'
import type { ThreadReport } from './thread-report.ts'
import {
  ACTORS,
  type ActorName,
  type Counters,
  countersOf,
  MEMBER_ACTORS,
  type Wiring,
  wire,
} from './topology.ts'

/** Connections at most, whatever the configuration says. */
const SLOTS = 65_536
const HEARTBEAT_MS = 100
const MESSAGES_A_TURN = 16_384
const DRAIN_POLL_MS = 2
/** A young thread makes megabytes of garbage: what has little to do afterwards collects it sooner.
 * The system frees a killed process's memory before it closes its sockets, 0.1 ms a MB, and only
 * then do its peers look for another leader. */
const SMALL: ResourceLimits = { maxYoungGenerationSizeMb: 3 }
/** These see every transaction. */
const LARGE: ReadonlySet<ActorName> = new Set<ActorName>(['tree', 'zab'])

export class Server {
  readonly network: NetworkLoop
  readonly gauges: GaugeTable = new GaugeTable()
  readonly options: ServerOptions
  readonly #logger: Logger
  readonly #wiring: Wiring = wire()
  readonly #clock: SystemClock = new SystemClock()
  readonly #heard: HeardTable = new HeardTable(HeardTable.memoryFor(SLOTS))
  readonly #stop: Int32Array = new Int32Array(new SharedArrayBuffer(4))
  readonly #threads: Map<ActorName, Worker> = new Map()
  readonly #exits: Promise<void>[] = []
  readonly #pool: JobPool = new JobPool()
  readonly #bell: Doorbell
  readonly #port: NetworkPort
  readonly #onFatal: (problem: string) => void
  #running = true
  #stopping = false
  #hasSnapshot = false

  /** `onFatal` is called once when the server cannot go on; it should end the process. */
  constructor(
    options: ServerOptions,
    logger: Logger,
    command: (server: Server) => CommandHandler,
    onFatal: (problem: string) => void,
  ) {
    this.options = options
    this.#logger = logger
    this.#onFatal = onFatal
    this.#bell = new Doorbell(this.#wiring.bells.network)
    this.#port = new NetworkPort(this.#wiring, this.#clock, options.ensemble === null)
    this.network = new NetworkLoop(
      options,
      this.#clock,
      this.#heard,
      this.#port,
      command(this),
      logger,
    )
  }

  counters(): Counters {
    return countersOf(this.#wiring)
  }

  get #actors(): readonly ActorName[] {
    return this.options.ensemble === null ? ACTORS : MEMBER_ACTORS
  }

  /** Recovers and listens; resolves with the client port. */
  async start(): Promise<number> {
    for (const actor of this.#actors) this.#spawn(actor)
    const serving = this.#loop()
    // A member answers the operator's words while it has no leader.
    if (this.options.ensemble === null) await serving.ready
    return await this.network.listen()
  }

  /** Lets everything admitted finish, then ends the threads. */
  async stop(): Promise<void> {
    this.#stopping = true
    this.network.stopListening()
    await this.#drained()
    await this.network.shutdown()
    await this.#pool.close()
    // Who votes for us once our learners look for another leader would only delay them.
    await this.#threads.get('election')?.terminate()
    this.#running = false
    Atomics.store(this.#stop, 0, 1)
    for (const actor of this.#actors) new Doorbell(this.#wiring.bells[actor]).ring()
    this.#bell.ring()
    await Promise.all(this.#exits)
  }

  #spawn(actor: ActorName): void {
    const data: ThreadData = {
      actor,
      options: this.options,
      wiring: this.#wiring,
      gauges: this.gauges.memory,
      heard: this.#heard.memory,
      stop: this.#stop.buffer as SharedArrayBuffer,
    }
    const url = new URL('./actor-thread.js', import.meta.url)
    const resourceLimits = LARGE.has(actor) ? {} : SMALL
    const worker = new Worker(url, { workerData: data, name: actor, resourceLimits })
    worker.on('message', (message: ThreadReport) => this.#onReport(message))
    worker.on('error', (error) => this.#fatal(actor, 'thread ended', error))
    this.#exits.push(new Promise((resolve) => worker.once('exit', () => resolve())))
    this.#threads.set(actor, worker)
  }

  #onReport(report: ThreadReport): void {
    if (report.kind === 'snapshot') {
      void this.#saveSnapshot(report.frozen)
    } else if (report.kind === 'learner-snapshot') {
      const { link, frozen } = report
      this.#threads.get('zab')?.postMessage({ link, frozen } satisfies LearnerSnapshot)
    } else if (report.kind === 'log') {
      this.#logger[report.level]({ actor: report.actor, ...report.fields }, report.event)
    } else {
      this.#fatal(report.actor, report.state, report.error)
    }
  }

  async #saveSnapshot(frozen: FrozenTree): Promise<void> {
    const { dataDir, snapshotCompression, serializeLastProcessedZxid } = this.options
    const job = { frozen, dataDir, compression: snapshotCompression }
    try {
      const started = this.#clock.nowMs
      const file = await this.#pool.saveSnapshot({
        ...job,
        withLastZxid: serializeLastProcessedZxid,
      })
      this.#clock.advance()
      const ms = Math.round(this.#clock.nowMs - started)
      this.#logger.info({ file: file.name, bytes: file.bytes, ms }, 'snapshot written')
      this.#hasSnapshot = true
      this.#port.log.snapshotSaved(frozen.zxid)
    } catch (error) {
      // The pool has been told to end; the next start writes the snapshot again.
      if (this.#stopping) return
      this.#logger.error({ zxid: formatZxid(frozen.zxid), err: error }, 'snapshot failed')
      if (!this.#hasSnapshot) {
        this.#onFatal(`the first snapshot could not be written: ${String(error)}`)
        return
      }
      this.#port.log.snapshotFailed()
    }
    this.#port.tree.snapshotTaken(frozen.zxid)
    this.#port.flush()
  }

  #fatal(actor: ActorName, state: string, error: unknown): void {
    if (!this.#running) return
    this.#running = false
    this.#logger.fatal({ actor, state, err: error }, 'actor failed')
    this.#onFatal(error instanceof Error ? error.message : String(error))
  }

  /** Reads the rings for as long as the server runs; `ready` resolves when it is serving. */
  #loop(): { ready: Promise<void> } {
    const heartbeat = setInterval(() => this.network.heartbeat(), HEARTBEAT_MS)
    const ready = new Promise<void>((resolve) => {
      const steps = {
        step: () => this.#read(resolve),
        parkMs: () => HEARTBEAT_MS,
        ended: () => !this.#running,
      }
      const loop = new BellLoop(this.#bell, nowMs)
      void loop.run(steps).then(() => clearInterval(heartbeat))
    })
    return { ready }
  }

  /** Whether there may be more. */
  #read(onServing: () => void): boolean {
    if (!this.#running) return false
    this.#clock.advance()
    const count = this.#port.drain(this.network, MESSAGES_A_TURN)
    this.network.turn()
    this.#port.turned(count)
    if (this.network.isServing) onServing()
    return count === MESSAGES_A_TURN
  }

  async #drained(): Promise<void> {
    while (this.#running && this.network.outstanding > 0) {
      await new Promise<void>((resolve) => setTimeout(resolve, DRAIN_POLL_MS))
    }
  }
}
