// The real sockets of a member: from its configuration to the election mesh and the learner links.

import type { EnsembleOptions, MemberAddress } from '../../config/ensemble.ts'
import type { ServerOptions } from '../../config/options.ts'
import { assert } from '../../protocol/assert.ts'
import type { HostClock } from '../actor-host.ts'
import type { PeerSockets } from '../member-hosts.ts'
import { ElectionPeers } from './election-peers.ts'
import { LearnerLinks } from './learner-links.ts'
import { TCP, type Transport } from './transport.ts'

const UNSENT_BYTES_MAX = 64 << 20
const LEARNERS_MAX = 1024
const BIND_RETRY_MS = 1000

export interface PeerSocketHooks {
  readonly clock: HostClock
  /** Something was heard: take a turn. */
  wake(): void
  /** A port could not be bound; it is tried again. */
  bindFailed(error: Error): void
  /** The actor's, on hearing something; or the election port cannot be bound. */
  failed(error: unknown): void
}

export function peerSockets(
  options: ServerOptions,
  hooks: PeerSocketHooks,
  transport: Transport = TCP,
): PeerSockets {
  const { ensemble } = options
  assert(ensemble !== null, 'a server on its own has no peers')
  const heard = (deliver: () => void): void => {
    hooks.clock.advance()
    try {
      deliver()
    } catch (error) {
      hooks.failed(error)
    }
    hooks.wake()
  }
  const bindFailed = (error: Error): void => hooks.bindFailed(error)
  return {
    learnerLinks: (listener) =>
      new LearnerLinks(
        {
          members: new Map(
            ensemble.members.map(({ id, addresses }) => [
              id,
              { quorumAddresses: addresses.map(({ host, quorumPort: port }) => ({ host, port })) },
            ]),
          ),
          listen: listenAddress(ensemble, ({ quorumPort }) => quorumPort),
          connectTimeoutMs: ensemble.initLimit * options.tickTimeMs,
          fieldBytesMax: options.juteMaxBuffer + options.juteExtraSize,
          unsentBytesMax: UNSENT_BYTES_MAX,
          acceptedMax: LEARNERS_MAX,
        },
        {
          linkOpened: (link) => heard(() => listener.linkOpened(link)),
          linkClosed: (link) => heard(() => listener.linkClosed(link)),
          packet: (link, packet) => heard(() => listener.packet(link, packet)),
          snapshotPiece: (link, bytes, start, end) =>
            heard(() => listener.snapshotPiece(link, bytes, start, end)),
          snapshotEnd: (link) => heard(() => listener.snapshotEnd(link)),
          onActivity: () => hooks.wake(),
          bindFailed,
        },
        transport,
      ),
    electionLinks: (listener) => {
      const peers = new ElectionPeers(
        {
          serverId: ensemble.serverId,
          members: new Map(
            ensemble.members.map(({ id, addresses }) => [
              id,
              {
                electionAddresses: addresses.map(({ host, electionPort: port }) => ({
                  host,
                  port,
                })),
              },
            ]),
          ),
          listen: listenAddress(ensemble, ({ electionPort }) => electionPort),
          bind: { tries: ensemble.electionPortBindRetry, delayMs: BIND_RETRY_MS },
          connectTimeoutMs: ensemble.cnxTimeoutMs,
          headerTimeoutMs: ensemble.syncLimit * options.tickTimeMs,
        },
        {
          notified: (from, bytes, start, end) =>
            heard(() => listener.notified(from, bytes, start, end)),
          linkUp: (peer) => heard(() => listener.linkUp(peer)),
          linkDown: (peer) => heard(() => listener.linkDown(peer)),
          bindFailed,
        },
        transport,
      )
      peers.listen().catch((error: unknown) => hooks.failed(error))
      peers.dial()
      return peers
    },
  }
}

/** Where this server listens: its own line's first address, or every one of the machine. */
function listenAddress(
  { members, serverId, quorumListenOnAllIPs }: EnsembleOptions,
  portOf: (address: MemberAddress) => number,
): { host: string | null; port: number } {
  const own = members.find(({ id }) => id === serverId)?.addresses
  const first = own?.[0]
  assert(first !== undefined, 'this server is one of the members')
  const everywhere = quorumListenOnAllIPs || own!.length > 1
  return { host: everywhere ? null : first.host, port: portOf(first) }
}
