// A running server: threads for the actors, the network loop on this one, the pool for snapshots.
//
// If an actor fails, the process ends: the actor's state is in the log, and going on would mean
// going on without it. An orderly stop lets what was admitted finish and reach the disk.

import type { Meter } from '../actors/actor.ts'
import type { FrozenTree } from '../actors/tree/snapshot/snapshot-source.ts'
import { reconfigured } from '../config/ensemble/ensemble.ts'
import type { ServerOptions } from '../config/options.ts'
import { utf8 } from '../protocol/bytes/text.ts'
import { Query } from '../protocol/messages/queries.ts'
import { readMembership } from '../protocol/quorum/membership-config.ts'
import { formatZxid } from '../protocol/zxid.ts'
import { auditTrail } from './audit/audit-destination.ts'
import type { AuditTrail } from './audit/audit-trail.ts'
import { SpaceWatch } from './disk/space-watch.ts'
import type { KerberosService } from './kerberos/kerberos.ts'
import type { CommandHandler } from './net/input/client-input.ts'
import { NetworkLoop } from './net/network-loop.ts'
import { NetworkRings, touchMsMaxOf } from './net/network-rings.ts'
import type { ServerMode } from './net/server-mode.ts'
import type { ClientTls } from './net/tls/client-tls.ts'
import { ClientPort } from './net/transport/client-port.ts'
import { tcpTransport } from './net/transport/tcp-transport.ts'
import { JobPool, SAVE_SNAPSHOT } from './pool/pool.ts'
import type { DescriptorPlan } from './process/descriptors.ts'
import type { Logger } from './process/logger.ts'
import { ask } from './reports/ask.ts'
import { type SnapshotFile, SnapshotWaiters } from './reports/snapshot-waiters.ts'
import { TraceMask } from './reports/trace-mask.ts'
import { Doorbell } from './ring/doorbell.ts'
import { nowMs, SystemClock } from './shared/clock.ts'
import type { GaugeTable } from './shared/gauges.ts'
import type { MeterName, MeterTable } from './shared/meters.ts'
import { randomBelow } from './shared/random.ts'
import { probeHandles } from './socket/handle-probe.ts'
import { decideToTakeHandles, shareDecision } from './socket/read-buffer.ts'
import { BellLoop } from './thread/bell-loop.ts'
import { IdleStrategy } from './thread/idle-strategy.ts'
import { logThreads } from './thread/thread-dump.ts'
import type { ThreadReport } from './thread/thread-report.ts'
import type { Threads } from './thread/threads.ts'
import { Traffic } from './top/traffic.ts'
import { type Counters, countersOf } from './topology.ts'
import { FactBook } from './why/fact-book.ts'
import { FactTally } from './why/fact-tally.ts'
import { Observer, processCpuMs } from './why/observer.ts'

const HEARTBEAT_MS = 100
const MESSAGES_A_TURN = 16_384
const DRAIN_POLL_MS = 2

/** Why a server cannot go on. What it acknowledged is on disk, unless the data is gone. */
export type Fatal = 'failed' | 'data-gone'

/** Threads that were started before the server's own code was loaded, which takes time. */
export interface StartedThreads {
  readonly descriptors: DescriptorPlan
  readonly threads: Threads
  /** Null: clients come without TLS. */
  readonly tls?: ClientTls | null
  /** Null: clients do not come with Kerberos. */
  readonly kerberos?: KerberosService | null
}

export class Server {
  readonly network: NetworkLoop
  readonly gauges: GaugeTable
  readonly meters: MeterTable
  readonly facts: FactBook
  readonly tally: FactTally
  readonly traceMask: TraceMask = new TraceMask()
  readonly startedMs: number = nowMs()
  readonly #logger: Logger
  readonly #threads: Threads
  readonly #tls: ClientTls | null
  readonly #clock: SystemClock = new SystemClock()
  readonly #pool = new JobPool(SAVE_SNAPSHOT)
  readonly #bell: Doorbell
  readonly #rings: NetworkRings
  readonly #audit: AuditTrail | null
  readonly #observer: Observer
  readonly #onFatal: (problem: string, why: Fatal) => void
  #running = true
  #stopping = false
  #hasSnapshot = false
  #servesAs: ServerMode | null = null
  readonly #pauses: Meter
  #options: ServerOptions
  readonly #clientPort: ClientPort
  readonly #onSnapshot: SnapshotWaiters = new SnapshotWaiters()
  readonly #snapshotTime: Meter
  readonly #space: SpaceWatch

