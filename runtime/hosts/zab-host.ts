// The host of a member's zab, which owns the sockets to its learners or its leader.

import { Membership } from '../../actors/membership.ts'
import type { ZabGauges } from '../../actors/zab/gauges.ts'
import { Zab } from '../../actors/zab/zab.ts'
import type { ServerOptions } from '../../config/options.ts'
import { assert } from '../../protocol/assert.ts'
import { ElectionSender } from '../edges/election-edge.ts'
import { LogSender } from '../edges/log-edge.ts'
import { SessionsSender } from '../edges/sessions-edge.ts'
import { TreeSender } from '../edges/tree-edge.ts'
import { deliverToZab } from '../edges/zab-edge.ts'
import { touchMsMaxOf } from '../net/network-rings.ts'
import { Doorbell } from '../ring/doorbell.ts'
import type { FrameView } from '../ring/ring.ts'
import { ActorHost } from '../thread/actor-host.ts'
import { inboxOf, outboxOf, turnCountersOf, type Wiring } from '../topology.ts'
import type { Environment, LearnerSockets } from './environment.ts'
import { leaderPackets } from './leader-packets.ts'

/** Up to this many bytes of committed transactions are kept for learners, however many transactions
 * that is. And of what a learner is sent before UPTODATE, memory holds no more than this. */
const COMMITTED_BYTES_MAX = 64 << 20
/** A quarter of the backlog that takes a learner out of the broadcast (runtime/peer/sockets.ts). */
const ROOM_BYTES = 1 << 20
const READ_ONLY_AFTER_MS_MIN = 2000

export function zabHost(options: ServerOptions, wiring: Wiring, env: Environment): ActorHost {
  const { ensemble } = options
  assert(ensemble !== null, 'a server on its own has a zab of its own')
  const network = new Doorbell(wiring.bells.network)
  const touchMsMax = touchMsMaxOf(options) ?? Number.POSITIVE_INFINITY
  const toLog = outboxOf(wiring, 'zab>log')
  const toTree = outboxOf(wiring, 'zab>tree')
  const toSessions = outboxOf(wiring, 'zab>sessions')
  const toElection = outboxOf(wiring, 'zab>election')
  const count = leaderPackets(env)
  const links: LearnerSockets = env.peers().learnerLinks({
    linkOpened: (link) => zab.linkOpened(link),
    linkClosed: (link) => zab.linkClosed(link),
    packet: (link, packet) => {
      count(packet)
      zab.packet(link, packet)
    },
    snapshotPiece: (link, bytes, start, end) => zab.snapshotPiece(link, bytes, start, end),
    snapshotEnd: (link) => zab.snapshotEnd(link),
    progress: (link) => zab.progress(link),
    linkReady: (link) => zab.linkReady(link),
  })
  const zab: Zab = new Zab(
    {
      serverId: ensemble.serverId,
      membership: new Membership(ensemble.membership),
      reconfigEnabled: options.reconfigEnabled,
      tickTimeMs: options.tickTimeMs,
      initLimit: ensemble.initLimit,
      syncLimit: ensemble.syncLimit,
      heartbeatMs: ensemble.heartbeatMs,
      silenceMs: ensemble.silenceMs,
      agreedSilenceMs: ensemble.agreedSilenceMs,
      readOnlyAfterMs: readOnlyAfterMs(options),
      fsyncWarningThresholdMs: options.fsyncWarningThresholdMs,
      commitLogCount: ensemble.commitLogCount,
      committedBytesMax: env.feeding?.memoryBytesMax ?? COMMITTED_BYTES_MAX,
      streamMs: env.rare?.streamMs,
      roomBytes: env.feeding?.roomBytes ?? ROOM_BYTES,
    },
    env.clock,
    {
      links,
      log: new LogSender(toLog),
      tree: new TreeSender(toTree),
      sessions: new SessionsSender(toSessions),
      election: new ElectionSender(toElection),
      journal: env.logHooks(),
      inTouch: (ms) => {
        const wasMs = env.heard.inTouchMs()
        env.heard.stampInTouch(ms)
        // Clients may be read from again.
        if (env.clock.nowMs - wasMs > touchMsMax) network.ring()
      },
    },
    zabGauges(env),
  )
  const edges = ['election>zab', 'log>zab', 'tree>zab', 'sessions>zab'] as const
  const inlets = edges.map((edge) => ({
    inbox: inboxOf(wiring, edge),
    deliver: (frame: FrameView) => deliverToZab(frame, zab),
  }))
  const outboxes = [toLog, toTree, toSessions, toElection]
  const counters = turnCountersOf(wiring, 'zab')
  return new ActorHost(zab, env.clock, inlets, outboxes, links, counters)
}

function zabGauges({ gauges, meters, clock }: Environment): ZabGauges {
  return {
    learners: gauges.gauge('learners'),
    syncedFollowers: gauges.gauge('syncedFollowers'),
    syncedObservers: gauges.gauge('syncedObservers'),
    pendingSyncs: gauges.gauge('pendingSyncs'),
    learnersBacklog: gauges.gauge('learnersBacklog'),
    learnerBacklogMax: gauges.gauge('learnerBacklogMax'),
    lastProposalBytes: gauges.gauge('lastProposalBytes'),
    minProposalBytes: gauges.gauge('minProposalBytes'),
    maxProposalBytes: gauges.gauge('maxProposalBytes'),
    quorumAck: meters.meter('quorum_ack_latency', clock),
  }
}

/** As with ZooKeeper: clients do not notice an election that takes no longer. */
function readOnlyAfterMs({ readOnlyMode, tickTimeMs }: ServerOptions): number {
  return readOnlyMode ? Math.max(READ_ONLY_AFTER_MS_MIN, tickTimeMs) : Number.POSITIVE_INFINITY
}
