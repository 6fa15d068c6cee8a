// What a seed decides about an ensemble before anything happens: its members, their settings, how
// often what goes wrong. Swarm testing: each seed favours some things and never does others.

import type { EnsembleOptions } from '../../../config/ensemble/ensemble.ts'
import { DEFAULTS, type ServerOptions } from '../../../config/options.ts'
import { ENSEMBLE_DEFAULTS } from '../../../config/settings/registry.ts'
import type { Member } from '../../../protocol/quorum/membership-config.ts'
import type { FeedingLimits } from '../../../runtime/hosts/environment.ts'
import type { EdgeName } from '../../../runtime/topology.ts'
import {
  drawGuessers,
  drawHandshakes,
  drawHostileClients,
  SMALL,
  type Workload,
} from '../options.ts'
import { NO_POINTS, type RarePoints } from '../rare/rare-points.ts'
import { Dice } from '../world/dice.ts'
import { varied } from './variety.ts'
import { hostOf } from './world/wires.ts'

/** Weights against each other; 0 for never. */
export interface ClusterFaults {
  readonly kill: number
  readonly powerCut: number
  readonly killAll: number
  readonly diskError: number
  readonly fullDisk: number
  readonly slowDisk: number
  readonly pause: number
  readonly stall: number
  readonly isolate: number
  readonly isolateLeader: number
  /** The leader is cut off and stands still: when it goes on, it may not know that it leads no more. */
  readonly eclipse: number
  readonly halves: number
  readonly bridge: number
  readonly ring: number
  readonly flapping: number
  readonly oneWay: number
  readonly cutLinks: number
  readonly heal: number
  readonly wallJump: number
}

export const NO_FAULTS: ClusterFaults = {
  kill: 0,
  powerCut: 0,
  killAll: 0,
  diskError: 0,
  fullDisk: 0,
  slowDisk: 0,
  pause: 0,
  stall: 0,
  isolate: 0,
  isolateLeader: 0,
  eclipse: 0,
  halves: 0,
  bridge: 0,
  ring: 0,
  flapping: 0,
  oneWay: 0,
  cutLinks: 0,
  heal: 0,
  wallJump: 0,
}

/** How time passes: in one stretch, dense with requests and faults; or for minutes, in which clients
 * come in bursts, and faults last as long as they do in life. */
export interface Rhythm {
  /** Of the world: for how long anything may go wrong. */
  readonly stormMs: number
  /** Between two faults, on average. */
  readonly paceMs: number
  /** A stall, a pause, a slow disk last less than one of these. */
  readonly faultMs: readonly number[]
  /** A server that died is started again within this. */
  readonly restartMs: number
  /** What a client does before it pauses, on average. */
  readonly burst: number
  /** How long it pauses, at most. It pings meanwhile. */
  readonly pauseMs: number
}

export interface ClusterOptions {
  readonly seed: number
  readonly rhythm: Rhythm
  readonly faults: ClusterFaults
  readonly workload: Workload
  /** Of the clients, those that write nothing and sync a lot. */
  readonly readers: number
  /** What clients ask for. */
  readonly sessionTimeoutMs: number
  /** Of each member, by id. */
  readonly members: ReadonlyMap<number, ServerOptions>
  /** Shared by all members. */
  readonly server: ServerOptions
  readonly rings: Readonly<Partial<Record<EdgeName, number>>>
  readonly logBatchBytesMax: number
  /** While anything may go wrong: members to whom links are slow, in bytes a millisecond. */
  readonly slowLinks: ReadonlyMap<number, number>
  /** Of what learners that lag are given. */
  readonly feeding: FeedingLimits
  readonly snapshotDelay: number
  /** From a bell to the turn it asks for, at most. */
  readonly latencyMsMax: number
  /** Of a segment between two members, at most, while anything may go wrong. */
  readonly delayMsMax: number
  /** A clock's rate differs from the world's by this at most. */
  readonly drift: number
  /** Between two strikes of damage on disks while anything may go wrong, on average; 0 for never. */
  readonly damageMs: number
  /** Between two visits of a hostile peer while anything may go wrong, on average; 0: it never comes. */
  readonly hostilePeerMs: number
  /** Between two reconfigurations that are asked for, on average; 0: the members stay who they are. */
  readonly reconfigMs: number
  /** Clients that mean no good, and how often each of them makes a move. */
  readonly hostileClients: number
  /** Clients that prove themselves with SASL, or try to without a proof. */
  readonly guessers: number
  readonly visitMs: number
  /** What is rare and happens all the time here. */
  readonly rare: RarePoints
}

