// What a leader and a learner of ours understand beyond ZooKeeper's protocol.
//
// They tell each other in their introductions. A learner asks for heartbeats in LearnerInfo, and a
// leader promises them in LEADERINFO. ZooKeeper's servers do neither, and skip those bytes
// (protocol/quorum/learner-info.ts). A peer that speaks of heartbeats understands everything listed
// here. A later extension, which some of our servers do not know, gets a field here and a word of
// its own in the introduction.

export interface Capabilities {
  /** How often it sends a PING, in ms, besides ZooKeeper's one each half tick; 0 for never. So a
   * peer that hangs is noticed in a fraction of a second. */
  readonly beatMs: number
  /** It sends and answers pulses over the connection for votes (actors/election/pulses.ts). A peer
   * that is silent here but has pulses is busy, not gone. ZooKeeper's servers are sent none. */
  readonly pulses: boolean
  /** One ACK stands for all proposals up to it, one COMMIT for all transactions up to it.
   * ZooKeeper's leader counts each ACK by itself, and its learners commit one transaction a
   * COMMIT. */
  readonly ranges: boolean
  /** A COMMIT may name a transaction that a quorum lacks only this learner's disk for: the learner
   * commits it as soon as its own disk has it (WHEN_LOGGED, leader/commits.ts). */
  readonly earlyCommits: boolean
  /** Proposals and commits that no client waits for may come some ms later, several at once
   * (leader/fan-out.ts). ZooKeeper's servers are told at once. */
  readonly patience: boolean
  /** A SYNC may follow the commits of writes proposed after it. To ZooKeeper's learners it goes
   * first, or their CommitProcessor never answers the client. */
  readonly lateSyncs: boolean
  /** Answers to PINGs mark the end of a complete list of the sessions heard (ALL_TOUCHED). The
   * lists of ZooKeeper's learners are always complete. */
  readonly completeTouches: boolean
  /** PINGs say how recently a quorum stood behind the leader (protocol/quorum/standing.ts). */
  readonly standing: boolean
}

/** A peer that introduced itself as ZooKeeper's servers do, or has not introduced itself yet. */
export const ZOOKEEPERS: Capabilities = {
  beatMs: 0,
  pulses: false,
  ranges: false,
  earlyCommits: false,
  patience: false,
  lateSyncs: false,
  completeTouches: false,
  standing: false,
}

/** The capabilities of a peer that asked for, or promised, heartbeats this often; 0: one of
 * ZooKeeper's. */
export function capabilitiesOf(beatMs: number): Capabilities {
  if (beatMs === 0) return ZOOKEEPERS
  return {
    beatMs,
    pulses: true,
    ranges: true,
    earlyCommits: true,
    patience: true,
    lateSyncs: true,
    completeTouches: true,
    standing: true,
  }
}

/** The other end of a link. Its capabilities are known once it has introduced itself. */
export interface Peer {
  speaks: Capabilities
}
