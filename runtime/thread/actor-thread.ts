// The entry point of a worker thread: one actor, turned until it is told to stop, and parked on its
// doorbell when there is nothing to do.
//
// A parked thread runs no event loop, so nothing here is asynchronous except what is posted to the
// main thread. Only a member's zab and election, which own sockets, run an event loop
// (bell-loop.ts). If an actor throws, the process ends: the main thread logs it and exits.

import type { SecureContextOptions } from 'node:tls'
import { getHeapStatistics } from 'node:v8'
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import type { ServerOptions } from '../../config/options.ts'
import { usesKerberos } from '../../config/settings/quorum-auth.ts'
import { assert } from '../../protocol/assert.ts'
import type { DataWatch } from '../disk/data-watch.ts'
import type { Environment } from '../hosts/environment.ts'
import { type HostBuilder, hostBuilder } from '../hosts/host-builder.ts'
import type { PeerKerberos } from '../kerberos/peer-kerberos.ts'
import type { PeerTlsHooks } from '../peer/sockets.ts'
import type { PeerLimits } from '../process/descriptors.ts'
import { Doorbell } from '../ring/doorbell.ts'
import { nowMs, SystemClock, wallMs } from '../shared/clock.ts'
import { GaugeTable } from '../shared/gauges.ts'
import { LastHeardTable } from '../shared/last-heard.ts'
import { MeterTable } from '../shared/meters.ts'
import { randomBelow } from '../shared/random.ts'
import type { Decision } from '../socket/read-buffer.ts'
import { type ActorName, turnCountersOf, type Wiring } from '../topology.ts'
import type { ActorHost } from './actor-host.ts'
import { BellLoop } from './bell-loop.ts'
import { IdleStrategy } from './idle-strategy.ts'
import { type Description, STOP, type ThreadReport } from './thread-report.ts'
import type { TurnCounters } from './turn-counters.ts'

/** How often a thread looks how large its heap is, when it has nothing else to do. */
const HEAP_MS = 5000

export interface ThreadData {
  readonly actor: ActorName
  readonly options: ServerOptions
  readonly wiring: Wiring
  readonly gauges: SharedArrayBuffer
  readonly meters: SharedArrayBuffer
  readonly heard: SharedArrayBuffer
  readonly socketDecision: Decision
  readonly peerLimits: PeerLimits
  /** For TLS between servers; null without, and for actors that have no peers. */
  readonly peerCredentials: SecureContextOptions | null
  /** Files that keep other servers out of the data folders; empty if none do. */
  readonly lockFiles: readonly string[]
  /** An Int32 that is looked at when there is nothing left to do (thread-report.ts). */
  readonly order: SharedArrayBuffer
}

/** What only some actors need. */
interface Modules {
  readonly build: HostBuilder
  readonly openFolders: typeof import('../disk/files.ts').openFolders | null
  /** For the log of a member that may be reconfigured. */
  readonly configFiles: typeof import('../disk/config-folder.ts').configFiles | null
  /** For an actor whose thread has an event loop for sockets. */
  readonly peerSockets: typeof import('../peer/sockets.ts').peerSockets | null
  /** For such an actor, where servers talk over TLS. */
  readonly tls: typeof import('../peer/tls/tls-transport.ts') | null
  /** For such an actor, where servers prove who they are with Kerberos. */
  readonly kerberos: PeerKerberos | null
}

class ActorThread {
  readonly #data: ThreadData
  readonly #modules: Modules
  readonly #port: MessagePort
  readonly #bell: Doorbell
  readonly #order: Int32Array
  #lastOrder = 0
  readonly #turns: TurnCounters
  #heapDueMs = 0
  /** Only the log has one. */
  #watch: DataWatch | null = null
  readonly #env: Environment
  readonly #loop: BellLoop
  readonly #host: ActorHost
  readonly #patience: IdleStrategy