const KIB = 1024
const DENSE_EVERY = 4
const SLOW_EVERY = 5
export const READERS_EVERY = 7
/** A reader is there to meet a leader that does not know that it is none any more. */
const DEPOSING: Partial<ClusterFaults> = {
  eclipse: 12,
  kill: 1,
  killAll: 0,
}
/** There are two clients at least: one of them writes. */
const READERS = 4

export function clusterOptionsOf(seed: number): ClusterOptions {
  return varied(plainClusterOptionsOf(seed))
}

/** Without what makes a seed special (variety.ts): members that are broken on purpose are found out by
 * what they do in these, whatever else is varied one day. */
export function plainClusterOptionsOf(seed: number): ClusterOptions {
  const dice = new Dice(seed * 2654435761 + 1)
  const server = { ...drawServer(dice), ...drawHandshakes(seed) }
  return {
    readers: hasReaders(seed) ? READERS : 0,
    seed,
    rhythm: drawRhythm(dice, seed),
    faults: hasReaders(seed) ? { ...drawFaults(dice), ...DEPOSING } : drawFaults(dice),
    workload: drawWorkload(dice),
    sessionTimeoutMs: server.tickTimeMs * dice.pick([2, 4, 8]),
    members: drawMembers(dice, server, drawFirstId(seed)),
    server,
    rings: drawRings(dice),
    logBatchBytesMax: dice.pick([1, 300, 1 << 20]),
    // Dice of their own: what else a seed draws stays what it was.
    feeding: drawFeeding(new Dice(seed * 2654435761 + 2)),
    slowLinks: drawSlowLinks(new Dice(seed * 2654435761 + 3), seed),
    snapshotDelay: dice.pick([1, 10, 50]),
    latencyMsMax: dice.pick([0.1, 1, 4]),
    delayMsMax: dice.pick([1, 5, 20, 80]),
    drift: dice.pick([0, 0.001, 0.03]),
    damageMs: drawDamage(seed),
    hostilePeerMs: drawHostilePeer(seed),
    reconfigMs: 0,
    hostileClients: drawHostileClients(seed),
    guessers: drawGuessers(seed),
    visitMs: VISIT_MS,
    rare: NO_POINTS,
  }
}

/** By chance of its own, so that all else is the same with and without it. */
function drawDamage(seed: number): number {
  const dice = new Dice(seed * 48271 + 7)
  if (!dice.oneIn(3)) return 0
  return seed % DENSE_EVERY === 0 ? dice.pick([500, 1500]) : dice.pick([4000, 20_000])
}

function hasReaders(seed: number): boolean {
  return seed % READERS_EVERY === READERS_EVERY - 1
}

function drawRhythm(dice: Dice, seed: number): Rhythm {
  if (seed % DENSE_EVERY === 0 || hasReaders(seed)) {
    return {
      stormMs: dice.pick([2000, 4000, 6000]),
      paceMs: dice.pick([80, 200, 500]),
      faultMs: [50, 400, 2500],
      restartMs: 3000,
      burst: Number.POSITIVE_INFINITY,
      pauseMs: 0,
    }
  }
  const paceMs = dice.pick([2000, 4000, 8000])
  return {
    // Twenty faults or so.
    stormMs: paceMs * dice.between(15, 25),
    paceMs,
    faultMs: [50, 400, 2500, 12_000, 30_000],
    restartMs: dice.pick([1000, 5000, 20_000]),
    burst: dice.pick([5, 20]),
    pauseMs: paceMs * dice.pick([1, 2]),
  }
}