  /** `onFatal` is called once, when the server cannot go on. It should end the process. */
  constructor(
    options: ServerOptions,
    logger: Logger,
    command: (server: Server) => CommandHandler,
    onFatal: (problem: string, why: Fatal) => void,
    { descriptors, threads, tls = null, kerberos = null }: StartedThreads,
  ) {
    this.#options = options
    this.#logger = logger
    this.#onFatal = onFatal
    this.#threads = threads
    this.gauges = threads.gauges
    this.#tls = tls
    this.meters = threads.meters
    this.tally = new FactTally(this.meters, this.#clock, threads.startedWallMs)
    this.facts = new FactBook(
      () => {
        this.#clock.advance()
        return this.#clock.wallMs
      },
      (fact) => this.tally.hear(fact),
    )
    this.#pauses = this.meters.meter('jvm_pause_time_ms', this.#clock)
    this.#snapshotTime = this.meters.meter('snapshottime', this.#clock)
    this.#bell = new Doorbell(threads.wiring.bells.network)
    const { wiring, heard } = threads
    this.#rings = new NetworkRings(wiring, this.#clock, heard, touchMsMaxOf(options))
    this.#audit = auditTrail(options, logger, this.#clock)
    const transport = tcpTransport(options, tls?.gates)
    this.network = new NetworkLoop(
      { ...options, descriptorsForClients: descriptors.clients },
      {
        clock: this.#clock,
        heard,
        rings: this.#rings,
        transport,
        command: command(this),
        logger,
        audit: this.#audit,
        kerberos: kerberos && (() => kerberos.mechanism()),
      },
    )
    this.#observer = new Observer(this.facts, {
      clock: this.#clock,
      cpuMs: processCpuMs,
      clients: () => this.network.connections(),
      lastHeardMs: (slot) => heard.lastHeardMs(slot),
    })
    this.#meterRequests()
    this.network.configured = (...config) => this.#configured(utf8(...config))
    this.#clientPort = new ClientPort(options, transport)
    this.#space = this.#spaceWatch(options)
  }

  get options(): ServerOptions {
    return this.#options
  }

  counters(): Counters {
    return countersOf(this.#threads.wiring)
  }

  /** Has a snapshot file written now; resolves when it is. Rejects when it cannot be. */
  async takeSnapshot(): Promise<SnapshotFile> {
    const waiting = this.#onSnapshot.wait()
    return waiting.from(await ask<number>(this, Query.snapshot))
  }

  /** Recovers and listens. Resolves with the client port: on a standalone server when it serves, on
   * a member at once. */
  async start(): Promise<number> {
    this.#threads.listen((report) => this.#onReport(report))
    const decided = this.#decideHowToRead()
    const serving = this.#loop()
    // A member answers operators' words while it has no leader.
    if (this.options.ensemble === null) await serving.ready
    await decided
    const port = await this.#listen()
    this.#tls?.watch(this.#logger)
    return port
  }

  /** Reports, and where clients connect, follow the configuration. */
  #configured(text: string): void {
    const { ensemble, reconfigEnabled } = this.options
    if (ensemble === null || !reconfigEnabled) return
    const membership = readMembership(text)
    this.#options = { ...this.options, ensemble: reconfigured(ensemble, membership) }
    void this.#clientPort.follow(membership, ensemble.serverId, this.#logger)
  }

  /** Lets everything that was admitted finish, then ends the threads. */
  async stop(): Promise<void> {
    this.#stopping = true
    this.#tls?.stop()
    this.network.stopListening()
    await this.#drained()
    await this.network.shutdown()
    await this.#pool.close()
    this.#running = false
    this.#bell.ring()
    await this.#threads.end()
    await this.#audit?.stopped()
  }

  /** Resolves when the audit log is on disk, or cannot get there: the server cannot go on. */
  async closeAudit(): Promise<void> {
    await this.#audit?.close()
  }

  /** Logs what the process and each of its threads are doing. */
  async report(): Promise<void> {
    const { network } = this
    await logThreads(this.#logger, this.#threads, {
      mode: network.isServing ? network.mode : 'not serving',
      connections: network.connectionCount,
      outstanding: network.outstanding,
    })
  }

  async #listen(): Promise<number> {
    try {
      const port = await this.network.listen()
      this.#audit?.started('success')
      return port
    } catch (error) {
      this.#audit?.started('failure')
      await this.closeAudit()
      throw error
    }
  }

  /** Decides for all threads. Peers that connect before are read as Node reads. */
  async #decideHowToRead(): Promise<void> {
    shareDecision(this.#threads.socketDecision)
    const problem = await probeHandles()
    if (problem === null) decideToTakeHandles()
    const [level, words] =
      problem === null
        ? (['info', 'sockets are read into one buffer'] as const)
        : (['warn', 'sockets are read into buffers of their own, which is slower'] as const)
    this.#logger[level]({ node: process.version, ...(problem !== null && { problem }) }, words)
  }

  #onReport(report: ThreadReport): void {
    if (report.kind === 'snapshot') {
      void this.#saveSnapshot(report.frozen)
    } else if (report.kind === 'owned-deleted') {
      this.#audit?.ownedDeleted(report.sessionId, report.paths)
    } else if (report.kind === 'log') {
      this.#logger[report.level]({ actor: report.actor, ...report.fields }, report.event)
      this.#observer.heard(report)
    } else if (report.kind === 'data-gone') {
      this.#end(report.problem, 'data-gone')
    } else {
      const { actor, state, error } = report
      if (this.#running) this.#logger.fatal({ actor, state, err: error }, 'actor failed')
      this.#end(error instanceof Error ? error.message : String(error), 'failed')
    }
  }

  async #saveSnapshot(frozen: FrozenTree): Promise<void> {
    const { dataDir, snapshotCompressionMethod, serializeLastProcessedZxid } = this.options
    const job = { frozen, dataDir, compression: snapshotCompressionMethod }
    try {
      const started = this.#clock.nowMs
      const file = await this.#pool.run({
        ...job,
        withLastZxid: serializeLastProcessedZxid,
      })
      this.#clock.advance()
      const ms = Math.round(this.#clock.nowMs - started)
      this.#snapshotTime.observe(ms)
      this.#logger.info({ file: file.name, bytes: file.bytes, ms }, 'snapshot written')
      this.#hasSnapshot = true
      this.#onSnapshot.written({ name: file.name, zxid: frozen.zxid })
      this.#rings.log.snapshotSaved(frozen.zxid)
    } catch (error) {
      // The pool was told to end. The next start writes the snapshot again.
      if (this.#stopping) return
      this.#logger.error({ zxid: formatZxid(frozen.zxid), err: error }, 'snapshot failed')
      this.#onSnapshot.failed()
      if (!this.#hasSnapshot) {
        this.#end(`the first snapshot could not be written: ${String(error)}`, 'failed')
        return
      }
      this.#rings.log.snapshotFailed()
    }
    this.#rings.tree.pagesReleased(frozen.zxid)
    this.#rings.flush()
  }

  /** The main thread has failed; ends the server. `problem`: for the operator. */
  fail(problem: string): void {
    this.#end(problem, 'failed')
  }

  #end(problem: string, why: Fatal): void {
    if (!this.#running) return
    this.#running = false
    this.facts.note('failed', { problem })
    this.#onFatal(problem, why)
  }

  /** Reads the rings for as long as the server runs. `ready` resolves once it is serving. */
  #loop(): { ready: Promise<void> } {
    const heartbeat = setInterval(() => this.#heartbeat(), HEARTBEAT_MS)
    const ready = new Promise<void>((resolve) => {
      const patience = new IdleStrategy(this.#bell, nowMs, () => this.network.lone.tookMs)
      const steps = {
        step: () => this.#read(resolve),
        awaitRing: (seen: number) => this.network.expectsSoon && patience.park(seen),
        parkMs: () => HEARTBEAT_MS,
        ended: () => !this.#running,
      }
      const loop = new BellLoop(this.#bell, nowMs)
      this.network.onExpecting = () => loop.wake()
      void loop.run(steps).then(() => clearInterval(heartbeat))
    })
    return { ready }
  }

  /** True if there may be more. */
  #read(onServing: () => void): boolean {
    if (!this.#running) return false
    const hasMore = this.network.read(MESSAGES_A_TURN)
    if (this.network.isServing) onServing()
    this.#announce()
    return hasMore
  }

  /** A member serves clients while it has a leader, in one mode or another. */
  #announce(): void {
    const mode = this.network.isServing ? this.network.mode : null
    if (mode === this.#servesAs) return
    this.#servesAs = mode
    this.facts.note(mode === null ? 'not-serving' : 'serving', mode === null ? {} : { mode })
    if (mode !== null && this.options.ensemble !== null)
      this.#logger.info({ mode }, 'serving clients')
  }

  #heartbeat(): void {
    void this.#space.look()
    this.network.heartbeat()
    this.#pauses.observe(this.#observer.heartbeat(HEARTBEAT_MS))
    this.network.stats.traffic?.heartbeat(this.#clock.nowMs)
  }

  #spaceWatch({ dataDir, dataLogDir, diskReserveBytes }: ServerOptions): SpaceWatch {
    const scarce = this.gauges.gauge('diskScarce')
    return new SpaceWatch([dataDir, dataLogDir], diskReserveBytes, (isScarce, space) => {
      scarce.set(isScarce ? 1 : 0)
      const fact = { folder: space.folder, freeBytes: space.freeBytes }
      this.facts.note(isScarce ? 'disk-scarce' : 'disk-enough', fact)
      if (isScarce) this.#logger.error(fact, 'disk nearly full: writes are refused')
      else this.#logger.info(fact, 'disk has room again: writes are accepted')
    })
  }

  #meterRequests(): void {
    const { stats } = this.network
    const meter = (name: MeterName): Meter => this.meters.meter(name, this.#clock)
    stats.slowMs = this.options.fsyncWarningThresholdMs
    stats.onSlow = (connection) => this.#observer.slow(connection)
    stats.onGone = (connection) => this.#observer.departed(connection)
    stats.traffic = new Traffic(this.#clock.nowMs, randomBelow)
    stats.latency = { read: meter('readlatency'), update: meter('updatelatency') }
  }

  async #drained(): Promise<void> {
    while (this.#running && this.network.outstanding > 0) {
      await new Promise<void>((resolve) => setTimeout(resolve, DRAIN_POLL_MS))
    }
  }
}
