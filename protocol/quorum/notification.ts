// The election's only message (FastLeaderElection.buildMsg), as it lies in a frame on port 3888.
//
//   int state, long leader, long zxid, long round, long peerEpoch, int version,
//   int configLength, config text
//   of our own servers: int length, the text of a next configuration that they have logged, or none
//
// Messages of senders before 3.5 end after peerEpoch or version, those of 3.3 before peerEpoch.
// What candidates claim is read as any long, as in Java: all servers that hear the same lie must
// agree on what it is worth.

import { JuteReader, MalformedError } from '../bytes/jute-reader.ts'
import type { JuteWriter } from '../bytes/jute-writer.ts'
import { readServerId, SERVER_NONE, type ServerId } from './server-id.ts'

export const PeerState = { looking: 0, following: 1, leading: 2, observing: 3 } as const
export type PeerState = (typeof PeerState)[keyof typeof PeerState]

export interface Notification {
  /** The sender's state. */
  state: PeerState
  leader: ServerId
  /** The last zxid that the proposed leader has logged. */
  zxid: bigint
  /** Which election: a counter of its own, and no epoch. */
  round: bigint
  /** currentEpoch of the proposed leader. */
  peerEpoch: bigint
  /** The text of the configuration; "" from a sender that knows none. */
  config: string
  /** The text of the configuration that the sender has logged and does not know to be committed; "" for
   * none. So it says that it is one of our servers: ZooKeeper's send nothing here, and pass over ours. */
  next?: string
}

const VERSION = 2
const LEGACY_BYTES = 28
const UNVERSIONED_BYTES = 40
/** What a server claims that is no candidate, and the id of nobody on the wire. */
export const VOTE_NONE: bigint = -(2n ** 63n)

export function writeNotification(writer: JuteWriter, notification: Notification): void {
  writer.int(notification.state)
  if (notification.leader === SERVER_NONE) writer.long(VOTE_NONE)
  else writer.longNumber(notification.leader)
  writer.long(notification.zxid)
  writer.long(notification.round)
  writer.long(notification.peerEpoch)
  writer.int(VERSION)
  writer.string(notification.config)
  if (notification.next !== undefined) writer.string(notification.next)
}

/** Throws MalformedError on anything that is no notification. */
export function readNotification(bytes: Uint8Array, start: number, end: number): Notification {
  const length = end - start
  if (length < LEGACY_BYTES) throw new MalformedError(`notification of ${length} bytes`)
  const reader = new JuteReader(bytes, start, end)
  const state = reader.int()
  if (state < PeerState.looking || state > PeerState.observing) {
    throw new MalformedError(`notification with state ${state}`)
  }
  const leader = readServerId(reader)
  const zxid = reader.long()
  const round = reader.long()
  const peerEpoch = length === LEGACY_BYTES ? zxid >> 32n : reader.long()
  let config = ''
  const versioned = length !== LEGACY_BYTES && length !== UNVERSIONED_BYTES
  if (versioned && reader.int() >= VERSION) config = reader.text()
  const vote = { state: state as PeerState, leader, zxid, round, peerEpoch, config }
  return versioned && reader.remaining > 0 ? { ...vote, next: reader.text() } : vote
}
