// A member's real sockets: made from its configuration, the election mesh and the learner links.

import type { EnsembleOptions } from '../../config/ensemble/ensemble.ts'
import type { ServerOptions } from '../../config/options.ts'
import { peersTakeTls, quorumTlsOf } from '../../config/settings/quorum-tls.ts'
import { assert } from '../../protocol/assert.ts'
import type { PeerSockets } from '../hosts/environment.ts'
import type { PeerKerberos } from '../kerberos/peer-kerberos.ts'
import type { PeerLimits } from '../process/descriptors.ts'
import type { HostClock } from '../thread/actor-host.ts'
import { ElectionPeers } from './election-peers.ts'
import { LearnerLinks } from './learner-links.ts'
import { addressesOf, listenAddress } from './member-addresses.ts'
import { authenticated, PeerAuth, type UnprovenEvent } from './peer-auth.ts'
import { BIND_RETRY_MS } from './port-listener.ts'
import { SayLimit } from './say-limit.ts'
import type { PeerTlsOptions, PeerTlsParts } from './tls/tls-transport.ts'
import { TCP, type Transport } from './transport.ts'

/** How much may wait for one learner, besides what one turn of zab adds. */
const BACKLOG_BYTES_MAX = 4 << 20
const UNSENT_BYTES_MAX = 64 << 20

export interface PeerSocketHooks {
  readonly limits: PeerLimits
  readonly clock: HostClock
  /** Another limit than production's, for a simulation. */
  readonly backlogBytesMax?: number
  /** For the ports to take TLS, where the configuration says so. */
  readonly tls?: PeerTlsHooks | null
  /** For members that prove who they are with Kerberos; null if none do. */
  readonly kerberos?: PeerKerberos | null
  /** Something was heard: take a turn. */
  wake(): void
  /** A port could not be bound, and will be tried again. */
  bindFailed(error: Error): void
  /** What quorum SASL has to say of another server. */
  unproven?(event: UnprovenEvent, address: string, problem: string): void
  /** The actor failed on hearing something, or the election port cannot be bound. */
  failed(error: unknown): void
}

export interface PeerTlsHooks extends Omit<PeerTlsParts, 'members'> {
  /** tls-transport.ts, which is loaded only where it is needed. */
  transport(options: PeerTlsOptions, parts: PeerTlsParts): Transport
}

export function peerSockets(
  options: ServerOptions,
  hooks: PeerSocketHooks,
  given: Transport | null = null,
): PeerSockets {
  const { ensemble } = options
  assert(ensemble !== null, 'a server on its own has no peers')
  const heard: Heard = (deliver) => {
    hooks.clock.advance()
    try {
      deliver()
    } catch (error) {
      hooks.failed(error)
    }
  }
  const parts = (): Parts => {
    const transport = given ?? transportOf(ensemble, options.tickTimeMs, hooks)
    return { ...hooks, heard, transport }
  }
  return {
    learnerLinks: (listener) => learnerLinks(options, ensemble, parts(), listener),
    electionLinks: (listener) => electionLinks(options, ensemble, parts(), listener),
  }
}

function transportOf(
  ensemble: EnsembleOptions,
  tickTimeMs: number,
  { tls, limits }: PeerSocketHooks,
): Transport {
  if (!peersTakeTls(ensemble)) return TCP
  assert(tls !== undefined && tls !== null, 'there are certificates for TLS between servers')
  const { sslQuorum, portUnification, membership, syncLimit } = ensemble
  return tls.transport(
    {
      ...quorumTlsOf(ensemble),
      dialsTls: sslQuorum,
      takesPlain: portUnification,
      detectionMs: ensemble.sslQuorumHandshakeDetectionTimeoutMillis,
      handshakeMs: syncLimit * tickTimeMs,
      arrivalsMax: limits.handshakesMax,
    },
    { ...tls, members: membership.members },
  )
}

type Heard = (deliver: () => void) => void

type Parts = PeerSocketHooks & { readonly heard: Heard; readonly transport: Transport }

