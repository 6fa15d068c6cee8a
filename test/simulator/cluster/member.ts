// A member of a simulated ensemble: every actor with the hosts, rings, codecs and peer links of
// production, over a simulated transport, disk and clock. A runner gets a turn when its bell has
// rung or its time has come, a drawn moment later.

import type { Files } from '../../../actors/log/files/files.ts'
import type { Sessions } from '../../../actors/sessions/sessions.ts'
import type { FrozenTree } from '../../../actors/tree/snapshot/snapshot-source.ts'
import type { Tree } from '../../../actors/tree/tree.ts'
import type { Zab } from '../../../actors/zab/zab.ts'
import type { ServerOptions } from '../../../config/options.ts'
import type { TreeClientMessages } from '../../../protocol/messages/tree.ts'
import { formatZxid } from '../../../protocol/zxid.ts'
import type { Environment, PeerSockets } from '../../../runtime/hosts/environment.ts'
import { type HostBuilder, hostBuilder } from '../../../runtime/hosts/host-builder.ts'
import type { NetworkLoop } from '../../../runtime/net/network-loop.ts'
import { peerSockets } from '../../../runtime/peer/sockets.ts'
import { GaugeTable } from '../../../runtime/shared/gauges.ts'
import { LastHeardTable } from '../../../runtime/shared/last-heard.ts'
import type { ActorHost } from '../../../runtime/thread/actor-host.ts'
import { type ActorName, MEMBER_ACTORS, type Wiring, wire } from '../../../runtime/topology.ts'
import { SimulatedNetwork } from '../network/network.ts'
import { rareLimits } from '../rare/rare-points.ts'
import {
  journalled,
  type RareTally,
  RareWatch,
  shortenTurns,
  watchedSockets,
} from '../rare/rare-watch.ts'
import { rootCause } from '../server.ts'
import { SimulatedClock } from '../world/clock.ts'
import type { Dice } from '../world/dice.ts'
import { PowerCut, type SimulatedDisk } from '../world/disk.ts'
import type { EventLog } from '../world/event-log.ts'
import { type SnapshotTask, snapshotTask } from '../world/snapshot-writer.ts'
import { UNREAD_METERS } from '../world/unread-meters.ts'
import type { ClusterOptions } from './options.ts'
import type { Agenda } from './world/agenda.ts'
import { Alarm } from './world/alarm.ts'
import { configFilesOn } from './world/config-disk.ts'
import type { LocalTime } from './world/time.ts'
import type { Station, Wires } from './world/wires.ts'

export type MemberRunner = ActorName | 'network' | 'snapshots'
export const MEMBER_RUNNERS: readonly MemberRunner[] = [...MEMBER_ACTORS, 'network', 'snapshots']
export type Death = 'power-cut' | 'disk-error'

export interface MemberWorld {
  readonly agenda: Agenda
  readonly wires: Wires
  readonly events: EventLog
  readonly dice: Dice
  readonly options: ClusterOptions
  readonly tampering: ClusterTampering
  readonly tally: RareTally
  /** After each turn, and after whatever a socket brought. */
  turned(member: Member, runner: MemberRunner): void
  died(member: Member, how: Death): void
  /** The member's zab leads in this epoch, whatever its tree has heard of that. */
  leads(member: Member, epoch: number): void
  /** What must not happen at all. */
  failed(error: unknown): void
}

const SLOTS = 4096
const HOST_BUILDERS: readonly (readonly [ActorName, HostBuilder])[] = await Promise.all(
  MEMBER_ACTORS.map(async (name) => [name, await hostBuilder(name, true)] as const),
)
const HEARTBEAT_MS = 100

/** A runner, and when it is its turn. */
interface Place {
  readonly runner: MemberRunner
  /** Of an actor. */
  readonly host: ActorHost | undefined
  /** Who rings it since its last turn wants another. Its first word counts that: to read it as a doorbell
   * does, in order with what other threads do, costs a call each time. */
  readonly bell: Int32Array | undefined
  seen: number
  stalledUntilMs: number
  readonly alarm: Alarm
}

/** Where a mutation test may break a member on purpose. */
export interface ClusterTampering {
  files(disk: SimulatedDisk, member: Member): Files
  heard(table: LastHeardTable, member: Member): LastHeardTable
  network(network: { readonly loop: NetworkLoop; readonly toTree: TreeClientMessages }): void
  peers(sockets: PeerSockets, member: Member): PeerSockets
  /** Its actors have just been built. */
  built(member: Member): void
}

