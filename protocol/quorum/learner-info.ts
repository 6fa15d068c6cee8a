// What a learner says of itself, in FOLLOWERINFO and OBSERVERINFO (LearnerInfo).
//
//   long serverid, int protocolVersion, long configVersion

import { JuteReader } from '../jute-reader.ts'
import { JuteWriter } from '../jute-writer.ts'
import { PROTOCOL_VERSION } from './packet.ts'
import type { ServerId } from './server-id.ts'

export interface LearnerInfo {
  readonly serverId: ServerId
  readonly protocolVersion: number
  /** Version of the configuration it has seen last. */
  readonly configVersion: bigint
}

export function learnerInfoBytes(serverId: ServerId, configVersion: bigint): Uint8Array {
  const writer = new JuteWriter(20)
  writer.longNumber(serverId)
  writer.int(PROTOCOL_VERSION)
  writer.long(configVersion)
  return writer.finish()
}

/** Throws MalformedError. A learner of 3.4 sends no configuration version. */
export function readLearnerInfo(bytes: Uint8Array): LearnerInfo {
  const reader = new JuteReader(bytes)
  const serverId = reader.longNumber()
  const protocolVersion = reader.int()
  const configVersion = reader.remaining >= 8 ? reader.long() : 0n
  return { serverId, protocolVersion, configVersion }
}
