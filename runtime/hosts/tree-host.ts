// The tree's host: znodes behind rings.

import type { TreeGauges } from '../../actors/tree/gauges.ts'
import type { TreeOptions } from '../../actors/tree/options.ts'
import { Tree } from '../../actors/tree/tree.ts'
import type { EnsembleOptions } from '../../config/ensemble/ensemble.ts'
import type { ServerOptions } from '../../config/options.ts'
import { utf8Bytes } from '../../protocol/bytes/text.ts'
import { REPLY_BYTES_MAX, STEP_NODES } from '../../protocol/limits.ts'
import { ServingMode } from '../../protocol/messages/network.ts'
import { membershipText } from '../../protocol/quorum/membership-config.ts'
import { WatchFilter } from '../../protocol/watch-filter.ts'
import type { Zxid } from '../../protocol/zxid.ts'
import { LogSender } from '../edges/log-edge.ts'
import { NetworkSender } from '../edges/network-edge.ts'
import { SessionsSender } from '../edges/sessions-edge.ts'
import { deliverToTree, TREE } from '../edges/tree-edge.ts'
import { WatchesSender } from '../edges/watches-edge.ts'
import { ZabSender } from '../edges/zab-edge.ts'
import type { FrameView } from '../ring/ring.ts'
import { ActorHost } from '../thread/actor-host.ts'
import { inboxOf, outboxOf, turnCountersOf, type Wiring } from '../topology.ts'
import type { Environment } from './environment.ts'

export function treeHost(options: ServerOptions, wiring: Wiring, env: Environment): ActorHost {
  const toZab = outboxOf(wiring, 'tree>zab')
  const toWatches = outboxOf(wiring, 'tree>watches')
  const toSessions = outboxOf(wiring, 'tree>sessions')
  const toLog = outboxOf(wiring, 'tree>log')
  const toNetwork = outboxOf(wiring, 'tree>network')
  const schemes = new Set(['ip'])
  if (options.digestAuthEnabled) schemes.add('digest')
  if (options.saslProvider) schemes.add('sasl')
  if (options.x509Provider) schemes.add('x509')
  const diskScarce = env.gauges.reader('diskScarce')
  const tree = new Tree(
    {
      ...options,
      schemes,
      isDiskScarce: () => diskScarce() === 1,
      txnBytesMax: options.juteMaxBuffer + options.juteMaxBufferExtraSize - 4096,
      // A single value must always fit.
      replyBytesMax: Math.max(
        REPLY_BYTES_MAX,
        options.juteMaxBuffer + options.juteMaxBufferExtraSize,
      ),
      longReadNodes: env.rare?.longReadNodes ?? STEP_NODES,
      member: options.ensemble === null ? null : memberOf(options.ensemble),
    },
    env.clock,
    {
      zab: new ZabSender(toZab),
      log: new LogSender(toLog),
      watches: new WatchesSender(toWatches),
      network: new NetworkSender(toNetwork),
      sessions: new SessionsSender(toSessions),
      snapshots: { take: (frozen) => env.takeSnapshot(frozen) },
      journal: env.logHooks(),
      ownedDeleted: options.auditEnable ? (id, paths) => env.ownedDeleted?.(id, paths) : null,
    },
    new WatchFilter(wiring.watchFilter),
    treeGauges(env),
  )
  const inlets = (['zab>tree', 'network>tree', 'sessions>tree', 'log>tree'] as const).map(
    (edge) => ({
      inbox: inboxOf(wiring, edge),
      deliver: (frame: FrameView) => deliverToTree(frame, tree),
      // Messages that change the tree.
      ...(edge !== 'network>tree' && edge !== 'sessions>tree' && { isHeld: () => tree.isHeld }),
      // A thousand sessions may expire at once.
      ...(edge === 'sessions>tree' && { costlyType: TREE.type.expire }),
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

function treeGauges({ gauges, meters, clock }: Environment): TreeGauges {
  return {
    znodes: gauges.gauge('znodes'),
    ephemerals: gauges.gauge('ephemerals'),
    approximateBytes: gauges.gauge('approximateBytes'),
    lastZxid: gauges.gauge('lastZxid'),
    sessions: gauges.gauge('treeSessions'),
    outstanding: gauges.gauge('outstanding'),
    digestMismatches: gauges.gauge('digestMismatches'),
    proposed: gauges.gauge('proposed'),
    applied: gauges.gauge('applied'),
    committedOwn: gauges.gauge('committedOwn'),
    times: {
      propagation: meters.meter('propagation_latency', clock),
      own: meters.meter('local_write_committed_time_ms', clock),
      others: meters.meter('server_write_committed_time_ms', clock),
    },
  }
}

/** What the tree must know of the ensemble. */
function memberOf(ensemble: EnsembleOptions): TreeOptions['member'] {
  const { peerType, membership, serverId, standaloneEnabled, multiAddressEnabled } = ensemble
  return {
    serverId,
    standaloneEnabled,
    multiAddressEnabled,
    learnerMode: peerType === 'observer' ? ServingMode.observer : ServingMode.follower,
    config: utf8Bytes(membershipText(membership)),
    configVersion: Number(membership.version) as Zxid,
  }
}
