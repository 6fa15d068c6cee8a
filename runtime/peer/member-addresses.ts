// Where the members of an ensemble listen for each other.

import { assert } from '../../protocol/assert.ts'
import type { Member } from '../../protocol/quorum/membership-config.ts'
import type { ServerId } from '../../protocol/quorum/server-id.ts'
import type { PeerAddress } from './dial.ts'
import type { ListenAddress } from './port-listener.ts'

export type PeerPort = 'quorumPort' | 'electionPort'

/** By the member's id. Several addresses of one member lead to the same process. */
export type MemberAddresses = ReadonlyMap<ServerId, readonly PeerAddress[]>

export function addressesOf(members: readonly Member[], port: PeerPort): MemberAddresses {
  return new Map(
    members.map(({ id, addresses }) => [
      id,
      addresses.map((address) => ({ host: address.host, port: address[port] })),
    ]),
  )
}

/** Where this server listens: the first address of its own line, or every address of the machine. */
export function listenAddress(
  members: readonly Member[],
  serverId: ServerId,
  port: PeerPort,
  everywhere: boolean,
): ListenAddress {
  const own = members.find(({ id }) => id === serverId)?.addresses ?? []
  const [first] = own
  assert(first !== undefined, 'this server is one of the members')
  return { host: everywhere || own.length > 1 ? null : first.host, port: first[port] }
}
