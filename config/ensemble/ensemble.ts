// An ensemble as the configuration describes it: who its members are, which of them this server
// is, and the times its protocols run by. Immutable, like all options.

import type { Member, MembershipConfig } from '../../protocol/quorum/membership-config.ts'

/** What may be set about an ensemble beside its members. */
export interface EnsembleSettings {
  /** Ticks that followers may take to connect to a leader and to catch up; at least 1. */
  readonly initLimit: number
  /** Ticks that a follower may lag behind its leader; at least 1. */
  readonly syncLimit: number
  /** Ticks to try to reach a leader that was elected; 0 stands for `initLimit`. */
  readonly connectToLearnerMasterLimit: number
  /** Whether a leader serves clients of its own. */
  readonly leaderServes: boolean
  /** Whether the ports for peers are open on every address of the machine. */
  readonly quorumListenOnAllIPs: boolean
  /** Whether peers are told all addresses of a member (and the newer first message is used). */
  readonly multiAddressEnabled: boolean
  /** How often to try to listen for votes; 0 is for ever. */
  readonly electionPortBindRetry: number
  /** How long a connection to another member's election port may take to open. */
  readonly cnxTimeoutMs: number
  /** How long a quorum's vote waits for a better one. */
  readonly finalizeWaitMs: number
  /** Votes are repeated after this... */
  readonly minNotificationIntervalMs: number
  /** ...then at twice the interval each time, up to this. */
  readonly maxNotificationIntervalMs: number
  /** Committed transactions kept for learners that were away. */
  readonly commitLogCount: number
  /** Those behind that are read from the log for a learner that needs no more of it than this part of
   * a snapshot's size; negative: nothing is. */
  readonly snapshotSizeFactor: number
  /** Serve reads to clients that allow it while there is no quorum. */
  readonly readOnlyMode: boolean
  /** Whether there are new sessions then. */
  readonly localSessionsEnabled: boolean
  /** How often the members say that they are alive. */
  readonly heartbeatMs: number
  /** How long a leader that says nothing is believed; more than `heartbeatMs`. */
  readonly silenceMs: number
}

export interface EnsembleOptions extends EnsembleSettings {
  /** What `myid` holds: the id of one of the members. */
  readonly serverId: number
  /** As the server starts; what it hears later is told to its actors. */
  readonly membership: MembershipConfig
  /** Of this server; its line counts. */
  readonly peerType: 'participant' | 'observer'
}

export const ENSEMBLE_DEFAULTS: Omit<EnsembleSettings, 'initLimit' | 'syncLimit'> = {
  connectToLearnerMasterLimit: 0,
  leaderServes: true,
  quorumListenOnAllIPs: false,
  multiAddressEnabled: false,
  electionPortBindRetry: 3,
  cnxTimeoutMs: 5000,
  finalizeWaitMs: 50,
  minNotificationIntervalMs: 200,
  maxNotificationIntervalMs: 60_000,
  commitLogCount: 500,
  snapshotSizeFactor: 0.33,
  readOnlyMode: false,
  localSessionsEnabled: false,
  heartbeatMs: 50,
  silenceMs: 500,
}

/** The member that this server is. */
export function ownMember(ensemble: EnsembleOptions): Member {
  const own = ensemble.membership.members.find(({ id }) => id === ensemble.serverId)
  if (own === undefined) throw new Error(`server.${ensemble.serverId} is not among the members`)
  return own
}
