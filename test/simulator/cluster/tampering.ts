// Where a mutation test may break a member on purpose: the seams of the simulated ensemble.
// Production code has none of these; a member that is not tampered with passes through untouched.

import type { Files } from '../../../actors/log/files/files.ts'
import type { TreeClientMessages } from '../../../protocol/messages/tree.ts'
import type { PeerSockets } from '../../../runtime/hosts/environment.ts'
import type { NetworkLoop } from '../../../runtime/net/network-loop.ts'
import type { LastHeardTable } from '../../../runtime/shared/last-heard.ts'
import type { SimulatedDisk } from '../disk.ts'
import type { Member } from './member.ts'

export interface ClusterTampering {
  files(disk: SimulatedDisk, member: Member): Files
  heard(table: LastHeardTable, member: Member): LastHeardTable
  network(network: { readonly loop: NetworkLoop; readonly toTree: TreeClientMessages }): void
  peers(sockets: PeerSockets, member: Member): PeerSockets
  /** Its actors have just been built. */
  built(member: Member): void
}

export const UNTAMPERED: ClusterTampering = {
  files: (disk) => disk,
  heard: (table) => table,
  network: () => undefined,
  peers: (sockets) => sockets,
  built: () => undefined,
}
