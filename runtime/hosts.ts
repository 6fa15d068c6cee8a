// Puts an actor, its neighbours behind rings, and its host together. Used by the worker threads and
// by the simulator alike; what differs between them comes in as the environment.

import type { Files } from '../actors/log/files.ts'
import { Log } from '../actors/log/log.ts'
import type { LogHooks } from '../actors/log/options.ts'
import { Sessions } from '../actors/sessions/sessions.ts'
import type { FrozenTree } from '../actors/tree/snapshot-source.ts'
import { Tree } from '../actors/tree/tree.ts'
import { Watches } from '../actors/watches/watches.ts'
import { Zab } from '../actors/zab/zab.ts'
import type { ServerOptions } from '../config/options.ts'
import { assert } from '../protocol/assert.ts'
import type { Link } from '../protocol/messages/zab.ts'
import { WatchFilter } from '../protocol/watch-filter.ts'
import { ActorHost, type HostClock } from './actor-host.ts'
import { FrameType } from './edges/frame-type.ts'
import { deliverToLog, LogSender } from './edges/log-edge.ts'
import { NetworkSender } from './edges/network-edge.ts'
import { deliverToSessions, SessionsSender } from './edges/sessions-edge.ts'
import { deliverToTree, TreeSender } from './edges/tree-edge.ts'
import { deliverToWatches, WatchesSender } from './edges/watches-edge.ts'
import { deliverToZab, ZabSender } from './edges/zab-edge.ts'
import type { GaugeTable } from './gauges.ts'
import type { HeardTable } from './heard.ts'
import { electionHost, membership, memberZabHost, type PeerSockets } from './member-hosts.ts'
import { type ActorName, inboxOf, outboxOf, turnCountersOf, type Wiring } from './topology.ts'

export interface Environment {
  readonly clock: HostClock
  readonly gauges: GaugeTable
  readonly heard: HeardTable
  /** Starts the writing of a snapshot file. */
  takeSnapshot(frozen: FrozenTree): void
  /** Hands a tree for a learner to the host of zab. */
  sendSnapshot(link: Link, frozen: FrozenTree): void
  /** The sockets of a member; only the hosts of zab and election ask. */
  peers(): PeerSockets
  /** The log's disk and its other edges; only the log's host asks. */
  openFiles(): Files
  logHooks(): Omit<LogHooks, 'gauges'>
  /** The log syncs early when a batch has grown to this; LOG_BATCH_BYTES_MAX unless given. */
  readonly logBatchBytesMax?: number
}

/** Paths one connection may watch: beyond any honest use, within any server's memory. */
const WATCHES_PER_CONNECTION_MAX = 1_000_000
/** Sessions proposed and not yet open. */
const PENDING_SESSIONS_MAX = 8192
/** The network loop signs life every 100 ms. */
const STALL_MS = 500
/** How often a learner says which sessions it has heard; the shortest timeout is two ticks. */
const REPORTS_A_TICK = 8
const LOG_BATCH_BYTES_MAX = 4 << 20

export function buildHost(
  name: ActorName,
  options: ServerOptions,
  wiring: Wiring,
  env: Environment,
): ActorHost {
  switch (name) {
    case 'tree':
      return treeHost(options, wiring, env)
    case 'zab':
      return options.ensemble === null
        ? zabHost(wiring, env)
        : memberZabHost(options, options.ensemble, wiring, env)
    case 'election':
      assert(options.ensemble !== null, 'a server on its own elects nobody')
      return electionHost(options.ensemble, wiring, env)
    case 'log':
      return logHost(options, wiring, env)
    case 'sessions':
      return sessionsHost(options, wiring, env)
    case 'watches':
      return watchesHost(wiring, env)
  }
}

function treeHost(options: ServerOptions, wiring: Wiring, env: Environment): ActorHost {
  const toZab = outboxOf(wiring, 'tree>zab')
  const toWatches = outboxOf(wiring, 'tree>watches')
  const toSessions = outboxOf(wiring, 'tree>sessions')
  const toLog = outboxOf(wiring, 'tree>log')
  const toNetwork = outboxOf(wiring, 'tree>network')
  const { gauges } = env
  const schemes = new Set(options.digestAuthEnabled ? ['digest', 'ip'] : ['ip'])
  const tree = new Tree(
    {
      ...options,
      schemes,
      txnBytesMax: options.juteMaxBuffer + options.juteExtraSize - 4096,
      checkIntervalMs: options.containerCheckIntervalMs,
      maxPerMinute: options.containerMaxPerMinute,
      maxNeverUsedIntervalMs: options.containerMaxNeverUsedIntervalMs,
      member: options.ensemble === null ? null : membership(options.ensemble),
    },
    env.clock,
    {
      zab: new ZabSender(toZab),
      log: new LogSender(toLog),
      watches: new WatchesSender(toWatches),
      network: new NetworkSender(toNetwork),
      sessions: new SessionsSender(toSessions),
      snapshots: {
        take: (frozen) => env.takeSnapshot(frozen),
        send: (link, frozen) => env.sendSnapshot(link, frozen),
      },
      journal: env.logHooks(),
    },
    new WatchFilter(wiring.watchFilter),
    {
      znodes: gauges.gauge('znodes'),
      ephemerals: gauges.gauge('ephemerals'),
      approximateBytes: gauges.gauge('approximateBytes'),
      lastZxid: gauges.gauge('lastZxid'),
      sessions: gauges.gauge('treeSessions'),
      outstanding: gauges.gauge('outstanding'),
      digestMismatches: gauges.gauge('digestMismatches'),
    },
  )
  const inlets = (['zab>tree', 'network>tree', 'sessions>tree', 'log>tree'] as const).map(
    (edge) => ({
      inbox: inboxOf(wiring, edge),
      deliver: (frame: Parameters<typeof deliverToTree>[0]) => deliverToTree(frame, tree),
      // A thousand sessions may expire at once.
      ...(edge === 'sessions>tree' && { costlyType: FrameType.expire }),
    }),
  )
  return new ActorHost(
    tree,
    env.clock,
    inlets,
    [toLog, toNetwork, toZab, toWatches, toSessions],
    null,
    turnCountersOf(wiring, 'tree'),
  )
}

