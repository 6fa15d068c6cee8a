// Who may have how many of the process's file descriptors (ulimit -n). First come the server's own:
// threads, the log, snapshots and the worker that writes them, the loading of code; then its peers;
// clients get the rest, so they are who is refused when there are too few, and the log can always
// open its next file. What strangers at the ports for peers may hold shrinks with the limit.

import { readFileSync } from 'node:fs'
import type { EnsembleOptions } from '../../config/ensemble/ensemble.ts'

/** What the ports for peers hold at most. */
export interface PeerLimits {
  /** Connections on the port for learners. */
  readonly learnersMax: number
  /** Voters that the configuration does not name. */
  readonly strangersMax: number
  /** Connections on the port for votes that have not said who they are. */
  readonly handshakesMax: number
}

export interface DescriptorPlan {
  /** Infinity where it is not known. */
  readonly limit: number
  /** Without these no server starts. */
  readonly needed: number
  readonly clients: number
  readonly peers: PeerLimits
}

/** A server on its own runs with some 45, a member with 60; each of their threads opens a few dozen
 * files at once to load its code, of which 121 and 151 were seen open in all. */
const OWN = 128
const START_ALONE = 160
const START_MEMBER = 208
const CLIENTS_MIN = 16
/** A stranger is dialled at so many addresses, all at once: no more than a server has. */
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
function peerDescriptors({ membership }: EnsembleOptions, peers: PeerLimits): number {
  const { learnersMax, strangersMax, handshakesMax } = peers
  let count = learnersMax + handshakesMax + strangersMax * (1 + STRANGER_ADDRESSES_MAX)
  for (const { addresses } of membership.members) count += 1 + 2 * addresses.length
  return count
}

/** Node has raised the soft limit to the hard one. */
export function descriptorLimit(): number {
  try {
    const limits = readFileSync('/proc/self/limits', 'latin1')
    const number = /^Max open files\s+(\d+)/m.exec(limits)?.[1]
    return number === undefined ? Number.POSITIVE_INFINITY : Number(number)
  } catch {
    return Number.POSITIVE_INFINITY
  }
}
