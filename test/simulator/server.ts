// A whole server on one thread: the hosts, rings and codecs of production over a simulated network,
// disk and clock. Whoever holds it decides whose turn it is.

import { fail } from 'node:assert'
import type { Sessions } from '../../actors/sessions/sessions.ts'
import type { FrozenTree } from '../../actors/tree/snapshot/snapshot-source.ts'
import type { Tree } from '../../actors/tree/tree.ts'
import { formatZxid } from '../../protocol/zxid.ts'
import type { Environment } from '../../runtime/hosts/environment.ts'
import { type HostBuilder, hostBuilder } from '../../runtime/hosts/host-builder.ts'
import { GaugeTable } from '../../runtime/shared/gauges.ts'
import { LastHeardTable } from '../../runtime/shared/last-heard.ts'
import type { ActorHost } from '../../runtime/thread/actor-host.ts'
import { ACTORS, type ActorName, type Wiring, wire } from '../../runtime/topology.ts'
import { SimulatedNetwork } from './network/network.ts'
import type { SimulationOptions } from './options.ts'
import type { Tampering } from './plants/tampering.ts'
import { rareLimits } from './rare/rare-points.ts'
import { type RareTally, RareWatch, shortenTurns } from './rare/rare-watch.ts'
import { SimulatedClock, type SimulatedTime } from './world/clock.ts'
import type { Dice } from './world/dice.ts'
import { PowerCut, type SimulatedDisk } from './world/disk.ts'
import type { EventLog } from './world/event-log.ts'
import { type SnapshotTask, snapshotTask } from './world/snapshot-writer.ts'
import { UNREAD_METERS } from './world/unread-meters.ts'

/** Whatever gets turns: the actors, the network loop, the pool that writes snapshots. */
export type Runner = ActorName | 'network' | 'snapshots'
export const RUNNERS: readonly Runner[] = [...ACTORS, 'network', 'snapshots']

export type Death = 'power-cut' | 'disk-error'

const SLOTS = 4096
const HOST_BUILDERS: readonly (readonly [ActorName, HostBuilder])[] = await Promise.all(
  ACTORS.map(async (name) => [name, await hostBuilder(name, false)] as const),
)

export class SimulatedServer {
  readonly network: SimulatedNetwork
  readonly wiring: Wiring
  readonly gauges: GaugeTable = new GaugeTable()
  /** Since when what the session manager tells may have been decided: it decides nothing new while what it
   * has said waits for room. */
  decidedMs = 0
  readonly #time: SimulatedTime
  readonly #hosts: ReadonlyMap<ActorName, ActorHost>
  readonly #disk: SimulatedDisk
  readonly #options: SimulationOptions
  readonly #events: EventLog
  readonly #dice: Dice
  readonly #tally: RareTally
  readonly #watch: RareWatch | null
  #snapshots: SnapshotTask[] = []
  #hasSnapshot = false

  constructor(
    options: SimulationOptions,
    time: SimulatedTime,
    disk: SimulatedDisk,
    dice: Dice,
    events: EventLog,
    tampering: Tampering,
    tally: RareTally,
  ) {
    this.#options = options
    this.#time = time
    this.#disk = disk
    this.#dice = dice
    this.#events = events
    this.wiring = wire(options.rings)
    const heard = tampering.heard(new LastHeardTable(LastHeardTable.memoryFor(SLOTS)))
    const clock = new SimulatedClock(time)
    this.network = new SimulatedNetwork(
      this.wiring,
      clock,
      heard,
      options.server,
      this.gauges,
      events,
    )
    tampering.network(this.network.loop)
    const environment = (): Environment => ({
      clock: new SimulatedClock(time),
      gauges: this.gauges,
      meters: UNREAD_METERS,
      heard,
      takeSnapshot: (frozen) => this.#takeSnapshot(frozen, tampering),
      peers: () => fail('a server on its own has no peers'),
      openFiles: () => tampering.files(disk),
      logHooks: () => ({
        log: (level, event, fields) => events.add(`  ${level} ${event} ${JSON.stringify(fields)}`),
        stopwatchMs: () => 0,
        random: dice.below,
      }),
      logBatchBytesMax: options.logBatchBytesMax,
      rare: rareLimits(options.rare),
    })
    this.#hosts = new Map(
      HOST_BUILDERS.map(([name, build]) => {
        return [name, build(options.server, this.wiring, environment())]
      }),
    )
    shortenTurns(options.rare, this.#hosts.values())
    this.#tally = tally
    this.#watch = options.rare.size > 0 ? new RareWatch(tally, this, disk) : null
    tampering.tree(this.tree)
  }

  get tree(): Tree {
    return this.#hosts.get('tree')!.actor as Tree
  }

  get sessions(): Sessions {
    return this.#hosts.get('sessions')!.actor as Sessions
  }

  get serving(): boolean {
    return this.network.isServing
  }

  /** One turn. Returns what ended the process, null if it lives; throws what should not happen. */
  turn(runner: Runner): Death | null {
    try {
      if (runner === 'network') this.network.turn()
      else if (runner === 'snapshots') this.#writeSnapshot()
      else {
        const host = this.#hosts.get(runner)!
        if (runner === 'sessions' && !host.blocked) this.decidedMs = this.#time.nowMs
        host.turn()
        this.#watch?.turned(runner)
      }
      return null
    } catch (error) {
      // Recovery takes an error on reading a snapshot for damage: what it throws may hide the cause.
      if (rootCause(error) instanceof PowerCut || this.#disk.dark) return 'power-cut'
      if (this.#disk.failed) return 'disk-error'
      throw error
    }
  }

  /** The process is gone. */
  die(): void {
    this.#watch?.ended()
    this.network.die()
  }

  /** A snapshot is under way. */
  get writing(): boolean {
    return this.#snapshots.length > 0
  }

  describe(): string {
    return [...this.#hosts.values()].map((host) => host.actor.describe()).join('; ')
  }

  #takeSnapshot(frozen: FrozenTree, tampering: Tampering): void {
    this.#tally.add('quick-snapshot')
    this.#events.add(`  freeze ${formatZxid(frozen.zxid)}`)
    const { snapshotCompressionMethod, serializeLastProcessedZxid } = this.#options.server
    const delay = 1 + this.#dice.below(this.#options.snapshotDelay)
    tampering.frozen(this.tree, frozen)
    this.#snapshots.push(
      snapshotTask(
        this.#disk,
        frozen,
        snapshotCompressionMethod,
        serializeLastProcessedZxid,
        delay,
      ),
    )
  }

  #writeSnapshot(): void {
    const task = this.#snapshots[0]
    if (task === undefined) return
    const { zxid } = task.frozen
    try {
      if (task.steps.next().done !== true) return
      this.#hasSnapshot = true
      this.network.toLog.snapshotSaved(zxid)
      this.#events.add(`  snapshot ${formatZxid(zxid)}`)
    } catch (error) {
      if (error instanceof PowerCut || !this.#hasSnapshot) throw error
      this.network.toLog.snapshotFailed()
    }
    this.#snapshots.shift()
    this.network.toTree.pagesReleased(zxid)
  }
}

export function rootCause(error: unknown): unknown {
  let cause = error
  while (cause instanceof Error && cause.cause !== undefined) cause = cause.cause
  return cause
}
