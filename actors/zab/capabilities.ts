// What leader and learner understand beyond ZooKeeper's protocol: the dialect of servers of ours.
//
// They tell each other with their introductions. A learner asks for heartbeats in LearnerInfo, a leader
// promises them in LEADERINFO; ZooKeeper's do neither, and read past it (protocol/quorum/learner-info.ts).
// Whoever does understands all that is listed here. What is to come, and not all of ours understand, gets
// a field and a word in the introduction of its own; nobody asks for more than one field at a time.

export interface Capabilities {
  /** A PING leaves this often, in ms, beside ZooKeeper's, of which there is one each half tick; 0: no
   * others. So who stands still is noticed in a fraction of a second. */
  readonly beatMs: number
  /** It exchanges pulses over the connection for votes (actors/election/pulses.ts): who has pulses and is
   * silent is busy, not gone. ZooKeeper's is asked for nothing there. */
  readonly pulses: boolean
  /** An ACK stands for all proposals before it, a COMMIT for all transactions before it. ZooKeeper's
   * leader counts each ACK by itself, and its learners commit one transaction a COMMIT. */
  readonly ranges: boolean
  /** A COMMIT may speak of a transaction that only the learner's own disk lacks for a quorum: it is
   * committed when that disk has it (WHEN_LOGGED, leader/commits.ts). */
  readonly earlyCommits: boolean
  /** Proposals and commits for which nobody waits may come some ms later, several at once
   * (leader/fan-out.ts). ZooKeeper's are told at once. */
  readonly patience: boolean
  /** A SYNC may come behind commits of what was proposed after it. To ZooKeeper's it goes first, or its
   * CommitProcessor never answers the client. */
  readonly lateSyncs: boolean
  /** Answers to PINGs say that the sessions they tell of are all that were heard (ALL_TOUCHED). Those of
   * ZooKeeper's tell of all, always. */
  readonly completeTouches: boolean
  /** PINGs say how lately a quorum stood behind the leader (protocol/quorum/standing.ts). */
  readonly standing: boolean
}

/** Whoever has introduced itself as ZooKeeper's servers do, or not yet. */
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

/** Of a peer that has asked for, or promised, heartbeats this often; 0: one of ZooKeeper's. */
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

/** The other end of a link. What it understands is known from its introduction on. */
export interface Peer {
  speaks: Capabilities
}
