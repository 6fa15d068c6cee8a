// What a seed decides before anything happens: the server's settings, the rings' sizes, how often
// what goes wrong. Swarm testing: each seed favours some things and never does others.

import { DEFAULTS, type ServerOptions } from '../../config/options.ts'
import type { EdgeName } from '../../runtime/topology.ts'
import { drawRarePoints, NO_POINTS, type RarePoints, tightenedBy } from './rare/rare-points.ts'
import { Dice } from './world/dice.ts'

export interface Faults {
  /** Steps between two of a kind on average; 0 for never. */
  readonly kill: number
  readonly powerCut: number
  readonly diskError: number
  readonly stall: number
  readonly quiet: number
  readonly wallJump: number
}

export interface Workload {
  readonly clients: number
  /** Requests a client has under way at most. */
  readonly window: number
  /** Names a level of the tree draws from. */
  readonly names: number
  readonly dataBytesMax: number
  readonly ephemerals: boolean
  readonly multis: boolean
  readonly watches: boolean
  readonly acls: boolean
  readonly disconnects: boolean
  /** Of writes of one value, one in so many is of a megabyte; 0 for none. */
  readonly megabyteEvery: number
  /** Of 5000 nodes each, which clients may plant. */
  readonly groves: number
}

export interface SimulationOptions {
  readonly seed: number
  readonly steps: number
  readonly faults: Faults
  readonly workload: Workload
  readonly server: ServerOptions
  readonly rings: Readonly<Partial<Record<EdgeName, number>>>
  readonly logBatchBytesMax: number
  /** Clients that mean no good. */
  readonly hostileClients: number
  /** Clients that prove themselves with SASL, or try to without a proof. */
  readonly guessers: number
  /** Steps from the freezing of a snapshot to the first byte of its file, at most. */
  readonly snapshotDelay: number
  /** What is rare and happens all the time here. */
  readonly rare: RarePoints
}

const STEPS = 2500
const KIB = 1024

export function optionsOf(seed: number): SimulationOptions {
  const bulk = drawBulk(seed, SERVER_MEGABYTE_EVERY)
  const points = bulk === SMALL ? drawRarePoints(seed, 'server') : NO_POINTS
  return tightenedBy(points, roomy(plainOptionsOf(seed), bulk))
}

/** Without what makes a seed special: servers that are broken on purpose are found out by what they do
 * in these, whatever else is varied one day. */
export function plainOptionsOf(seed: number): SimulationOptions {
  const dice = new Dice(seed * 2654435761)
  return {
    seed,
    steps: STEPS,
    faults: drawFaults(dice),
    workload: drawWorkload(dice),
    server: { ...drawServer(dice), ...drawHandshakes(seed) },
    hostileClients: drawHostileClients(seed),
    guessers: drawGuessers(seed),
    rings: drawRings(dice),
    logBatchBytesMax: dice.pick([1, 300, 1 << 20]),
    snapshotDelay: dice.pick([1, 30, 200]),
    rare: NO_POINTS,
  }
}

/** In the first seeds servers that are broken on purpose are found out without anybody's help. */
const PEACEFUL = 100

/** By chance of its own, so that all else is the same with and without them. */
export function drawHostileClients(seed: number): number {
  const dice = new Dice(seed * 69069 + 13)
  return seed >= PEACEFUL && dice.oneIn(4) ? dice.between(1, 3) : 0
}

/** Beyond the seeds that the suite runs, so that those stay what they were: it has tests of its own. */
const GUESSING = 2000

/** The same. */
export function drawGuessers(seed: number): number {
  const dice = new Dice(seed * 69069 + 31)
  return seed >= GUESSING && dice.oneIn(4) ? dice.between(1, 2) : 0
}

/** The same. */
export function drawHandshakes(seed: number): Pick<ServerOptions, 'sessionlessCnxnTimeoutMs'> {
  return { sessionlessCnxnTimeoutMs: new Dice(seed * 69069 + 17).pick([800, 3000, 10_000]) }
}

function drawFaults(dice: Dice): Faults {
  return {
    kill: dice.pick([0, 800, 2000]),
    powerCut: dice.pick([0, 500, 1000]),
    diskError: dice.pick([0, 0, 1500]),
    stall: dice.pick([0, 100, 400]),
    quiet: dice.pick([0, 400, 900]),
    wallJump: dice.pick([0, 0, 500]),
  }
}

