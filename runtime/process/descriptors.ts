// How the process's file descriptors (ulimit -n) are shared out. First come the server's own:
// threads, the log, snapshots and the worker that writes them, the loading of code. Then come its
// peers, and clients get the rest. So if there are too few, clients are refused, and the log can
// always open its next file. What strangers on the ports for peers may hold shrinks with the limit.

import type { EnsembleOptions } from '../../config/ensemble/ensemble.ts'
import { peersTakeTls } from '../../config/settings/quorum-tls.ts'
import { descriptorLimit, START_ALONE } from './descriptor-limit.ts'

/** The most that the ports for peers may hold. */
export interface PeerLimits {
  /** Connections on the port for learners. */
  readonly learnersMax: number
  /** Voters that the configuration does not name. */
  readonly strangersMax: number
  /** Connections on the port for votes that have not introduced themselves; and on each port those
   * that have not finished their TLS handshake. */
  readonly handshakesMax: number
}

export interface DescriptorPlan {
  /** Infinity if it is not known. */
  readonly limit: number
  /** Without these the server does not start. */
  readonly needed: number
  readonly clients: number
  readonly peers: PeerLimits
}

/** A standalone server runs with about 45, a member with 60. */
const OWN = 128
/** A member was seen with 151 open while its threads loaded their code. */
const START_MEMBER = 208
const CLIENTS_MIN = 16
/** A stranger is dialled at this many addresses, all at once: no server has more. */
export const STRANGER_ADDRESSES_MAX = 4

const AMPLE: PeerLimits = { learnersMax: 1024, strangersMax: 16, handshakesMax: 64 }
const SCARCE: PeerLimits = { learnersMax: 8, strangersMax: 2, handshakesMax: 8 }

export function planDescriptors(
  ensemble: EnsembleOptions | null,
  limit: number = descriptorLimit(),
): DescriptorPlan {
  const others = ensemble === null ? 0 : ensemble.membership.members.length - 1
  const peers = peerLimits(others, limit)
  const own = OWN + (ensemble === null ? 0 : peerDescriptors(ensemble, peers))
  const start = ensemble === null ? START_ALONE : START_MEMBER
  return { limit, needed: Math.max(start, own + CLIENTS_MIN), clients: limit - own, peers }
}

function peerLimits(others: number, limit: number): PeerLimits {
  const share = (part: number, least: number, most: number): number => {
    return Math.min(Math.max(Math.floor(limit / part), least), most)
  }
  return {
    learnersMax: share(16, SCARCE.learnersMax + others, AMPLE.learnersMax + others),
    strangersMax: share(128, SCARCE.strangersMax, AMPLE.strangersMax),
    handshakesMax: share(32, SCARCE.handshakesMax, AMPLE.handshakesMax),
  }
}

/** Each other member has a link for votes, and is dialled at all its addresses, on both ports. */
function peerDescriptors(ensemble: EnsembleOptions, peers: PeerLimits): number {
  const { learnersMax, strangersMax, handshakesMax } = peers
  let count = learnersMax + handshakesMax + strangersMax * (1 + STRANGER_ADDRESSES_MAX)
  if (peersTakeTls(ensemble)) count += 2 * handshakesMax
  for (const { addresses } of ensemble.membership.members) count += 1 + 2 * addresses.length
  return count
}
