// What a seed may have beside what every seed draws: ticks as long as in life, rare paths all the time,
// megabytes and large trees. By dice of its own.

import { DEFAULTS, type ServerOptions } from '../../../config/options.ts'
import type { FeedingLimits } from '../../../runtime/hosts/environment.ts'
import { BULKY_RING_BYTES, type Bulk, drawBulk, SMALL, type Workload } from '../options.ts'
import {
  drawRarePoints,
  type RarePoints,
  type Tightenable,
  tightenedBy,
  tightenedFeeding,
  tightenedMember,
} from '../rare/rare-points.ts'
import { Dice } from '../world/dice.ts'

const KIB = 1024
const HURRIED_EVERY = 5
const TICK_MS = 1000
/** Of visits, for one where seconds pass. */
const SELDOM = 5
const MEGABYTE_EVERY = 150
const BULKY_FEEDING: FeedingLimits = {
  pieceBytesMax: 256 * KIB,
  nearBytesMax: 4096 * KIB,
  heldBytesMax: 65_536 * KIB,
  roomBytes: 1024 * KIB,
  memoryBytesMax: 16_384 * KIB,
}

/** Of what an ensemble's seed draws, what may differ. */
interface Variable extends Tightenable {
  readonly seed: number
  readonly rhythm: { readonly pauseMs: number }
  readonly workload: Workload
  readonly sessionTimeoutMs: number
  readonly members: ReadonlyMap<number, ServerOptions>
  readonly slowLinks: ReadonlyMap<number, number>
  readonly feeding: FeedingLimits
  readonly hostilePeerMs: number
  readonly visitMs: number
}

export function varied<Options extends Variable>(drawn: Options): Options {
  const timed = unhurried(drawn)
  const bulk = drawBulk(drawn.seed, MEGABYTE_EVERY)
  if (bulk !== SMALL) return roomy(timed, bulk)
  return tightenedCluster(drawRarePoints(drawn.seed, 'cluster'), timed)
}

/** Where minutes pass, servers tick as seldom as they do in life, mostly: five times a second they
 * would do next to nothing else. And who means no good comes as much less often as clients do. */
function unhurried<Options extends Variable>(drawn: Options): Options {
  const { seed, server, sessionTimeoutMs, hostilePeerMs, visitMs } = drawn
  const dice = new Dice(seed * 1103515 + 19)
  const isDense = drawn.rhythm.pauseMs === 0
  if (isDense || dice.oneIn(HURRIED_EVERY)) return drawn
  const times = {
    tickTimeMs: TICK_MS,
    minSessionTimeoutMs: TICK_MS * 2,
    maxSessionTimeoutMs: TICK_MS * 20,
  }
  const beats = { heartbeatMs: dice.pick([100, 200]), silenceMs: dice.pick([500, 800]) }
  const slowed = (member: ServerOptions): ServerOptions => {
    const { ensemble } = member
    return { ...member, ...times, ensemble: ensemble && { ...ensemble, ...beats } }
  }
  return {
    ...drawn,
    server: { ...server, ...times },
    members: new Map([...drawn.members].map(([id, member]) => [id, slowed(member)])),
    sessionTimeoutMs: (sessionTimeoutMs / server.tickTimeMs) * TICK_MS,
    hostilePeerMs: hostilePeerMs * SELDOM,
    visitMs: visitMs * SELDOM,
  }
}

/** What learners that lag are given, and what comes between members, suits a megabyte. */
function roomy<Options extends Variable>(drawn: Options, bulk: Bulk): Options {
  const wide = (options: ServerOptions): ServerOptions => {
    return { ...options, snapCount: DEFAULTS.snapCount, snapSizeLimitBytes: -1 }
  }
  return {
    ...drawn,
    workload: { ...drawn.workload, ...bulk },
    server: wide(drawn.server),
    members: new Map([...drawn.members].map(([id, member]) => [id, wide(member)])),
    rings: Object.fromEntries(
      Object.entries(drawn.rings).map(([edge, bytes]) => [edge, Math.max(bytes, BULKY_RING_BYTES)]),
    ),
    feeding: BULKY_FEEDING,
    slowLinks: new Map(),
  }
}

function tightenedCluster<Options extends Variable>(points: RarePoints, drawn: Options): Options {
  const members = [...drawn.members].map(([id, member]) => {
    return [id, tightenedMember(points, member)] as const
  })
  const feeding = tightenedFeeding(points, drawn.feeding)
  return { ...tightenedBy(points, drawn), members: new Map(members), feeding }
}
