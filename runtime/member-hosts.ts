// The hosts of a member's zab and election, which own the sockets to its peers: what the other
// actors' hosts are in hosts.ts.

import { Election } from '../actors/election/election.ts'
import { Quorum } from '../actors/quorum.ts'
import type { TreeOptions } from '../actors/tree/options.ts'
import type { FrozenTree } from '../actors/tree/snapshot-source.ts'
import type { ZabLinks } from '../actors/zab/context.ts'
import { Ensemble } from '../actors/zab/ensemble.ts'
import type { EnsembleOptions } from '../config/ensemble.ts'
import type { ServerOptions } from '../config/options.ts'
import type { ElectionLinks } from '../protocol/messages/election.ts'
import { ServingMode } from '../protocol/messages/network.ts'
import type { Link } from '../protocol/messages/zab.ts'
import { utf8Bytes } from '../protocol/text.ts'
import type { Zxid } from '../protocol/zxid.ts'
import { ActorHost, type HostSockets } from './actor-host.ts'
import { deliverToElection, ElectionSender } from './edges/election-edge.ts'
import { LogSender } from './edges/log-edge.ts'
import { SessionsSender } from './edges/sessions-edge.ts'
import { TreeSender } from './edges/tree-edge.ts'
import { deliverToEnsemble, ZabSender } from './edges/zab-edge.ts'
import type { Environment } from './hosts.ts'
import type { ElectionPeersListener } from './peer/election-peers.ts'
import type { LearnerLinksListener } from './peer/learner-links.ts'
import { inboxOf, outboxOf, turnCountersOf, type Wiring } from './topology.ts'

/** The quorum port as the host of zab uses it (LearnerLinks). */
export interface LearnerSockets extends ZabLinks, HostSockets {
  sendSnapshot(link: Link, frozen: FrozenTree, done: (ok: boolean) => void): void
}

/** Opens the sockets of a member. A listener is called from their events: the host must then take
 * a turn, and the clock must have been advanced before. */
export interface PeerSockets {
  learnerLinks(listener: Omit<LearnerLinksListener, 'onActivity' | 'bindFailed'>): LearnerSockets
  electionLinks(
    listener: Omit<ElectionPeersListener, 'bindFailed'>,
  ): ElectionLinks & { close(): void }
}

/** Committed transactions are kept for learners up to this, whatever their count. */
const COMMITTED_BYTES_MAX = 64 << 20
const READ_ONLY_AFTER_MS_MIN = 2000

export function quorumOf({ members, groups, weights }: EnsembleOptions): Quorum {
  const ids = (role: string): number[] =>
    members.filter((member) => member.role === role).map(({ id }) => id)
  return new Quorum({
    voters: ids('participant'),
    observers: ids('observer'),
    groups: [...groups.values()],
    weights,
  })
}

/** What the tree has to know. */
export function membership(ensemble: EnsembleOptions): TreeOptions['member'] {
  const { peerType, configText, configVersion } = ensemble
  return {
    learnerMode: peerType === 'observer' ? ServingMode.observer : ServingMode.follower,
    config: utf8Bytes(configText),
    configVersion: Number(configVersion) as Zxid,
  }
}

/** The host of zab, which takes frozen trees for learners besides. */
export class MemberZabHost extends ActorHost {
  readonly #links: LearnerSockets
  readonly #sent: () => void

  constructor(
    rest: ConstructorParameters<typeof ActorHost>,
    links: LearnerSockets,
    sent: () => void,
  ) {
    super(...rest)
    this.#links = links
    this.#sent = sent
  }

  sendSnapshot(link: Link, frozen: FrozenTree): void {
    this.#links.sendSnapshot(link, frozen, this.#sent)
  }
}

/** As with ZooKeeper: an election that takes no longer is none of the clients' business. */
function readOnlyAfterMs({ readOnlyMode }: EnsembleOptions, tickTimeMs: number): number {
  return readOnlyMode ? Math.max(READ_ONLY_AFTER_MS_MIN, tickTimeMs) : Number.POSITIVE_INFINITY
}

