// Members broken on purpose in what they make of the leader's packets.

import { PacketType } from '../../../../protocol/quorum/packet.ts'
import { counterOf, epochOf, type Zxid } from '../../../../protocol/zxid.ts'
import type { PeerSockets } from '../../../../runtime/hosts/environment.ts'
import { type ClusterMutation, DEPOSED_UNHEARD } from './mutations.ts'

export const PACKET_MUTATIONS: readonly ClusterMutation[] = [
  {
    name: 'a follower applies what is proposed and not committed',
    // Where a client has seen what was undone; where the leader has not committed the session yet
    // that the follower's client has.
    caughtAs:
      /where .* was committed|elsewhere|which nobody has proposed|is committed after|was known|error -112, /,
    options: DEPOSED_UNHEARD,
    tampering: { peers: hastyCommits },
  },
  {
    name: '1156: a log is cut by one transaction too many',
    // Where nothing follows the cut, its member lacks the last transaction and is never told so.
    caughtAs:
      /where .* was committed|elsewhere|which nobody has proposed|is committed after|was known|never so that settled/,
    tampering: { peers: longTruncs },
  },
  {
    name: '4394: a commit between the acknowledgement of NEWLEADER and UPTODATE finds no proposal',
    caughtAs: /nothing to commit/,
    tampering: { peers: forgetfulLearner },
  },
  {
    name: 'a learner serves before UPTODATE',
    caughtAs: /serves in epoch \d+, which is not established|never so that/,
    tampering: { peers: hastyService },
  },
]

/** TRUNC is understood as one to the transaction before. */
function longTruncs(sockets: PeerSockets): PeerSockets {
  return {
    ...sockets,
    learnerLinks: (listener) =>
      sockets.learnerLinks({
        ...listener,
        packet: (link, packet) => {
          const isTrunc = packet.type === PacketType.trunc && counterOf(packet.zxid) > 1
          const zxid = isTrunc ? ((packet.zxid - 1) as Zxid) : packet.zxid
          listener.packet(link, { ...packet, zxid })
        },
      }),
  }
}

/** COMMIT is believed to have come with each PROPOSAL. */
function hastyCommits(sockets: PeerSockets): PeerSockets {
  return {
    ...sockets,
    learnerLinks: (listener) => {
      const believed: Set<Zxid> = new Set()
      return sockets.learnerLinks({
        ...listener,
        packet: (link, packet) => {
          const { type, zxid } = packet
          if (type === PacketType.commit && believed.has(zxid)) return
          listener.packet(link, packet)
          if (type !== PacketType.proposal) return
          believed.add(zxid)
          listener.packet(link, { type: PacketType.commit, zxid, data: null, authinfo: null })
        },
      })
    },
  }
}

/** What came before NEWLEADER is forgotten when that is acknowledged, but for the disk: the learner of
 * ZooKeeper 3.6 to 3.8 then met a null pointer. */
function forgetfulLearner(sockets: PeerSockets): PeerSockets {
  return {
    ...sockets,
    learnerLinks: (listener) => {
      let proposed: Zxid[] = []
      let forgotten: readonly Zxid[] = []
      return sockets.learnerLinks({
        ...listener,
        packet: (link, packet) => {
          const { type, zxid } = packet
          if (type === PacketType.leaderInfo || type === PacketType.upToDate) forgotten = []
          if (type === PacketType.leaderInfo) proposed = []
          if (type === PacketType.proposal) proposed.push(zxid)
          if (type === PacketType.newLeader) forgotten = proposed
          if (type === PacketType.commit && forgotten.includes(zxid)) {
            throw new Error('there is nothing to commit')
          }
          listener.packet(link, packet)
        },
      })
    },
  }
}

/** UPTODATE is believed to have come when NEWLEADER was acknowledged. */
function hastyService(sockets: PeerSockets): PeerSockets {
  return {
    ...sockets,
    learnerLinks: (listener) => {
      let serving = -1
      let due: (() => void) | null = null
      const links = sockets.learnerLinks({
        ...listener,
        packet: (link, packet) => {
          if (packet.type !== PacketType.upToDate) listener.packet(link, packet)
        },
      })
      const send = links.send.bind(links)
      const endTurn = links.endTurn.bind(links)
      links.send = (link, type, zxid, data, authinfo) => {
        send(link, type, zxid, data, authinfo)
        const isNewLeader = type === PacketType.ack && counterOf(zxid) === 0
        if (!isNewLeader || epochOf(zxid) === serving) return
        serving = epochOf(zxid)
        const packet = { type: PacketType.upToDate, zxid, data: null, authinfo: null }
        due = () => listener.packet(link, packet)
      }
      links.endTurn = () => {
        const now = due
        due = null
        now?.()
        endTurn()
      }
      return links
    },
  }
}
