// The first thing that the dialling side sends on an election connection
// (QuorumCnxManager.InitialMessage):
//
//   long version, long serverId, int length, text host:port, with V2 several, joined by |
//
// Senders before 3.5 send only a long serverId. Versions are negative, to tell them apart.
// Everything goes out in one write, because Java takes the text with a single read().

import { JuteReader, MalformedError } from '../../protocol/bytes/jute-reader.ts'
import { JuteWriter } from '../../protocol/bytes/jute-writer.ts'
import { ADDRESS_BYTES, isWithin } from '../../protocol/quorum/ranges.ts'
import { SERVER_NONE, type ServerId, serverIdOf } from '../../protocol/quorum/server-id.ts'
import type { PeerAddress } from './dial.ts'

const VERSION_ONE_ADDRESS = -65536n
const VERSION_ADDRESSES = -65535n
const FIXED_BYTES = 20
/** Long.MAX_VALUE: an observer without an id (QuorumPeer.OBSERVER_ID). */
const ANONYMOUS = 2n ** 63n - 1n
const WILDCARDS: ReadonlySet<string> = new Set(['0.0.0.0', '::', '0:0:0:0:0:0:0:0'])

export interface Introduction {
  /** Null for an observer that has none. */
  readonly serverId: ServerId | null
  /** Where it says that it can be dialled. Wildcards are left out. */
  readonly addresses: readonly PeerAddress[]
}

export function introductionBytes(
  serverId: ServerId,
  addresses: readonly PeerAddress[],
): Uint8Array {
  const writer = new JuteWriter(64)
  writer.long(addresses.length > 1 ? VERSION_ADDRESSES : VERSION_ONE_ADDRESS)
  writer.longNumber(serverId)
  writer.string(addresses.map(textOf).join('|'))
  return writer.finish()
}

/** The introduction at `start`, and where it ends; null while it is incomplete. Throws
 * MalformedError on bytes that cannot become one. */
export function readIntroduction(
  bytes: Uint8Array,
  start: number,
  end: number,
): { introduction: Introduction; end: number } | null {
  const reader = new JuteReader(bytes, start, end)
  if (reader.remaining < 8) return null
  const first = reader.long()
  if (first >= 0n) {
    return { introduction: { serverId: idOf(first), addresses: [] }, end: reader.offset }
  }
  if (first !== VERSION_ONE_ADDRESS && first !== VERSION_ADDRESSES) {
    throw new MalformedError(`election protocol ${first}`)
  }
  if (end - start < FIXED_BYTES) return null
  const serverId = idOf(reader.long())
  const length = reader.int()
  if (!isWithin(ADDRESS_BYTES, length)) {
    throw new MalformedError(`election address of ${length} bytes`)
  }
  if (reader.remaining < length) return null
  reader.offset -= 4
  const addresses = reader.text().split('|').map(addressOf)
  const usable = addresses.filter(({ host }) => !WILDCARDS.has(host))
  return { introduction: { serverId, addresses: usable }, end: reader.offset }
}

function idOf(id: bigint): ServerId | null {
  if (id === ANONYMOUS) return null
  const serverId = serverIdOf(id)
  if (serverId === SERVER_NONE) throw new MalformedError(`server id ${id}`)
  return serverId
}

function textOf({ host, port }: PeerAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

function addressOf(text: string): PeerAddress {
  const match = /^(?:\[([^[\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text)
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[3])
  if (host === undefined || port > 65_535) throw new MalformedError('election address')
  return { host, port }
}
