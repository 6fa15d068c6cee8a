// What a server is to its clients at this moment, in the words of `srvr`.

/** `looking` serves nobody. `read-only` serves reads without a quorum. */
export type ServerMode = 'standalone' | 'leader' | 'follower' | 'observer' | 'looking' | 'read-only'

const PEER_STATES: Readonly<Record<ServerMode, string>> = {
  standalone: '',
  leader: 'leading - broadcast',
  follower: 'following - broadcast',
  observer: 'observing - broadcast',
  looking: 'looking',
  'read-only': 'looking',
}

/** As ZooKeeper's QuorumPeer.getDetailedPeerState of a peer that serves. */
export function peerState(mode: ServerMode): string {
  return PEER_STATES[mode]
}