  constructor(data: ThreadData, modules: Modules, port: MessagePort) {
    this.#data = data
    this.#modules = modules
    this.#port = port
    this.#bell = new Doorbell(data.wiring.bells[data.actor])
    this.#order = new Int32Array(data.order)
    this.#loop = new BellLoop(this.#bell, nowMs)
    this.#turns = turnCountersOf(data.wiring, data.actor)
    this.#env = this.#environment()
    const { gauges } = this.#env
    this.#patience = new IdleStrategy(this.#bell, nowMs, () => gauges.read('syncMicros') / 1000)
    this.#host = modules.build(data.options, data.wiring, this.#env)
  }

  run(): void {
    if (this.#modules.peerSockets === null) {
      this.#parkOnBell()
      return
    }
    const host = this.#host
    const steps = {
      step: () => this.#turn(),
      awaitRing: (seen: number, rung: boolean) => this.#expects(rung) && this.#patience.park(seen),
      parkMs: () => host.parkMs(),
      ended: () => this.#isOver(),
    }
    void this.#loop.run(steps).then(() => {
      host.close()
      this.#port.close()
    })
  }

  /** True if there is more to do. An actor that fails is reported, and is stopped for good. */
  #turn(): boolean {
    try {
      return this.#host.turn()
    } catch (error) {
      this.#fail(error)
      return false
    }
  }

  #parkOnBell(): void {
    let rung = false
    for (;;) {
      const seen = this.#bell.read()
      let isMore: boolean
      try {
        isMore = this.#host.turn()
      } catch (error) {
        this.#fail(error)
        return
      }
      if (this.#host.worked) rung = false
      if (isMore) continue
      if (this.#isOver()) break
      if (this.#expects(rung) && this.#patience.look(seen)) {
        rung = false
        continue
      }
      rung = this.#bell.park(seen, this.#host.parkMs())
    }
    this.#host.close()
  }

  #isOver(): boolean {
    const order = Atomics.load(this.#order, 0)
    if (order === STOP) return true
    if (this.#env.clock.nowMs >= this.#heapDueMs) this.#lookAtHeap()
    if (order !== this.#lastOrder) this.#describe()
    this.#lastOrder = order
    return false
  }

  #lookAtHeap(): void {
    this.#heapDueMs = this.#env.clock.nowMs + HEAP_MS
    const { used_heap_size, total_heap_size, heap_size_limit } = getHeapStatistics()
    this.#turns.heap(used_heap_size, total_heap_size, heap_size_limit)
  }

  #describe(): void {
    const { actor } = this.#data
    const state = this.#host.actor.describe()
    const heapBytes = getHeapStatistics().used_heap_size
    this.#report({ kind: 'described', actor, state, heapBytes })
  }

  /** Whether a message is near: the actor expects one; or the thread was rung and found nothing, by
   * somebody who knows that work is on its way. */
  #expects(rung: boolean): boolean {
    return this.#host.expectsSoon || (rung && !this.#host.worked)
  }

  #environment(): Environment {
    const { actor, options, gauges, meters, heard, peerLimits } = this.#data
    const { configFiles, openFolders, peerSockets, kerberos } = this.#modules
    const clock = new SystemClock()
    return {
      clock,
      gauges: new GaugeTable(gauges),
      meters: new MeterTable(meters),
      heard: new LastHeardTable(heard),
      takeSnapshot: (frozen) => this.#report({ kind: 'snapshot', frozen }),
      ownedDeleted: (sessionId, paths) => this.#report({ kind: 'owned-deleted', sessionId, paths }),
      openFiles: () => {
        assert(openFolders !== null, "the disk is the log's")
        const files = openFolders(options)
        this.#watch = files.watch(this.#data.lockFiles)
        return files
      },
      saveConfig: (which, text) => {
        const { configurationPath, serverId } = options
        if (configFiles === null || configurationPath === null) return
        configFiles(configurationPath, serverId).save(which, text)
      },
      dataProblem: () => this.#watch?.problem() ?? null,
      logHooks: () => ({
        log: (level, event, fields) =>
          this.#report({ kind: 'log', level, actor, event, fields, wallMs: clock.wallMs }),
        stopwatchMs: () => performance.now(),
        random: randomBelow,
      }),
      peers: () => {
        assert(peerSockets !== null, 'this actor has no peers')
        return peerSockets(options, {
          clock,
          limits: peerLimits,
          tls: this.#peerTls(),
          kerberos,
          wake: () => this.#loop.wake(),
          unproven: (event, address, problem) =>
            this.#report({
              kind: 'log',
              level: 'warn',
              actor,
              event,
              wallMs: clock.wallMs,
              fields: { address, problem },
            }),
          bindFailed: ({ message }) =>
            this.#report({
              kind: 'log',
              level: 'warn',
              actor,
              event: 'bind-failed',
              wallMs: clock.wallMs,
              fields: { message },
            }),
          failed: (error) => this.#fail(error),
        })
      },
    }
  }

  /** What replaces the credentials comes as a message. */
  #peerTls(): PeerTlsHooks | null {
    const { actor, gauges, peerCredentials } = this.#data
    const { tls } = this.#modules
    if (peerCredentials === null || tls === null) return null
    const credentials = new tls.HeldCredentials(peerCredentials)
    this.#port.on('message', (context: SecureContextOptions) => credentials.replace(context))
    const failed = new GaugeTable(gauges).gauge(
      actor === 'zab' ? 'quorumTlsFailed' : 'electionTlsFailed',
    )
    return {
      ...{ transport: tls.tlsTransport, credentials, nowMs, wallMs },
      count: () => failed.add(1),
      log: (event, fields) =>
        this.#report({ kind: 'log', level: 'warn', actor, event, wallMs: wallMs(), fields }),
    }
  }

  #fail(error: unknown): void {
    const { actor } = this.#data
    const problem = this.#env.dataProblem?.() ?? null
    if (problem !== null) this.#report({ kind: 'data-gone', problem })
    else this.#report({ kind: 'failed', actor, state: this.#host.actor.describe(), error })
  }

  #report(message: ThreadReport | Description): void {
    this.#port.postMessage(message)
  }
}

