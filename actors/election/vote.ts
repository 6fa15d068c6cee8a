// A vote, and which of two is better.

import { MalformedError } from '../../protocol/bytes/jute-reader.ts'
import {
  type Notification,
  PeerState,
  readNotification,
  VOTE_NONE,
} from '../../protocol/quorum/notification.ts'
import { SERVER_NONE, type ServerId } from '../../protocol/quorum/server-id.ts'
import type { Membership } from '../membership.ts'

export interface Vote {
  readonly leader: ServerId
  readonly zxid: bigint
  readonly peerEpoch: bigint
}

export const NO_VOTE: Vote = { leader: SERVER_NONE, zxid: VOTE_NONE, peerEpoch: VOTE_NONE }

/** A vote as its sender last cast it, with the sender's state and round. */
export interface CastVote extends Vote {
  readonly state: number
  readonly round: bigint
}

/** Whether `a` beats `b`: by epoch, then zxid, then server id. A candidate without weight never
 * wins (FastLeaderElection.totalOrderPredicate). Of two that are equal in the log, a voter of the
 * configuration in force comes before one of the next: only the former has everybody's vote. */
export function beats(a: Vote, b: Vote, membership: Membership): boolean {
  if (membership.weight(a.leader) === 0) return false
  if (a.peerEpoch !== b.peerEpoch) return a.peerEpoch > b.peerEpoch
  if (a.zxid !== b.zxid) return a.zxid > b.zxid
  const [ofA, ofB] = [membership.isVoterInForce(a.leader), membership.isVoterInForce(b.leader)]
  return ofA === ofB ? a.leader > b.leader : ofA
}

/** No process lives to see this many elections. */
const ROUNDS_COUNTED = 2n ** 31n

/** Null after a round that nobody can have counted up to. */
export function roundAfter(round: bigint): bigint | null {
  return round >= 0n && round < ROUNDS_COUNTED ? round + 1n : null
}

export function sameVote(a: Vote, b: Vote): boolean {
  return a.leader === b.leader && a.zxid === b.zxid && a.peerEpoch === b.peerEpoch
}

export function voteText({ leader, zxid, peerEpoch }: Vote): string {
  return `${leader} at 0x${BigInt.asUintN(64, zxid).toString(16)} epoch ${peerEpoch}`
}

/** Of each voter the last of them: `1 for 3 at 0x100000002 epoch 1, 2 for ...`. */
export function votesText(votes: readonly (readonly [voter: number, vote: Vote])[]): string {
  const sorted = [...new Map(votes)].sort(([a], [b]) => a - b)
  return sorted.map(([voter, vote]) => `${voter} for ${voteText(vote)}`).join(', ')
}

export const STATE_NAMES: ReadonlyMap<PeerState | 'idle', string> = new Map<
  PeerState | 'idle',
  string
>([
  ['idle', 'idle'],
  [PeerState.looking, 'looking'],
  [PeerState.following, 'following'],
  [PeerState.leading, 'leading'],
  [PeerState.observing, 'observing'],
])

/** Null if the bytes are no notification: that is the peer's fault, and harms nobody else. */
export function tryRead(bytes: Uint8Array, start: number, end: number): Notification | null {
  try {
    return readNotification(bytes, start, end)
  } catch (error) {
    if (error instanceof MalformedError) return null
    throw error
  }
}

export type Alike = (vote: CastVote) => boolean

export function votersOf(votes: ReadonlyMap<ServerId, CastVote>, alike: Alike): Set<ServerId> {
  const voters = new Set<ServerId>()
  for (const [id, vote] of votes) if (alike(vote)) voters.add(id)
  return voters
}