/** To one member or two, or to all: so a leader's own is slow as well, which it does not feel. */
function drawSlowLinks(dice: Dice, seed: number): ReadonlyMap<number, number> {
  const hasReaders = seed % READERS_EVERY === READERS_EVERY - 1
  if (seed % SLOW_EVERY !== SLOW_EVERY - 1 || hasReaders) return new Map()
  const ids = Array.from({ length: dice.pick([1, 2, 3]) }, () => dice.between(1, 3))
  return new Map(ids.map((id) => [id, dice.pick([3, 20, 100])]))
}

/** Small, so that much is read back from the disk. */
function drawFeeding(dice: Dice): FeedingLimits {
  return {
    pieceBytesMax: dice.pick([200, 1000, 4 * KIB]),
    nearBytesMax: dice.pick([0, 600, 20 * KIB]),
    heldBytesMax: dice.pick([2 * KIB, 100 * KIB]),
    roomBytes: dice.pick([100, 1000, 8 * KIB]),
    memoryBytesMax: dice.pick([500, 20 * KIB, 1 << 20]),
  }
}

const PEACEFUL = 100
const VISIT_MS = 30

/** By chance of its own, so that all else is the same with and without it. */
function drawHostilePeer(seed: number): number {
  // In the first seeds members that are broken on purpose are found out, without anybody's help; and
  // who lies and whose disk does are not simulated together.
  if (seed < PEACEFUL || drawDamage(seed) > 0) return 0
  const dice = new Dice(seed * 40503 + 11)
  return dice.oneIn(4) ? dice.pick([10, 50, 200]) : 0
}

function drawFaults(dice: Dice): ClusterFaults {
  const upTo = (most: number): number => dice.below(most + 1)
  return {
    kill: upTo(4),
    powerCut: upTo(4),
    killAll: upTo(1),
    diskError: upTo(1),
    fullDisk: upTo(1),
    slowDisk: upTo(3),
    pause: upTo(3),
    stall: upTo(3),
    isolate: upTo(2),
    isolateLeader: upTo(1),
    eclipse: upTo(1),
    halves: upTo(1),
    bridge: upTo(1),
    ring: upTo(1),
    flapping: upTo(1),
    oneWay: upTo(3),
    cutLinks: upTo(4),
    heal: 2 + upTo(4),
    wallJump: upTo(1),
  }
}

function drawWorkload(dice: Dice): Workload {
  return {
    clients: dice.between(2, 5),
    window: dice.pick([1, 4, 16]),
    names: dice.pick([3, 6, 15]),
    dataBytesMax: dice.pick([4, 40, 40, 1500]),
    ephemerals: !dice.oneIn(4),
    multis: !dice.oneIn(3),
    watches: !dice.oneIn(4),
    acls: dice.oneIn(3),
    disconnects: !dice.oneIn(4),
    ...SMALL,
  }
}

function drawServer(dice: Dice): ServerOptions {
  const tickTimeMs = dice.pick([200, 400, 1000])
  return {
    ...DEFAULTS,
    tickTimeMs,
    minSessionTimeoutMs: tickTimeMs * 2,
    maxSessionTimeoutMs: tickTimeMs * 20,
    globalOutstandingLimit: dice.pick([4, 20, 60]),
    preAllocSizeBytes: dice.pick([0, 4 * KIB]),
    snapCount: dice.pick([4, 30, 200, 100_000]),
    snapSizeLimitBytes: dice.pick([-1, -1, 4 * KIB]),
    txnLogSizeLimitBytes: dice.pick([-1, 3 * KIB, 30 * KIB]),
    serializeLastProcessedZxid: dice.oneIn(2),
    digestEnabled: !dice.oneIn(8),
    extendedTypes: dice.oneIn(2),
    containerCheckIntervalMs: dice.pick([500, 60_000]),
    containerMaxNeverUsedIntervalMs: dice.pick([0, 2000, 300_000]),
  }
}

