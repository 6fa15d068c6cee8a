// The messages between a leader and its learners (QuorumPacket), on port 2888.
//
//   int type, long zxid, buffer data, vector<Id> authinfo
//
// They follow one another without a frame around them, so the reader says whether a whole one has
// arrived. Lengths are bounded before anything waits for them.

import { type Id, writeId } from '../acl.ts'
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
  readonly identities: readonly Id[]
}

const NO_IDENTITIES: readonly Id[] = []
const IDENTITIES_MAX = 1024

export function writePacket(
  writer: JuteWriter,
  type: PacketType,
  zxid: Zxid,
  data: Uint8Array | null,
  identities: readonly Id[] | null = null,
): void {
  writer.int(type)
  writer.zxid(zxid)
  writer.buffer(data)
  writer.vector(identities, writeId)
}

/** The packet at `start` and where it ends; null while it is not whole. Throws MalformedError on
 * what can become no packet. */
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
  const identities = cursor.identities()
  if (identities === null) return null
  const reader = new JuteReader(bytes, head, end)
  const type = reader.int()
  const [high, low] = [reader.int(), reader.int()]
  if (!isZxid(high)) throw new MalformedError(`packet with epoch ${high}`)
  const packet = { type, zxid: zxidOf(high, low), data: data.bytes, identities }
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

  identities(): readonly Id[] | null {
    const count = this.#length(IDENTITIES_MAX)
    if (count === null) return null
    if (count <= 0) return NO_IDENTITIES
    const identities: Id[] = []
    for (let i = 0; i < count; i++) {
      const scheme = this.field()
      const id = scheme === null ? null : this.field()
      if (scheme === null || id === null) return null
      identities.push({ scheme: textOf(scheme.bytes), id: textOf(id.bytes) })
    }
    return identities
  }

  #length(max: number): number | null {
    const start = this.take(4)
    if (start === null) return null
    const length = new JuteReader(this.#bytes, start, this.#end).int()
    if (length < -1 || length > max) throw new MalformedError(`length ${length} in a packet`)
    return length
  }
}

function textOf(bytes: Uint8Array | null): string {
  return bytes === null ? '' : new TextDecoder().decode(bytes.slice())
}
