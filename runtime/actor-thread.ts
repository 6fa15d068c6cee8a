// The entry of a worker thread: one actor, turned until it is told to stop, parked on its doorbell
// when there is nothing to do.
//
// A parked thread runs no event loop, so nothing here is asynchronous but what is posted to the
// main thread; only a member's zab and election, which own sockets, run one (bell-loop.ts). An
// actor that throws ends the process: the main thread logs it and exits.

import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import type { FrozenTree } from '../actors/tree/snapshot-source.ts'
import type { ServerOptions } from '../config/options.ts'
import { assert } from '../protocol/assert.ts'
import type { Link } from '../protocol/messages/zab.ts'
import type { ActorHost } from './actor-host.ts'
import { BellLoop } from './bell-loop.ts'
import { nowMs, SystemClock } from './clock.ts'
import { openFolders } from './disk/files.ts'
import { Doorbell } from './doorbell.ts'
import { GaugeTable } from './gauges.ts'
import { HeardTable } from './heard.ts'
import { buildHost, type Environment } from './hosts.ts'
import { MemberZabHost } from './member-hosts.ts'
import { Patience } from './patience.ts'
import { peerSockets } from './peer/sockets.ts'
import { randomBelow } from './random.ts'
import type { ThreadReport } from './thread-report.ts'
import type { ActorName, Wiring } from './topology.ts'

export interface ThreadData {
  readonly actor: ActorName
  readonly options: ServerOptions
  readonly wiring: Wiring
  readonly gauges: SharedArrayBuffer
  readonly heard: SharedArrayBuffer
  /** Int32: not zero asks the thread to end when it has nothing left to do. */
  readonly stop: SharedArrayBuffer
}

/** What the main thread posts to an actor's thread: to zab's alone. */
export interface LearnerSnapshot {
  readonly link: Link
  readonly frozen: FrozenTree
}

class ActorThread {
  readonly #data: ThreadData
  readonly #port: MessagePort
  readonly #bell: Doorbell
  readonly #stop: Int32Array
  readonly #env: Environment
  readonly #loop: BellLoop
  readonly #host: ActorHost
  readonly #patience: Patience

  constructor(data: ThreadData, port: MessagePort) {
    this.#data = data
    this.#port = port
    this.#bell = new Doorbell(data.wiring.bells[data.actor])
    this.#stop = new Int32Array(data.stop)
    this.#loop = new BellLoop(this.#bell, nowMs)
    this.#env = this.#environment()
    const { gauges } = this.#env
    this.#patience = new Patience(this.#bell, nowMs, () => gauges.read('syncMicros') / 1000)
    this.#host = buildHost(data.actor, data.options, data.wiring, this.#env)
  }

  run(): void {
    const hasSockets = this.#data.options.ensemble !== null && SOCKET_OWNERS.has(this.#data.actor)
    if (!hasSockets) {
      this.#parkOnBell()
      return
    }
    this.#port.on('message', ({ link, frozen }: LearnerSnapshot) => {
      if (this.#host instanceof MemberZabHost) this.#host.sendSnapshot(link, frozen)
      this.#loop.wake()
    })
    const host = this.#host
    const steps = {
      step: () => this.#turn(),
      awaitRing: (seen: number) => host.expectsSoon && this.#patience.park(seen),
      parkMs: () => host.parkMs(),
      ended: () => Atomics.load(this.#stop, 0) !== 0,
    }
    void this.#loop.run(steps).then(() => {
      host.close()
      this.#port.close()
    })
  }

  /** Whether there is more to do. An actor that fails reports it and is stopped for good. */
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
      if (Atomics.load(this.#stop, 0) !== 0) break
      // Rung for nothing: somebody knows that work is on its way.
      if ((rung || this.#host.expectsSoon) && this.#patience.look(seen)) {
        rung = false
        continue
      }
      rung = this.#bell.park(seen, this.#host.parkMs())
    }
    this.#host.close()
  }

  #environment(): Environment {
    const { actor, options, gauges, heard } = this.#data
    const clock = new SystemClock()
    return {
      clock,
      gauges: new GaugeTable(gauges),
      heard: new HeardTable(heard),
      takeSnapshot: (frozen) => this.#report({ kind: 'snapshot', frozen }),
      sendSnapshot: (link, frozen) => this.#report({ kind: 'learner-snapshot', link, frozen }),
      openFiles: () =>
        openFolders({
          logDir: options.dataLogDir,
          snapshotDir: options.dataDir,
          autocreate: options.datadirAutocreate,
        }),
      logHooks: () => ({
        log: (level, event, fields) => this.#report({ kind: 'log', level, actor, event, fields }),
        stopwatchMs: () => performance.now(),
        random: randomBelow,
      }),
      peers: () =>
        peerSockets(options, {
          clock,
          wake: () => this.#loop.wake(),
          bindFailed: ({ message }) =>
            this.#report({
              kind: 'log',
              level: 'warn',
              actor,
              event: 'bind-failed',
              fields: { message },
            }),
          failed: (error) => this.#fail(error),
        }),
    }
  }

  #fail(error: unknown): void {
    const state = this.#host.actor.describe()
    this.#report({ kind: 'failed', actor: this.#data.actor, state, error })
  }

  #report(message: ThreadReport): void {
    this.#port.postMessage(message)
  }
}

/** In an ensemble. */
const SOCKET_OWNERS: ReadonlySet<ActorName> = new Set(['zab', 'election'])

assert(parentPort !== null, 'actor-thread is a worker')
new ActorThread(workerData as ThreadData, parentPort).run()
