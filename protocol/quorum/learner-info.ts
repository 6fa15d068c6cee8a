// What a learner says about itself, in FOLLOWERINFO and OBSERVERINFO (LearnerInfo).
//
//   long serverid, int protocolVersion, long configVersion [, int heartbeatMs]
//
// The last field is ours: ZooKeeper's servers do not send it, and skip it. It asks the leader for a
// sign of life each so many ms.

import { JuteReader } from '../bytes/jute-reader.ts'
import { JuteWriter } from '../bytes/jute-writer.ts'
import { PROTOCOL_VERSION } from './packet.ts'
import { HEARTBEAT_MS, SERVER_ID, within } from './ranges.ts'
import { type ServerId, serverIdOf } from './server-id.ts'

export interface LearnerInfo {
  readonly serverId: ServerId
  readonly protocolVersion: number
  /** The version of the configuration that it has seen last. */
  readonly configVersion: bigint
  /** 0 from a server that only takes ZooKeeper's PINGs. */
  readonly heartbeatMs: number
}

export function learnerInfoBytes(
  serverId: ServerId,
  configVersion: bigint,
  heartbeatMs: number,
): Uint8Array {
  const writer = new JuteWriter(24)
  writer.longNumber(serverId)
  writer.int(PROTOCOL_VERSION)
  writer.long(configVersion)
  writer.int(heartbeatMs)
  return writer.finish()
}

/** Throws MalformedError. A learner of 3.4 sends no configuration version. */
export function readLearnerInfo(bytes: Uint8Array): LearnerInfo {
  const reader = new JuteReader(bytes)
  const id = reader.long()
  // Negative for a learner that is not counted (rejoin.ts).
  const serverId = id < 0n && id >= -BigInt(SERVER_ID.max) ? Number(id) : serverIdOf(id)
  const protocolVersion = reader.int()
  const configVersion = reader.remaining >= 8 ? reader.long() : 0n
  const heartbeatMs = reader.remaining >= 4 ? Math.max(0, reader.int()) : 0
  return { serverId, protocolVersion, configVersion, heartbeatMs }
}

/** What a leader says about itself: int protocolVersion [, int heartbeatMs]. The interval is for a
 * learner that asked for one; 0 leaves it out. */
export function leaderInfoBytes(heartbeatMs: number): Uint8Array {
  const writer = new JuteWriter(8)
  writer.int(PROTOCOL_VERSION)
  if (heartbeatMs > 0) writer.int(heartbeatMs)
  return writer.finish()
}

/** Throws MalformedError. `heartbeatMs` is 0 from a leader that only sends ZooKeeper's PINGs. */
export function readLeaderInfo(bytes: Uint8Array | null): {
  protocolVersion: number
  heartbeatMs: number
} {
  if (bytes === null) return { protocolVersion: 0, heartbeatMs: 0 }
  const reader = new JuteReader(bytes)
  const protocolVersion = reader.int()
  const heartbeatMs = reader.remaining >= 4 ? within(HEARTBEAT_MS, reader.int()) : 0
  return { protocolVersion, heartbeatMs }
}
