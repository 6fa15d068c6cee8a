// What a hostile peer may say on the ports between members: bytes as a member would send them, with
// numbers that no member would.

import { JuteWriter } from '../../../../protocol/bytes/jute-writer.ts'
import { type Notification, writeNotification } from '../../../../protocol/quorum/notification.ts'
import { type PacketType, PROTOCOL_VERSION } from '../../../../protocol/quorum/packet.ts'

const LONG_MAX = 2n ** 63n - 1n
/** Where arithmetic has its edges. */
export const LONGS: readonly bigint[] = [
  -LONG_MAX - 1n,
  -1n,
  0n,
  1n,
  2n ** 31n,
  2n ** 32n,
  2n ** 53n - 1n,
  2n ** 53n,
  LONG_MAX - 1n,
  LONG_MAX,
]
export const INTS: readonly number[] = [-0x8000_0000, -1, 0, 1, 1000, 0x7fff_ffff]

/** Any high word. */
export interface LiedPacket {
  readonly type: PacketType
  readonly epoch: number
  readonly counter?: number
  readonly data?: Uint8Array | null
}

export function packetBytes({ type, epoch, counter = 0, data = null }: LiedPacket): Uint8Array {
  const writer = new JuteWriter()
  writer.int(type)
  writer.int(epoch)
  writer.int(counter)
  writer.buffer(data)
  writer.int(-1)
  return writer.finish()
}

export function learnerInfo(serverId: bigint, heartbeatMs: number): Uint8Array {
  const writer = new JuteWriter(24)
  writer.long(serverId)
  writer.int(PROTOCOL_VERSION)
  writer.long(0n)
  writer.int(heartbeatMs)
  return writer.finish()
}

export function intBytes(...values: readonly number[]): Uint8Array {
  const writer = new JuteWriter(8)
  for (const value of values) writer.int(value)
  return writer.finish()
}

/** What a leader of ours says with its PINGs (protocol/quorum/standing.ts). */
export function standing(answers: number, ageMs: number): Uint8Array {
  const writer = new JuteWriter(12)
  writer.long(BigInt(answers))
  writer.int(ageMs)
  return writer.finish()
}

/** long version, long serverId, an address where nobody listens. */
export function electionIntroduction(serverId: bigint, address: string = 's999:1'): Uint8Array {
  const writer = new JuteWriter(64)
  writer.long(-65_536n)
  writer.long(serverId)
  writer.string(address)
  return writer.finish()
}

export function voteFrame(vote: Notification): Uint8Array {
  const body = new JuteWriter()
  writeNotification(body, vote)
  return framed(body.finish())
}

export function framed(bytes: Uint8Array, length: number = bytes.length): Uint8Array {
  const writer = new JuteWriter(bytes.length + 4)
  writer.int(length)
  writer.raw(bytes, 0, bytes.length)
  return writer.finish()
}
