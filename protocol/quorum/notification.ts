// The election's only message (FastLeaderElection.buildMsg), as it lies in a frame on port 3888.
//
//   int state, long leader, long zxid, long round, long peerEpoch, int version,
//   int configLength, config text
//
// Senders before 3.5 end after peerEpoch or version; those of 3.3 before peerEpoch.

import { JuteReader, MalformedError } from '../jute-reader.ts'
import type { JuteWriter } from '../jute-writer.ts'
import { epochOf, ZXID_NONE, type Zxid } from '../zxid.ts'
import { SERVER_NONE, type ServerId } from './server-id.ts'

export const PeerState = { looking: 0, following: 1, leading: 2, observing: 3 } as const
export type PeerState = (typeof PeerState)[keyof typeof PeerState]

export interface Notification {
  /** Of the sender. */
  state: PeerState
  leader: ServerId
  /** Last zxid the proposed leader has logged. */
  zxid: Zxid
  /** Which election: a counter of its own, no epoch. */
  round: number
  /** currentEpoch of the proposed leader. */
  peerEpoch: number
  /** Text of the configuration, "" from a sender that knows none. */
  config: string
}

const VERSION = 2
const LEGACY_BYTES = 28
const UNVERSIONED_BYTES = 40
const NONE_WIRE = -(2n ** 63n)
const EPOCH_NONE = -1

export function writeNotification(writer: JuteWriter, notification: Notification): void {
  writer.int(notification.state)
  if (notification.leader === SERVER_NONE) writer.long(NONE_WIRE)
  else writer.longNumber(notification.leader)
  writer.zxid(notification.zxid)
  writer.longNumber(notification.round)
  writer.longNumber(notification.peerEpoch)
  writer.int(VERSION)
  writer.string(notification.config)
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
  const zxid = readUnlessNone(reader, () => reader.zxid()) ?? ZXID_NONE
  const round = reader.longNumber()
  const peerEpoch =
    length === LEGACY_BYTES
      ? epochOf(zxid)
      : (readUnlessNone(reader, () => reader.longNumber()) ?? EPOCH_NONE)
  let config = ''
  const versioned = length !== LEGACY_BYTES && length !== UNVERSIONED_BYTES
  if (versioned && reader.int() >= VERSION) config = reader.text()
  return { state: state as PeerState, leader, zxid, round, peerEpoch, config }
}

/** Java's observers have Long.MIN_VALUE wherever a candidate has something to show. */
function readUnlessNone<T>(reader: JuteReader, read: () => T): T | null {
  const at = reader.offset
  if (reader.long() === NONE_WIRE) return null
  reader.offset = at
  return read()
}

/** A long; ids that no configuration can name all read as SERVER_NONE. */
function readServerId(reader: JuteReader): ServerId {
  const id = reader.long()
  return id >= 0n && id <= 0xffffn ? Number(id) : SERVER_NONE
}