function learnerLinks(
  options: ServerOptions,
  ensemble: EnsembleOptions,
  { heard, transport, ...hooks }: Parts,
  listener: Parameters<PeerSockets['learnerLinks']>[0],
): LearnerLinks {
  const { membership, serverId, quorumListenOnAllIPs } = ensemble
  const connectTimeoutMs =
    (ensemble.connectToLearnerMasterLimit || ensemble.initLimit) * options.tickTimeMs
  const auth = peerAuth(options, ensemble, hooks, transport, connectTimeoutMs)
  return new LearnerLinks(
    {
      members: addressesOf(membership.members, 'quorumPort'),
      listen: listenAddress(membership.members, serverId, 'quorumPort', quorumListenOnAllIPs),
      connectTimeoutMs,
      fieldBytesMax: options.juteMaxBuffer + options.juteMaxBufferExtraSize,
      backlogBytesMax: hooks.backlogBytesMax ?? BACKLOG_BYTES_MAX,
      unsentBytesMax: UNSENT_BYTES_MAX,
      acceptedMax: hooks.limits.learnersMax,
    },
    {
      linkOpened: (link) => heard(() => listener.linkOpened(link)),
      linkClosed: (link) => heard(() => listener.linkClosed(link)),
      packet: (link, packet) => heard(() => listener.packet(link, packet)),
      snapshotPiece: (...piece) => heard(() => listener.snapshotPiece(...piece)),
      snapshotEnd: (link) => heard(() => listener.snapshotEnd(link)),
      progress: (link) => heard(() => listener.progress(link)),
      linkReady: (link) => heard(() => listener.linkReady(link)),
      onActivity: () => hooks.wake(),
      bindFailed: (error) => hooks.bindFailed(error),
    },
    auth === null ? transport : authenticated(transport, auth, hooks.limits.learnersMax),
  )
}

function electionLinks(
  options: ServerOptions,
  ensemble: EnsembleOptions,
  { heard, transport, ...hooks }: Parts,
  listener: Parameters<PeerSockets['electionLinks']>[0],
): ElectionPeers {
  const { membership, serverId, quorumListenOnAllIPs } = ensemble
  const woken: Heard = (deliver) => {
    heard(deliver)
    hooks.wake()
  }
  const peers = new ElectionPeers(
    {
      serverId,
      members: addressesOf(membership.members, 'electionPort'),
      listen: listenAddress(membership.members, serverId, 'electionPort', quorumListenOnAllIPs),
      bind: { tries: ensemble.electionPortBindRetry, delayMs: BIND_RETRY_MS },
      connectTimeoutMs: ensemble.cnxTimeoutMs,
      headerTimeoutMs: ensemble.syncLimit * options.tickTimeMs,
      auth: peerAuth(options, ensemble, hooks, transport, ensemble.syncLimit * options.tickTimeMs),
      strangersMax: hooks.limits.strangersMax,
      handshakesMax: hooks.limits.handshakesMax,
    },
    {
      notified: (from, bytes, start, end) => {
        heard(() => {
          if (listener.notified(from, bytes, start, end)) hooks.wake()
        })
      },
      linkUp: (peer) => woken(() => listener.linkUp(peer)),
      linkDown: (peer) => woken(() => listener.linkDown(peer)),
      bindFailed: (error) => hooks.bindFailed(error),
    },
    transport,
  )
  peers.listen().catch((error: unknown) => hooks.failed(error))
  peers.dial()
  return peers
}

function peerAuth(
  { quorumAuth }: ServerOptions,
  { membership }: EnsembleOptions,
  { clock, kerberos = null, unproven }: Pick<PeerSocketHooks, 'clock' | 'kerberos' | 'unproven'>,
  transport: Transport,
  timeoutMs: number,
): PeerAuth | null {
  if (quorumAuth === null) return null
  const limit = new SayLimit()
  const auth = new PeerAuth(quorumAuth, kerberos, {
    transport,
    timeoutMs,
    unproven: (event, address, problem) => {
      clock.advance()
      if (limit.ask(`${event} ${address}`, clock.nowMs) !== null)
        unproven?.(event, address, problem)
    },
  })
  auth.configured(membership.members)
  return auth
}
