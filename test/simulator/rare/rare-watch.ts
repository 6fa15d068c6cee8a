// Counts how often the rare paths of one server were taken (rare-points.ts). Made where a seed has
// points switched on, and asked after each turn.

import type { Tree } from '../../../actors/tree/tree.ts'
import { ZAB } from '../../../runtime/edges/zab-edge.ts'
import type { LearnerSockets, PeerSockets } from '../../../runtime/hosts/environment.ts'
import { occupancyOf } from '../../../runtime/ring/ring-counters.ts'
import type { GaugeTable } from '../../../runtime/shared/gauges.ts'
import type { ActorHost } from '../../../runtime/thread/actor-host.ts'
import {
  countersOf,
  EDGE_NAMES,
  type EdgeName,
  MEMBER_ACTORS,
  type Wiring,
} from '../../../runtime/topology.ts'
import type { SimulatedDisk } from '../world/disk.ts'
import { Tap } from '../world/tap.ts'
import { messagesMaxOf, type RarePoint, type RarePoints } from './rare-points.ts'

const EDGES_TO: ReadonlyMap<string, readonly EdgeName[]> = new Map(
  MEMBER_ACTORS.map((actor) => [actor, EDGE_NAMES.filter((edge) => edge.endsWith(`>${actor}`))]),
)

/** Of a whole simulation. */
export class RareTally {
  readonly counts: Map<RarePoint, number> = new Map()
  readonly #points: RarePoints

  constructor(points: RarePoints) {
    this.#points = points
  }

  has(point: RarePoint): boolean {
    return this.#points.has(point)
  }

  /** What was seen of a point that is not switched on is no merit of it. */
  add(point: RarePoint, times: number = 1): void {
    if (times > 0 && this.has(point)) {
      this.counts.set(point, (this.counts.get(point) ?? 0) + times)
    }
  }
}

export interface WatchedServer {
  readonly wiring: Wiring
  readonly gauges: GaugeTable
  readonly tree: Tree
}

export class RareWatch {
  readonly #tally: RareTally
  readonly #server: WatchedServer
  readonly #disk: SimulatedDisk
  readonly #fromLog: { listen(): void }
  #syncs = 0
  readonly #logsBegun: number
  readonly #sparesTaken: number
  readonly #filesRemoved: number

  constructor(tally: RareTally, server: WatchedServer, disk: SimulatedDisk) {
    this.#tally = tally
    this.#server = server
    this.#disk = disk
    this.#fromLog = new Tap(server.wiring.rings['log>zab'], ZAB, {
      entriesRead: () => tally.add('from-disk'),
      pieceRead: () => tally.add('small-piece'),
      readFailed: () => tally.add('nothing-held'),
    })
    this.#logsBegun = disk.logsBegun
    this.#sparesTaken = disk.sparesTaken
    this.#filesRemoved = disk.filesRemoved
  }

  /** After a turn of an actor's. */
  turned(actor: string): void {
    if (this.#tally.has('short-turn') && this.#hasLeft(actor)) this.#tally.add('short-turn')
    if (actor === 'log') this.#logTurned()
    else if (actor === 'tree' && this.#server.tree.isHeld) this.#tally.add('long-read')
  }

  /** The server has ended. */
  ended(): void {
    const { rings } = countersOf(this.#server.wiring)
    this.#tally.add(
      'full-ring',
      rings.reduce((sum, [, , { stalls }]) => sum + stalls, 0),
    )
    this.#tally.add('short-log', this.#disk.logsBegun - this.#logsBegun - 1)
    this.#tally.add('spare-log', this.#disk.sparesTaken - this.#sparesTaken)
    this.#tally.add('no-spare', this.#disk.filesRemoved - this.#filesRemoved)
  }

  #hasLeft(actor: string): boolean {
    const { rings } = this.#server.wiring
    return EDGES_TO.get(actor)!.some((edge) => occupancyOf(rings[edge]) > 0)
  }

  #logTurned(): void {
    const syncs = this.#server.gauges.read('syncs')
    if (syncs > this.#syncs + 1) this.#tally.add('small-batch')
    this.#syncs = syncs
    this.#fromLog.listen()
  }
}

export function shortenTurns(points: RarePoints, hosts: Iterable<ActorHost>): void {
  const messagesMax = messagesMaxOf(points)
  if (messagesMax !== undefined) for (const host of hosts) host.messagesMax = messagesMax
}

/** An actor says this in its server's log. */
export function journalled(
  tally: RareTally,
  event: string,
  fields: Readonly<Record<string, string | number>>,
): void {
  if (event === 'synchronizes' && fields['by'] === 'SNAP') tally.add('always-snap')
}

/** The same sockets; what is asked of them is counted. */
export function watchedSockets(tally: RareTally, sockets: PeerSockets): PeerSockets {
  return {
    electionLinks: (listener) => sockets.electionLinks(listener),
    learnerLinks: (listener) => {
      const links: LearnerSockets = sockets.learnerLinks(listener)
      const { broadcastSoon, takeOverfull } = links
      links.broadcastSoon = (to, ...packet) => {
        if (to.length > 0) tally.add('lone-write')
        broadcastSoon.call(links, to, ...packet)
      }
      links.takeOverfull = () => {
        const overfull = takeOverfull.call(links)
        tally.add('no-room', overfull.length)
        return overfull
      }
      return links
    },
  }
}
