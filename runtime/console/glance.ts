// How this server is doing: what the page shows of each member, and what it draws its curves from. The
// counts only grow; the page makes rates of them.

import { epochOf, formatZxid, type Zxid } from '../../protocol/zxid.ts'
import { FULL_VERSION } from '../process/version.ts'
import { uptimeMs } from '../reports/server-stats.ts'
import { isServing, type ReportSource } from '../reports/source.ts'
import { nowMs, wallMs } from '../shared/clock.ts'
import type { MeterName } from '../shared/meters.ts'
import { titleOf } from '../why/story-text.ts'
import { tellStories } from '../why/teller.ts'

/** Milliseconds in the last minute; null if nothing was seen in it. */
interface Times {
  readonly p50: number | null
  readonly p99: number | null
}

export interface Glance {
  /** 0 for a standalone server. */
  readonly server: number
  readonly mode: string
  readonly isServing: boolean
  /** Why it serves nobody; null if it does. */
  readonly trouble: string | null
  readonly leader: number | null
  readonly epoch: number
  readonly zxid: string
  /** The same as a number, to subtract. */
  readonly zxidNumber: number
  readonly version: string
  readonly uptimeMs: number
  /** Milliseconds since 1970, by this server's clock. */
  readonly wallMs: number
  readonly connections: number
  readonly outstanding: number
  readonly sessions: number
  readonly nodes: number
  readonly ephemerals: number
  readonly bytes: number
  readonly watches: number
  readonly learners: number
  /** Since the start. */
  readonly requests: number
  readonly applied: number
  readonly syncs: number
  readonly read: Times
  readonly update: Times
  readonly sync: Times
  readonly quorum: Times
}

export function glance(source: ReportSource): Glance {
  const { network, gauges, options, tally } = source
  const zxid = gauges.read('lastZxid') as Zxid
  const server = options.ensemble?.serverId ?? 0
  return {
    server,
    mode: network.isServing ? network.mode : 'not serving',
    isServing: isServing(source),
    trouble: isServing(source) ? null : trouble(source, server),
    leader: network.mode === 'leader' ? server : tally.leader,
    epoch: epochOf(zxid),
    zxid: formatZxid(zxid),
    zxidNumber: zxid,
    version: FULL_VERSION,
    uptimeMs: uptimeMs(source),
    wallMs: wallMs(),
    connections: network.connectionCount,
    outstanding: network.outstanding,
    sessions: gauges.read('treeSessions'),
    nodes: gauges.read('znodes'),
    ephemerals: gauges.read('ephemerals'),
    bytes: gauges.read('approximateBytes'),
    watches: gauges.read('watches'),
    learners: gauges.read('learners'),
    requests: network.stats.requests,
    applied: gauges.read('applied'),
    syncs: gauges.read('syncs'),
    read: times(source, 'readlatency'),
    update: times(source, 'updatelatency'),
    sync: times(source, 'fsynctime'),
    quorum: times(source, 'quorum_ack_latency'),
  }
}

function times({ meters }: ReportSource, name: MeterName): Times {
  const reading = meters.read(name, nowMs())
  const at = (share: number): number | null => {
    const value = reading.quantile(share)
    return Number.isFinite(value) ? value : null
  }
  return { p50: at(0.5), p99: at(0.99) }
}

function trouble({ facts }: ReportSource, server: number): string {
  const open = tellStories(facts.since(0), server).findLast(({ untilMs }) => untilMs === null)
  return open === undefined ? 'the server serves nobody' : titleOf(open)
}
