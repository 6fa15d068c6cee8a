// Where a mutation test may break a server on purpose: the seams of the simulator. Production code
// has none of these; a server that is not tampered with passes through untouched.

import type { Files } from '../../../actors/log/files/files.ts'
import type { FrozenTree } from '../../../actors/tree/snapshot/snapshot-source.ts'
import type { Tree } from '../../../actors/tree/tree.ts'
import type { NetworkLoop } from '../../../runtime/net/network-loop.ts'
import type { LastHeardTable } from '../../../runtime/shared/last-heard.ts'
import type { SimulatedDisk } from '../world/disk.ts'

export interface Tampering {
  /** The log's disk. */
  files(disk: SimulatedDisk): Files
  heard(table: LastHeardTable): LastHeardTable
  network(loop: NetworkLoop): void
  /** The tree actor, once it is built. */
  tree(tree: Tree): void
  /** Its pages have just been frozen, for a snapshot of this. */
  frozen(tree: Tree, frozen: FrozenTree): void
}

export const UNTAMPERED: Tampering = {
  files: (disk) => disk,
  heard: (table) => table,
  network: () => undefined,
  tree: () => undefined,
  frozen: () => undefined,
}
