// The messages between a leader and its learners (QuorumPacket), on port 2888.
//
//   int type, long zxid, buffer data, vector<Id> authinfo
//
// They follow one another without a frame around them, so the reader says whether a whole one has
// arrived. Lengths are bounded before anything waits for them. Of a packet's authinfo only the shape
// is checked: the tree that leads reads it, everybody else hands it on as it came.

import { JuteReader, MalformedError } from '../jute-reader.ts'
import type { JuteWriter } from '../jute-writer.ts'
import { isZxid, type Zxid, zxidOf } from '../zxid.ts'

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

export interface Packet {
  readonly type: number
  readonly zxid: Zxid
  /** Null, or a view valid as long as the bytes it was read from. */
  readonly data: Uint8Array | null
  /** The encoded vector<Id>, its count included, as such a view; null when the count is -1. */
  readonly authinfo: Uint8Array | null
}

const IDENTITIES_MAX = 1024

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

/** The packet at `start` and where it ends; null while it is not whole. Throws MalformedError on
 * what can become no packet: a data or an authinfo of more than `fieldBytesMax` bytes among it. */
export function readPacket(
  bytes: Uint8Array,
  start: number,
  end: number,
  fieldBytesMax: number,
): { packet: Packet; end: number } | null {
  const cursor = new Cursor(bytes, start, end, fieldBytesMax)
  const head = cursor.take(12)
  const data = head === null ? null : cursor.field()
  if (head === null || data === null) return null
  const authinfo = cursor.authinfo()
  if (authinfo === null) return null
  const reader = new JuteReader(bytes, head, end)
  const type = reader.int()
  const [high, low] = [reader.int(), reader.int()]
  if (!isZxid(high)) throw new MalformedError(`packet with epoch ${high}`)
  const packet = { type, zxid: zxidOf(high, low), data: data.bytes, authinfo: authinfo.bytes }
  return { packet, end: cursor.at }
}

/** Walks over fields that may not have arrived yet: null says so. */
class Cursor {
  at: number
  readonly #bytes: Uint8Array
  readonly #end: number
  readonly #fieldBytesMax: number

  constructor(bytes: Uint8Array, start: number, end: number, fieldBytesMax: number) {
    this.#bytes = bytes
    this.#end = end
    this.#fieldBytesMax = fieldBytesMax
    this.at = start
  }

  /** Where `count` bytes begin. */
  take(count: number): number | null {
    if (this.#end - this.at < count) return null
    this.at += count
    return this.at - count
  }

  field(): { bytes: Uint8Array | null } | null {
    const length = this.#length(this.#fieldBytesMax)
    if (length === null) return null
    if (length === -1) return { bytes: null }
    const start = this.take(length)
    return start === null ? null : { bytes: this.#bytes.subarray(start, start + length) }
  }

  authinfo(): { bytes: Uint8Array | null } | null {
    const start = this.at
    const count = this.#length(IDENTITIES_MAX)
    if (count === null) return null
    if (count === -1) return { bytes: null }
    for (let texts = count * 2; texts > 0; texts--) {
      if (this.at - start > this.#fieldBytesMax) throw new MalformedError('authinfo too long')
      if (this.#text() === null) return null
    }
    return { bytes: this.#bytes.subarray(start, this.at) }
  }

  /** Skips a string. */
  #text(): number | null {
    const length = this.#length(this.#fieldBytesMax)
    return length === null ? null : this.take(Math.max(0, length))
  }

  #length(max: number): number | null {
    const start = this.take(4)
    if (start === null) return null
    const length = new JuteReader(this.#bytes, start, this.#end).int()
    if (length < -1 || length > max) throw new MalformedError(`length ${length} in a packet`)
    return length
  }
}