export class Member implements Station {
  readonly id: number
  readonly time: LocalTime
  readonly disk: SimulatedDisk
  readonly network: SimulatedNetwork
  readonly wiring: Wiring
  readonly gauges: GaugeTable = new GaugeTable()
  alive = true
  /** Since when what the session manager tells may have been decided, by the member's clock: it decides
   * nothing new while what it has said waits for room. */
  decidedMs = 0
  readonly #world: MemberWorld
  readonly #options: ServerOptions
  readonly #hosts: ReadonlyMap<ActorName, ActorHost>
  readonly #places: ReadonlyMap<MemberRunner, Place>
  /** The same, in the order in which bells are answered. */
  readonly #inOrder: readonly Place[]
  readonly #stalled: Set<Place> = new Set()
  readonly #watch: RareWatch | null
  #pausedUntilMs = 0
  /** What waits for the end of a pause. */
  #waiting: (() => void)[] = []
  #snapshots: SnapshotTask[] = []
  #hasSnapshot = false

  constructor(world: MemberWorld, options: ServerOptions, time: LocalTime, disk: SimulatedDisk) {
    this.#world = world
    this.#options = options
    this.id = options.serverId
    this.time = time
    this.disk = disk
    this.wiring = wire(world.options.rings)
    time.follow(world.agenda.nowMs)
    const heard = world.tampering.heard(new LastHeardTable(LastHeardTable.memoryFor(SLOTS)), this)
    const clock = new SimulatedClock(time)
    this.network = new SimulatedNetwork(
      this.wiring,
      clock,
      heard,
      options,
      this.gauges,
      world.events,
    )
    world.tampering.network(this.network)
    this.#hosts = new Map(
      HOST_BUILDERS.map(([name, build]) => {
        return [name, build(options, this.wiring, this.#environment(name, heard))]
      }),
    )
    shortenTurns(world.options.rare, this.#hosts.values())
    this.#watch = world.options.rare.size > 0 ? new RareWatch(world.tally, this, disk) : null
    this.#inOrder = MEMBER_RUNNERS.map((runner) => this.#placeOf(runner))
    this.#places = new Map(this.#inOrder.map((place) => [place.runner, place]))
    world.tampering.built(this)
    for (const { runner, bell } of this.#inOrder) if (bell !== undefined) this.wake(runner)
  }

  get rate(): number {
    return this.time.rate
  }

  get tree(): Tree {
    return this.#hosts.get('tree')!.actor as Tree
  }

  get sessions(): Sessions {
    return this.#hosts.get('sessions')!.actor as Sessions
  }

  get zab(): Zab {
    return this.#hosts.get('zab')!.actor as Zab
  }

  get paused(): boolean {
    return this.#pausedUntilMs > this.#world.agenda.nowMs
  }

  /** A snapshot is under way. */
  get writing(): boolean {
    return this.#snapshots.length > 0
  }

  describe(): string {
    const actors = [...this.#hosts.values()].map((host) => host.actor.describe())
    return `s${this.id}${this.paused ? ' paused' : ''}: ${actors.join('; ')}`
  }

  /** A turn soon. */
  wake(runner: MemberRunner): void {
    this.#places.get(runner)!.alarm.set(this.#latencyMs())
  }

  /** The process stands still, as after SIGSTOP. */
  pause(ms: number): void {
    const { agenda } = this.#world
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, agenda.nowMs + ms)
    agenda.at(this.#pausedUntilMs, () => this.#goOn())
  }

  /** Nothing holds it up any more. */
  resume(): void {
    this.#pausedUntilMs = 0
    for (const place of this.#stalled) {
      place.stalledUntilMs = 0
      place.alarm.set(this.#latencyMs())
    }
    this.#stalled.clear()
    this.#goOn()
  }

  /** One actor gets no turn for a while. */
  stall(runner: MemberRunner, ms: number): void {
    const place = this.#places.get(runner)!
    place.stalledUntilMs = this.#world.agenda.nowMs + ms
    this.#stalled.add(place)
  }

  perform(run: () => void): void {
    if (!this.alive) return
    if (this.paused) {
      this.#waiting.push(run)
      return
    }
    this.time.follow(this.#world.agenda.nowMs)
    this.#guard(run)
  }

  /** The process is gone. `silentMs`: how long nobody can tell. */
  die(silentMs: number): void {
    this.alive = false
    this.#watch?.ended()
    this.#waiting = []
    this.#world.wires.died(this, silentMs)
    this.network.die()
  }

  #goOn(): void {
    if (!this.alive || this.paused) return
    for (const run of this.#waiting.splice(0)) this.perform(run)
  }

  #placeOf(runner: MemberRunner): Place {
    const host = this.#hosts.get(runner as ActorName)
    const bells: Readonly<Partial<Record<MemberRunner, SharedArrayBuffer>>> = this.wiring.bells
    const memory = bells[runner]
    const bell = memory === undefined ? undefined : new Int32Array(memory)
    const turn = (): void => this.#turn(place)
    const isOn = (): boolean => this.alive
    const alarm = new Alarm(this.#world.agenda, isOn, () => this.perform(turn))
    const place: Place = { runner, host, bell, seen: -1, stalledUntilMs: 0, alarm }
    return place
  }

  #turn(place: Place): void {
    const { agenda, events } = this.#world
    const stalledMs = place.stalledUntilMs - agenda.nowMs
    if (stalledMs > 0) {
      place.alarm.set(stalledMs)
      return
    }
    if (place.bell !== undefined) place.seen = place.bell[0]!
    events.turn(agenda.nowMs, this.id, place.runner)
    try {
      const againMs = this.#take(place)
      this.#world.turned(this, place.runner)
      if (this.alive) place.alarm.set(againMs)
    } catch (error) {
      this.#failed(error)
    }
    this.#answerBells()
  }

  /** Takes the turn; in how many of the world's ms the next is due. */
  #take({ runner, host }: Place): number {
    if (host !== undefined) {
      if (runner === 'sessions' && !host.blocked) this.decidedMs = this.time.nowMs
      const more = host.turn()
      this.#watch?.turned(runner)
      return more ? this.#latencyMs() : host.parkMs() / this.rate
    }
    if (runner === 'network') {
      const more = this.network.turn()
      return more ? this.#latencyMs() : HEARTBEAT_MS / this.rate
    }
    this.#writeSnapshot()
    return this.writing ? this.#latencyMs() : Number.POSITIVE_INFINITY
  }

  /** Who was rung since its last turn gets one. */
  #answerBells(): void {
    for (const place of this.#inOrder) {
      if (place.bell !== undefined && place.bell[0] !== place.seen) {
        place.alarm.set(this.#latencyMs())
      }
    }
  }

  #guard(run: () => void): void {
    try {
      run()
    } catch (error) {
      this.#failed(error)
    }
  }

  #failed(error: unknown): void {
    // Recovery takes an error on reading a snapshot for damage: what it throws may hide the cause.
    if (rootCause(error) instanceof PowerCut || this.disk.dark) this.#world.died(this, 'power-cut')
    else if (this.disk.failed) this.#world.died(this, 'disk-error')
    else this.#world.failed(error)
  }

  #latencyMs(): number {
    const { dice, options } = this.#world
    return (dice.below(1000) / 1000) * options.latencyMsMax
  }

  #environment(actor: ActorName, heard: LastHeardTable): Environment {
    const { events, options, dice, tampering, tally, wires } = this.#world
    const clock = new SimulatedClock(this.time)
    return {
      clock,
      gauges: this.gauges,
      meters: UNREAD_METERS,
      heard,
      takeSnapshot: (frozen) => this.#takeSnapshot(frozen),
      openFiles: () => tampering.files(this.disk, this),
      saveConfig: (which, text) => configFilesOn(this.disk, this.id).save(which, text),
      logHooks: () => ({
        log: (level, event, fields) => {
          journalled(tally, event, fields)
          if (event === 'leading') this.#world.leads(this, Number(fields['epoch']))
          events.add(`  s${this.id} ${level} ${event} ${JSON.stringify(fields)}`)
        },
        stopwatchMs: () => 0,
        random: dice.below,
      }),
      logBatchBytesMax: options.logBatchBytesMax,
      feeding: options.feeding,
      rare: rareLimits(options.rare),
      peers: () => {
        const hooks = {
          clock,
          limits: { learnersMax: 1024, strangersMax: 16, handshakesMax: 64 },
          backlogBytesMax: options.feeding.roomBytes * 4,
          wake: () => this.wake(actor),
          bindFailed: (error: Error) => this.#world.failed(error),
          failed: (error: unknown) => this.#world.failed(error),
        }
        const sockets = peerSockets(this.#options, hooks, wires.transport(this))
        return tampering.peers(watchedSockets(tally, sockets), this)
      },
    }
  }

  #takeSnapshot(frozen: FrozenTree): void {
    const { options, dice, events, tally } = this.#world
    tally.add('quick-snapshot')
    events.add(`  s${this.id} freeze ${formatZxid(frozen.zxid)}`)
    const { snapshotCompressionMethod, serializeLastProcessedZxid } = this.#options
    const delay = 1 + dice.below(options.snapshotDelay)
    this.#snapshots.push(
      snapshotTask(this.disk, frozen, snapshotCompressionMethod, serializeLastProcessedZxid, delay),
    )
    this.wake('snapshots')
  }

  #writeSnapshot(): void {
    const task = this.#snapshots[0]
    if (task === undefined) return
    const { zxid } = task.frozen
    try {
      if (task.steps.next().done !== true) return
      this.#hasSnapshot = true
      this.network.toLog.snapshotSaved(zxid)
      this.#world.events.add(`  s${this.id} snapshot ${formatZxid(zxid)}`)
    } catch (error) {
      if (error instanceof PowerCut || !this.#hasSnapshot) throw error
      this.network.toLog.snapshotFailed()
    }
    this.#snapshots.shift()
    this.network.toTree.pagesReleased(zxid)
    this.wake('network')
  }
}
