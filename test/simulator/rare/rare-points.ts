// Rare paths, made frequent (FoundationDB's BUGGIFY, FreeBSD's fail points): a seed switches some of
// these points on, each of which makes limits so tight that a path is taken all the time which hardly
// ever is otherwise. How often that was so is counted, from outside: by what the actors say to each
// other and do to the disk. A point that never fires proves nothing; rare-points.test.ts sees to it.

import type { EnsembleOptions } from '../../../config/ensemble/ensemble.ts'
import type { ServerOptions } from '../../../config/options.ts'
import type { FeedingLimits, RareLimits } from '../../../runtime/hosts/environment.ts'
import type { EdgeName } from '../../../runtime/topology.ts'
import { Dice } from '../world/dice.ts'

export type Kind = 'server' | 'cluster'

interface Tightened {
  readonly kinds: readonly Kind[]
  readonly server?: Partial<ServerOptions>
  readonly ensemble?: Partial<EnsembleOptions>
  readonly feeding?: Partial<FeedingLimits>
  readonly limits?: RareLimits
  readonly logBatchBytesMax?: number
  /** Of every ring but those that must hold all that is under way. */
  readonly ringBytes?: number
  /** Messages an inbox gives at a turn. */
  readonly messagesMax?: number
}

const BOTH: readonly Kind[] = ['server', 'cluster']
const CLUSTER: readonly Kind[] = ['cluster']
const HUGE = 1 << 30

export type RarePoint =
  | 'full-ring'
  | 'small-batch'
  | 'short-turn'
  | 'quick-snapshot'
  | 'short-log'
  | 'spare-log'
  | 'no-spare'
  | 'long-read'
  | 'always-snap'
  | 'from-disk'
  | 'small-piece'
  | 'nothing-held'
  | 'no-room'
  | 'lone-write'

const POINTS: Readonly<Record<RarePoint, Tightened>> = {
  /** Every ring is full now and then: frames spill, producers wait. */
  'full-ring': { kinds: BOTH, ringBytes: 1024 },
  /** A turn of the log's takes several writes and syncs. */
  'small-batch': { kinds: BOTH, logBatchBytesMax: 1 },
  /** An actor leaves messages in its inbox for the next turn. */
  'short-turn': { kinds: BOTH, messagesMax: 1 },
  /** A snapshot is due after every transaction or two. */
  'quick-snapshot': { kinds: BOTH, server: { snapCount: 2 } },
  /** Each batch ends its log file. */
  'short-log': { kinds: BOTH, server: { txnLogSizeLimitBytes: 32 } },
  /** A log begins as one that nobody needed any more. */
  'spare-log': {
    kinds: BOTH,
    server: { snapCount: 2, purge: true, snapRetainCount: 3, preAllocSizeBytes: 4096 },
  },
  /** Old files are freed, because none may be kept as a spare. */
  'no-spare': {
    kinds: BOTH,
    server: { snapCount: 2, purge: true, snapRetainCount: 3, preAllocSizeBytes: 0 },
  },
  /** Each list of children and each multiRead is a long read, and commits wait meanwhile. */
  'long-read': { kinds: BOTH, limits: { longReadNodes: 0 } },
  /** Every learner that was away is sent the whole tree. */
  'always-snap': {
    kinds: CLUSTER,
    ensemble: { commitLogCount: 1, snapshotSizeFactor: -1 },
    feeding: { nearBytesMax: 0 },
  },
  /** Every learner that was away is sent what the disk holds. */
  'from-disk': {
    kinds: CLUSTER,
    ensemble: { commitLogCount: 1 },
    feeding: { nearBytesMax: HUGE, heldBytesMax: HUGE },
  },
  /** A snapshot reaches its learner in many pieces. */
  'small-piece': {
    kinds: CLUSTER,
    ensemble: { commitLogCount: 1, snapshotSizeFactor: -1 },
    feeding: { nearBytesMax: 0, pieceBytesMax: 64 },
  },
  /** What a learner reads from the disk may be purged under it. */
  'nothing-held': {
    kinds: CLUSTER,
    server: { snapCount: 2, txnLogSizeLimitBytes: 32, purge: true, snapRetainCount: 3 },
    ensemble: { commitLogCount: 1 },
    feeding: { heldBytesMax: 0, pieceBytesMax: 64, nearBytesMax: HUGE, roomBytes: 100 },
  },
  /** Each packet that waits for a link takes its learner out of the broadcast. */
  'no-room': { kinds: CLUSTER, feeding: { roomBytes: 1, pieceBytesMax: 1000 } },
  /** Every lone write counts as one of a stream: who is not needed for it hears of it later. */
  'lone-write': { kinds: CLUSTER, limits: { streamMs: Number.POSITIVE_INFINITY } },
}

