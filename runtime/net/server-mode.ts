// What a server is to its clients at this moment, in the words of `srvr`.

import { ServingMode } from '../../protocol/messages/network.ts'

/** `looking` serves nobody. `read-only` serves reads without a quorum. */
export type ServerMode = 'standalone' | 'leader' | 'follower' | 'observer' | 'looking' | 'read-only'

const MODES: Readonly<Record<ServingMode, ServerMode>> = {
  [ServingMode.standalone]: 'standalone',
  [ServingMode.leader]: 'leader',
  [ServingMode.follower]: 'follower',
  [ServingMode.observer]: 'observer',
  [ServingMode.readOnly]: 'read-only',
}

const PEER_STATES: Readonly<Record<ServerMode, string>> = {
  standalone: '',
  leader: 'leading - broadcast',
  follower: 'following - broadcast',
  observer: 'observing - broadcast',
  looking: 'looking',
  'read-only': 'looking',
}

export function modeOf(mode: ServingMode): ServerMode {
  return MODES[mode]
}

/** As ZooKeeper's QuorumPeer.getDetailedPeerState of a peer that serves. */
export function peerState(mode: ServerMode): string {
  return PEER_STATES[mode]
}