function zabHost(wiring: Wiring, env: Environment): ActorHost {
  const toLog = outboxOf(wiring, 'zab>log')
  const toTree = outboxOf(wiring, 'zab>tree')
  const zab = new Zab({ log: new LogSender(toLog), tree: new TreeSender(toTree) })
  const inlets = (['log>zab', 'tree>zab'] as const).map((edge) => ({
    inbox: inboxOf(wiring, edge),
    deliver: (frame: Parameters<typeof deliverToZab>[0]) => deliverToZab(frame, zab),
  }))
  return new ActorHost(zab, env.clock, inlets, [toLog, toTree], null, turnCountersOf(wiring, 'zab'))
}

function logHost(options: ServerOptions, wiring: Wiring, env: Environment): ActorHost {
  const toZab = outboxOf(wiring, 'log>zab')
  const toTree = outboxOf(wiring, 'log>tree')
  const { gauges } = env
  const log = new Log(
    {
      entryBytesMax: options.juteMaxBuffer + options.juteExtraSize,
      batchBytesMax: env.logBatchBytesMax ?? LOG_BATCH_BYTES_MAX,
      preAllocBytes: options.preAllocBytes,
      logBytesMax: options.txnLogSizeLimitBytes,
      snapCount: options.snapCount,
      snapBytesMax: options.snapSizeLimitBytes,
      trustEmpty: options.snapshotTrustEmpty,
      forceSync: true,
      syncWarnMs: options.fsyncWarningMs,
      purge: options.purge,
      snapshotsKept: options.snapRetainCount,
      ensemble: options.ensemble !== null,
      recallCount: options.ensemble?.commitLogCount ?? 0,
    },
    env.openFiles(),
    env.clock,
    { zab: new ZabSender(toZab), tree: new TreeSender(toTree) },
    {
      ...env.logHooks(),
      gauges: {
        appended: gauges.gauge('appended'),
        syncs: gauges.gauge('syncs'),
        bytesWritten: gauges.gauge('bytesWritten'),
        syncMicros: gauges.gauge('syncMicros'),
      },
    },
  )
  const inlets = (['tree>log', 'zab>log', 'network>log'] as const).map((edge) => ({
    inbox: inboxOf(wiring, edge),
    deliver: (frame: Parameters<typeof deliverToLog>[0]) => deliverToLog(frame, log),
  }))
  return new ActorHost(log, env.clock, inlets, [toZab, toTree], null, turnCountersOf(wiring, 'log'))
}

function sessionsHost(options: ServerOptions, wiring: Wiring, env: Environment): ActorHost {
  const toTree = outboxOf(wiring, 'sessions>tree')
  const toZab = outboxOf(wiring, 'sessions>zab')
  const { gauges } = env
  const sessions = new Sessions(
    {
      serverId: options.serverId,
      tickTimeMs: options.tickTimeMs,
      minSessionTimeoutMs: options.minSessionTimeoutMs,
      maxSessionTimeoutMs: options.maxSessionTimeoutMs,
      startWallMs: env.clock.wallMs,
      pendingMax: PENDING_SESSIONS_MAX,
      stallMs: STALL_MS,
      reportMs: Math.max(1, options.tickTimeMs / REPORTS_A_TICK),
    },
    env.clock,
    { tree: new TreeSender(toTree), zab: new ZabSender(toZab) },
    env.heard,
    {
      sessions: gauges.gauge('sessions'),
      pending: gauges.gauge('pendingSessions'),
      expired: gauges.gauge('expiredSessions'),
      stalledMs: gauges.gauge('stalledMs'),
    },
  )
  const edges = ['tree>sessions', 'network>sessions', 'zab>sessions'] as const
  const inlets = edges.map((edge) => ({
    inbox: inboxOf(wiring, edge),
    deliver: (frame: Parameters<typeof deliverToSessions>[0]) => deliverToSessions(frame, sessions),
  }))
  return new ActorHost(
    sessions,
    env.clock,
    inlets,
    [toTree, toZab],
    null,
    turnCountersOf(wiring, 'sessions'),
  )
}

function watchesHost(wiring: Wiring, env: Environment): ActorHost {
  const toNetwork = outboxOf(wiring, 'watches>network')
  const watches = new Watches(
    { headerZxid: 'txn', watchesPerConnectionMax: WATCHES_PER_CONNECTION_MAX },
    new NetworkSender(toNetwork),
    new WatchFilter(wiring.watchFilter),
    { watches: env.gauges.gauge('watches'), eventsSent: env.gauges.gauge('eventsSent') },
  )
  const inlet = {
    inbox: inboxOf(wiring, 'tree>watches'),
    deliver: (frame: Parameters<typeof deliverToWatches>[0]) => deliverToWatches(frame, watches),
  }
  return new ActorHost(
    watches,
    env.clock,
    [inlet],
    [toNetwork],
    null,
    turnCountersOf(wiring, 'watches'),
  )
}
