// The messages between a leader and its learners (QuorumPacket), on port 2888.
//
//   int type, long zxid, buffer data, vector<Id> authinfo
//
// Packets follow one another without a frame around them, so the reader says whether a whole one
// has arrived. Lengths are bounded before anything waits for them. Of a packet's authinfo only the
// shape is checked: the leader's tree reads it, everybody else passes it on as it came.

import { JuteReader, MalformedError } from '../bytes/jute-reader.ts'
import type { JuteWriter } from '../bytes/jute-writer.ts'
import { isZxid, type Zxid, zxidOf } from '../zxid.ts'
import { IDENTITIES } from './ranges.ts'

export const PacketType = {
  request: 1,
  proposal: 2,
  ack: 3,
  commit: 4,
  ping: 5,
  revalidate: 6,
  sync: 7,
  inform: 8,
  commitAndActivate: 9,
  newLeader: 10,
  followerInfo: 11,
  upToDate: 12,
  diff: 13,
  trunc: 14,
  snap: 15,
  observerInfo: 16,
  leaderInfo: 17,
  ackEpoch: 18,
  informAndActivate: 19,
} as const
export type PacketType = (typeof PacketType)[keyof typeof PacketType]

/** The protocol of ZooKeeper 3.4 and later, in LearnerInfo and LEADERINFO. */
export const PROTOCOL_VERSION = 0x10000

/** The data of a COMMIT between members of ours: once the receiver has the transaction on disk, a
 * quorum has it. */
export const WHEN_LOGGED: Uint8Array = Uint8Array.of(1)

export interface Packet {
  readonly type: number
  readonly zxid: Zxid
  /** Null, or a view that is valid as long as the bytes it was read from. */
  readonly data: Uint8Array | null
  /** The encoded vector<Id>, including its count, as such a view; null if the count is -1. */
  readonly authinfo: Uint8Array | null
}

/** int type, long zxid, int length of the data */
const HEAD_BYTES = 16

/** `authinfo` is an encoded vector<Id>, or null for none. */
export function writePacket(
  writer: JuteWriter,
  type: PacketType,
  zxid: Zxid,
  data: Uint8Array | null,
  authinfo: Uint8Array | null = null,
): void {
  writer.int(type)
  writer.zxid(zxid)
  writer.buffer(data)
  if (authinfo === null) writer.int(-1)
  else writer.raw(authinfo, 0, authinfo.length)
}

/** Reads packets from a stream. An incomplete packet is none yet. */
export class PacketReader {
  readonly #fieldBytesMax: number
  readonly #reader = new JuteReader()
  /** Where the last packet that was read ended. */
  end = 0
  /** The least number of bytes that the incomplete packet has. With fewer it need not be read
   * again, so that a packet that comes byte by byte is not parsed at each byte. */
  needed = 0

  constructor(fieldBytesMax: number) {
    this.#fieldBytesMax = fieldBytesMax
  }

  /** The packet at `start`; null while it is incomplete. Throws MalformedError on what can never
   * become a packet, for example if data or authinfo have more than `fieldBytesMax` bytes. */
  read(bytes: Uint8Array, start: number, end: number): Packet | null {
    const reader = this.#reader
    reader.reset(bytes, start, end)
    this.needed = HEAD_BYTES
    if (reader.remaining < HEAD_BYTES) return null
    const type = reader.int()
    const [high, low] = [reader.int(), reader.int()]
    if (!isZxid(high)) throw new MalformedError(`packet with epoch ${high}`)
    const length = this.#length(this.#fieldBytesMax)
    if (this.#lacks(start, length)) return null
    const data = length === -1 ? null : bytes.subarray(reader.offset, reader.offset + length)
    reader.skip(Math.max(0, length))
    const authinfoAt = reader.offset
    if (!this.#skipAuthinfo(start)) return null
    this.needed = 0
    this.end = reader.offset
    const authinfo = this.#hasAuthinfo ? bytes.subarray(authinfoAt, this.end) : null
    return { type, zxid: zxidOf(high, low), data, authinfo }
  }

  #hasAuthinfo = false

  /** Whether it was complete. */
  #skipAuthinfo(packetStart: number): boolean {
    const reader = this.#reader
    const start = reader.offset
    if (this.#lacks(packetStart, 4)) return false
    const count = this.#length(IDENTITIES.max)
    this.#hasAuthinfo = count >= 0
    for (let texts = count * 2; texts > 0; texts--) {
      if (reader.offset - start > this.#fieldBytesMax) throw new MalformedError('authinfo too long')
      if (this.#lacks(packetStart, 4)) return false
      const length = Math.max(0, this.#length(this.#fieldBytesMax))
      if (this.#lacks(packetStart, length)) return false
      reader.skip(length)
    }
    return true
  }

  /** Whether this many more bytes have not arrived yet. */
  #lacks(packetStart: number, bytes: number): boolean {
    this.needed = this.#reader.offset - packetStart + bytes
    return this.#reader.remaining < bytes
  }

  #length(max: number): number {
    const length = this.#reader.int()
    if (length < -1 || length > max) throw new MalformedError(`length ${length} in a packet`)
    return length
  }
}