/** In an ensemble. */
const SOCKET_OWNERS: ReadonlySet<ActorName> = new Set(['zab', 'election'])

async function load(data: ThreadData): Promise<Modules> {
  const { actor, options, socketDecision, peerCredentials } = data
  const isMember = options.ensemble !== null
  const ownsSockets = isMember && SOCKET_OWNERS.has(actor)
  const [build, files, config, sockets, tls, kerberos, reading] = await Promise.all([
    hostBuilder(actor, isMember),
    actor === 'log' ? import('../disk/files.ts') : null,
    actor === 'log' && options.reconfigEnabled ? import('../disk/config-folder.ts') : null,
    ownsSockets ? import('../peer/sockets.ts') : null,
    ownsSockets && peerCredentials !== null ? import('../peer/tls/tls-transport.ts') : null,
    ownsSockets ? loadPeerKerberos(options) : null,
    ownsSockets ? import('../socket/read-buffer.ts') : null,
  ])
  reading?.shareDecision(socketDecision)
  return {
    build,
    openFolders: files?.openFolders ?? null,
    configFiles: config?.configFiles ?? null,
    peerSockets: sockets?.peerSockets ?? null,
    tls,
    kerberos,
  }
}

/** Null: members do not come with Kerberos. The main thread has told the library where krb5.conf is. */
async function loadPeerKerberos({ quorumAuth }: ServerOptions): Promise<PeerKerberos | null> {
  if (!usesKerberos(quorumAuth)) return null
  const { PeerKerberos } = await import('../kerberos/peer-kerberos.ts')
  return PeerKerberos.load(quorumAuth, null)
}

assert(parentPort !== null, 'actor-thread is a worker')
const data = workerData as ThreadData
new ActorThread(data, await load(data), parentPort).run()