export function memberZabHost(
  options: ServerOptions,
  ensemble: EnsembleOptions,
  wiring: Wiring,
  env: Environment,
): ActorHost {
  const { gauges } = env
  const toLog = outboxOf(wiring, 'zab>log')
  const toTree = outboxOf(wiring, 'zab>tree')
  const toSessions = outboxOf(wiring, 'zab>sessions')
  const toElection = outboxOf(wiring, 'zab>election')
  const links: LearnerSockets = env.peers().learnerLinks({
    linkOpened: (link) => zab.linkOpened(link),
    linkClosed: (link) => zab.linkClosed(link),
    packet: (link, packet) => zab.packet(link, packet),
    snapshotPiece: (link, bytes, start, end) => zab.snapshotPiece(link, bytes, start, end),
    snapshotEnd: (link) => zab.snapshotEnd(link),
  })
  const tree = new TreeSender(toTree)
  const zab: Ensemble = new Ensemble(
    {
      serverId: ensemble.serverId,
      quorum: quorumOf(ensemble),
      config: utf8Bytes(ensemble.configText),
      tickTimeMs: options.tickTimeMs,
      initLimit: ensemble.initLimit,
      syncLimit: ensemble.syncLimit,
      heartbeatMs: ensemble.heartbeatMs,
      silenceMs: ensemble.silenceMs,
      readOnlyAfterMs: readOnlyAfterMs(ensemble, options.tickTimeMs),
      committedMax: ensemble.commitLogCount,
      committedBytesMax: COMMITTED_BYTES_MAX,
    },
    env.clock,
    {
      links,
      log: new LogSender(toLog),
      tree,
      sessions: new SessionsSender(toSessions),
      election: new ElectionSender(toElection),
      journal: env.logHooks(),
    },
    {
      learners: gauges.gauge('learners'),
      syncedFollowers: gauges.gauge('syncedFollowers'),
      syncedObservers: gauges.gauge('syncedObservers'),
      pendingSyncs: gauges.gauge('pendingSyncs'),
      lastProposalBytes: gauges.gauge('lastProposalBytes'),
      minProposalBytes: gauges.gauge('minProposalBytes'),
      maxProposalBytes: gauges.gauge('maxProposalBytes'),
    },
  )
  const edges = ['election>zab', 'log>zab', 'tree>zab', 'sessions>zab'] as const
  const inlets = edges.map((edge) => ({
    inbox: inboxOf(wiring, edge),
    deliver: (frame: Parameters<typeof deliverToEnsemble>[0]) => deliverToEnsemble(frame, zab),
  }))
  const outboxes = [toLog, toTree, toSessions, toElection]
  const counters = turnCountersOf(wiring, 'zab')
  const host = [zab, env.clock, inlets, outboxes, links, counters] as const
  return new MemberZabHost([...host], links, () => tree.snapshotSent())
}

export function electionHost(
  ensemble: EnsembleOptions,
  wiring: Wiring,
  env: Environment,
): ActorHost {
  const toZab = outboxOf(wiring, 'election>zab')
  const links = env.peers().electionLinks({
    notified: (from, bytes, start, end) => election.notified(from, bytes, start, end),
    linkUp: (peer) => election.linkUp(peer),
    linkDown: (peer) => election.linkDown(peer),
  })
  const election: Election = new Election(
    {
      serverId: ensemble.serverId,
      quorum: quorumOf(ensemble),
      config: ensemble.configText,
      finalizeMs: ensemble.finalizeMs,
      notifyMsMin: ensemble.minNotificationMs,
      notifyMsMax: ensemble.maxNotificationMs,
    },
    env.clock,
    { links, zab: new ZabSender(toZab) },
  )
  const inlet = {
    inbox: inboxOf(wiring, 'zab>election'),
    deliver: (frame: Parameters<typeof deliverToElection>[0]) => deliverToElection(frame, election),
  }
  const sockets = { paused: false, endTurn: () => undefined, shutdown: () => links.close() }
  const counters = turnCountersOf(wiring, 'election')
  return new ActorHost(election, env.clock, [inlet], [toZab], sockets, counters)
}