function drawWorkload(dice: Dice): Workload {
  return {
    clients: dice.between(1, 8),
    window: dice.pick([1, 4, 16, 60]),
    names: dice.pick([3, 6, 15]),
    dataBytesMax: dice.pick([4, 40, 40, 1500]),
    ephemerals: !dice.oneIn(4),
    multis: !dice.oneIn(3),
    watches: !dice.oneIn(4),
    acls: dice.oneIn(2),
    disconnects: !dice.oneIn(4),
    ...SMALL,
  }
}

/** What makes some seeds heavy: a few of a hundred, so that the others are many. */
export type Bulk = Pick<Workload, 'megabyteEvery' | 'groves'>
export const SMALL: Bulk = { megabyteEvery: 0, groves: 0 }
const MEGABYTES_EVERY = 40
const GROVES_EVERY = 80

/** By chance of its own, so that all else is the same with and without it. `megabyteEvery`: of the
 * writes, so that there are ten or so of them. */
export function drawBulk(seed: number, megabyteEvery: number): Bulk {
  const dice = new Dice(seed * 6364136 + 17)
  if (dice.oneIn(MEGABYTES_EVERY)) return { megabyteEvery, groves: 0 }
  if (dice.oneIn(GROVES_EVERY)) return { megabyteEvery: 0, groves: dice.pick([2, 4, 20]) }
  return SMALL
}

/** Nothing is so tight that a megabyte does not pass, or 100,000 nodes take hours. */
function roomy(drawn: SimulationOptions, bulk: Bulk): SimulationOptions {
  if (bulk === SMALL) return drawn
  const { juteMaxBuffer, juteMaxBufferExtraSize, snapCount } = DEFAULTS
  const sizes = { juteMaxBuffer, juteMaxBufferExtraSize, snapCount, snapSizeLimitBytes: -1 }
  return {
    ...drawn,
    workload: { ...drawn.workload, ...bulk },
    server: { ...drawn.server, ...sizes },
    rings: Object.fromEntries(Object.keys(drawn.rings).map((edge) => [edge, BULKY_RING_BYTES])),
  }
}

export const BULKY_RING_BYTES: number = 64 * KIB
const SERVER_MEGABYTE_EVERY = 30

function drawServer(dice: Dice): ServerOptions {
  const tickTimeMs = dice.pick([200, 1000, 3000])
  // So small that the close of a session with ten ephemerals takes several transactions.
  const tight = dice.oneIn(4)
  return {
    ...DEFAULTS,
    tickTimeMs,
    minSessionTimeoutMs: tickTimeMs * 2,
    maxSessionTimeoutMs: tickTimeMs * 20,
    globalOutstandingLimit: dice.pick([4, 40, 200]),
    ...(tight && { juteMaxBuffer: 3 * KIB, juteMaxBufferExtraSize: 2 * KIB }),
    preAllocSizeBytes: dice.pick([0, 4 * KIB, 64 * KIB]),
    snapCount: dice.pick([4, 30, 200, 100_000]),
    snapSizeLimitBytes: dice.pick([-1, -1, 4 * KIB]),
    txnLogSizeLimitBytes: dice.pick([-1, 3 * KIB, 30 * KIB]),
    snapshotCompressionMethod: dice.oneIn(3) ? 'gz' : '',
    serializeLastProcessedZxid: dice.oneIn(2),
    digestEnabled: !dice.oneIn(5),
    extendedTypes: dice.oneIn(2),
    containerCheckIntervalMs: dice.pick([500, 60_000]),
    containerMaxNeverUsedIntervalMs: dice.pick([0, 2000, 300_000]),
  }
}

/** Small rings spill and starve; those that carry commits must hold all that are under way. */
function drawRings(dice: Dice): Partial<Record<EdgeName, number>> {
  const commits = 32 * KIB
  const size = dice.pick([KIB, 4 * KIB, 64 * KIB])
  const drawn = (): number => (dice.oneIn(4) ? size * 2 : size)
  return {
    'network>tree': drawn(),
    'network>sessions': drawn(),
    'network>log': drawn(),
    'sessions>tree': drawn(),
    'tree>sessions': drawn(),
    'tree>zab': drawn(),
    'tree>watches': drawn(),
    'tree>log': drawn(),
    'tree>network': drawn(),
    'zab>log': drawn(),
    'zab>tree': commits,
    'log>zab': commits,
    'log>tree': commits,
    'watches>network': drawn(),
  }
}

/** Everything that was drawn, in a line: of the server's settings, those that are not the default. */
export function describeOptions({ server, ...options }: SimulationOptions): string {
  const defaults: Readonly<Record<string, unknown>> = { ...DEFAULTS }
  const drawn = Object.entries(server).filter(([key, value]) => defaults[key] !== value)
  return JSON.stringify({ ...options, rare: [...options.rare], server: Object.fromEntries(drawn) })
}
