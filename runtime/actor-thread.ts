// The entry of a worker thread: one actor, turned until it is told to stop, parked on its doorbell
// when there is nothing to do.
//
// A parked thread runs no event loop, so nothing here is asynchronous but what is posted to the
// main thread. An actor that throws ends the process: the main thread logs it and exits.

import { parentPort, workerData } from 'node:worker_threads'
import type { ServerOptions } from '../config/options.ts'
import { assert } from '../protocol/assert.ts'
import { nowMs, SystemClock } from './clock.ts'
import { openFolders } from './disk/files.ts'
import { Doorbell } from './doorbell.ts'
import { GaugeTable } from './gauges.ts'
import { HeardTable } from './heard.ts'
import { buildHost, type Environment } from './hosts.ts'
import { Patience } from './patience.ts'
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

function run(data: ThreadData, report: (message: ThreadReport) => void): void {
  const bell = new Doorbell(data.wiring.bells[data.actor])
  const stop = new Int32Array(data.stop)
  const env: Environment = {
    clock: new SystemClock(),
    gauges: new GaugeTable(data.gauges),
    heard: new HeardTable(data.heard),
    takeSnapshot: (frozen) => report({ kind: 'snapshot', frozen }),
    openFiles: () =>
      openFolders({
        logDir: data.options.dataLogDir,
        snapshotDir: data.options.dataDir,
        autocreate: data.options.datadirAutocreate,
      }),
    logHooks: () => ({
      log: (level, event, fields) =>
        report({ kind: 'log', level, actor: data.actor, event, fields }),
      stopwatchMs: () => performance.now(),
      random: randomBelow,
    }),
  }
  const patience = new Patience(bell, nowMs, () => env.gauges.read('syncMicros') / 1000)
  const host = buildHost(data.actor, data.options, data.wiring, env)
  let rung = false
  for (;;) {
    const seen = bell.read()
    let working: boolean
    try {
      working = host.turn()
    } catch (error) {
      report({ kind: 'failed', actor: data.actor, state: host.actor.describe(), error })
      return
    }
    if (working) {
      rung = false
      continue
    }
    if (Atomics.load(stop, 0) !== 0) break
    // Rung for nothing: somebody knows that work is on its way.
    if ((rung || host.expectsSoon) && patience.look(seen)) {
      rung = false
      continue
    }
    rung = bell.park(seen, host.parkMs())
  }
  host.close()
}

assert(parentPort !== null, 'actor-thread is a worker')
const port = parentPort
run(workerData as ThreadData, (message) => port.postMessage(message))