/** Of the ids, which follow one another. By chance of its own as well. */
function drawFirstId(seed: number): number {
  return drawHostilePeer(seed) > 0 ? new Dice(seed * 69621 + 5).pick([0, 1, 1, 1001]) : 1
}

function drawMembers(
  dice: Dice,
  server: ServerOptions,
  first: number,
): ReadonlyMap<number, ServerOptions> {
  const voters = dice.pick([3, 3, 3, 3, 5, 5, 7])
  const observers = dice.oneIn(3) ? dice.between(1, 2) : 0
  const members = Array.from({ length: voters + observers }, (_, i): Member => {
    return {
      id: first + i,
      role: i < voters ? 'participant' : 'observer',
      addresses: [{ host: hostOf(first + i), quorumPort: 2888, electionPort: 3888 }],
      clientHost: null,
      clientPort: null,
    }
  })
  const grouped = voters === 5 && dice.oneIn(3)
  const groups = grouped
    ? new Map([
        [1, [first, first + 1, first + 2]],
        [2, [first + 3]],
        [3, [first + 4]],
      ])
    : new Map<number, number[]>()
  const weights = grouped && dice.oneIn(2) ? new Map([[first, 2]]) : new Map<number, number>()
  const ensemble: Omit<EnsembleOptions, 'serverId' | 'peerType'> = {
    ...ENSEMBLE_DEFAULTS,
    initLimit: dice.pick([5, 10]),
    syncLimit: dice.pick([3, 5]),
    commitLogCount: dice.pick([2, 8, 30, 500]),
    heartbeatMs: dice.pick([50, 100]),
    silenceMs: dice.pick([300, 500]),
    standaloneEnabled: true,
    membership: { version: 0n, members, groups, weights },
  }
  return new Map(
    members.map(({ id, role }) => {
      return [
        id,
        { ...server, serverId: id, ensemble: { ...ensemble, serverId: id, peerType: role } },
      ]
    }),
  )
}

/** Small rings spill and starve; those that carry commits must hold all that are under way. */
function drawRings(dice: Dice): Partial<Record<EdgeName, number>> {
  const size = dice.pick([4 * KIB, 64 * KIB])
  const commits = 128 * KIB
  const small = 16 * KIB
  return {
    'network>tree': size,
    'network>sessions': small,
    'network>log': small,
    'sessions>tree': small,
    'sessions>zab': small,
    'tree>sessions': small,
    'tree>zab': size,
    'tree>watches': size,
    'tree>log': size,
    'tree>network': size,
    'zab>log': size,
    'zab>tree': commits,
    'zab>sessions': small,
    'zab>election': small,
    'election>zab': small,
    'log>zab': commits,
    'log>tree': commits,
    'watches>network': size,
  }
}

/** Everything that was drawn, in a line. */
export function describeCluster({ members, server, ...options }: ClusterOptions): string {
  const defaults: Readonly<Record<string, unknown>> = { ...DEFAULTS }
  const drawn = Object.entries(server).filter(([key, value]) => defaults[key] !== value)
  const ensemble = [...members.values()][0]?.ensemble
  return JSON.stringify({
    ...options,
    slowLinks: [...options.slowLinks],
    rare: [...options.rare],
    server: Object.fromEntries(drawn),
    ensemble: ensemble && {
      ...ensemble,
      membership: undefined,
      members: ensemble.membership.members.map(({ role }) => role).join(),
      groups: [...ensemble.membership.groups],
      weights: [...ensemble.membership.weights],
    },
  })
}