export type RarePoints = ReadonlySet<RarePoint>
export const NO_POINTS: RarePoints = new Set()

/** How often each was seen. */
export type RareCounts = ReadonlyMap<RarePoint, number>

const SEEDS_EVERY = 3
const POINTS_EVERY = 5

export function rarePointsOf(kind: Kind): RarePoint[] {
  const names = Object.keys(POINTS) as RarePoint[]
  return names.filter((name) => POINTS[name].kinds.includes(kind))
}

/** By chance of its own, so that all else is the same with and without it. */
export function drawRarePoints(seed: number, kind: Kind): RarePoints {
  const dice = new Dice(seed * 22695477 + 13)
  if (!dice.oneIn(SEEDS_EVERY)) return NO_POINTS
  return new Set(rarePointsOf(kind).filter(() => dice.oneIn(POINTS_EVERY)))
}

/** What a simulation may have tightened; either kind's options have these. */
export interface Tightenable {
  readonly server: ServerOptions
  readonly rings: Readonly<Partial<Record<EdgeName, number>>>
  readonly logBatchBytesMax: number
  readonly rare: RarePoints
}

const FOR_ALL_UNDER_WAY: readonly string[] = ['log>zab', 'zab>tree', 'log>tree']

/** Where two points differ, the later one has its way. */
export function tightenedBy<Options extends Tightenable>(
  points: RarePoints,
  drawn: Options,
): Options {
  let options: Options = { ...drawn, rare: points }
  for (const point of points) {
    const { server, logBatchBytesMax, ringBytes } = POINTS[point]
    options = {
      ...options,
      server: { ...options.server, ...server },
      logBatchBytesMax: logBatchBytesMax ?? options.logBatchBytesMax,
      rings: ringBytes === undefined ? options.rings : smallRings(options.rings, ringBytes),
    }
  }
  return options
}

/** Of one member of an ensemble. */
export function tightenedMember(points: RarePoints, options: ServerOptions): ServerOptions {
  let member = options
  for (const point of points) {
    const { server, ensemble } = POINTS[point]
    const own = member.ensemble === null ? null : { ...member.ensemble, ...ensemble }
    member = { ...member, ...server, ensemble: own }
  }
  return member
}

export function tightenedFeeding(points: RarePoints, drawn: FeedingLimits): FeedingLimits {
  return Object.assign({ ...drawn }, ...[...points].map((point) => POINTS[point].feeding))
}

export function rareLimits(points: RarePoints): RareLimits {
  return Object.assign({}, ...[...points].map((point) => POINTS[point].limits))
}

/** Undefined: as many as ever. */
export function messagesMaxOf(points: RarePoints): number | undefined {
  return points.has('short-turn') ? POINTS['short-turn'].messagesMax : undefined
}

function smallRings(
  drawn: Tightenable['rings'],
  bytes: number,
): Readonly<Partial<Record<EdgeName, number>>> {
  return Object.fromEntries(
    Object.entries(drawn).map(([name, size]) => {
      return [name, FOR_ALL_UNDER_WAY.includes(name) ? size : bytes]
    }),
  )
}
