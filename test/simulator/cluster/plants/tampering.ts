// Where a mutation test may break a member on purpose: the seams of the simulated ensemble.
// Production code has none of these; a member that is not tampered with passes through untouched.

import type { ClusterTampering } from '../member.ts'

export const UNTAMPERED: ClusterTampering = {
  files: (disk) => disk,
  heard: (table) => table,
  network: () => undefined,
  peers: (sockets) => sockets,
  built: () => undefined,
}
