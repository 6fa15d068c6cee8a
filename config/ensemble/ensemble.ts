// An ensemble as the configuration describes it: its members, which of them this server is, and the
// times of its protocols. Immutable, like all options.

import type { Member, MembershipConfig } from '../../protocol/quorum/membership-config.ts'
import type { EnsembleSettings } from '../settings/registry.ts'

/** What they become when this membership is in force. */
export function reconfigured(
  ensemble: EnsembleOptions,
  membership: MembershipConfig,
): EnsembleOptions {
  const formerly = ownMember(ensemble)
  const own = membership.members.find(({ id }) => id === ensemble.serverId)
  return { ...ensemble, membership, formerly, peerType: own?.role ?? 'participant' }
}

export interface EnsembleOptions extends EnsembleSettings {
  /** What `myid` holds: the id of one of the members. */
  readonly serverId: number
  /** Whether a single participant would be a server of its own. */
  readonly standaloneEnabled: boolean
  /** The membership at the start. Later ones are told to the server's actors. */
  readonly membership: MembershipConfig
  /** What this server's line was, once the membership no longer names it. */
  readonly formerly?: Member
  /** This server's role. If its line differs, the line counts. */
  readonly peerType: 'participant' | 'observer'
}

/** The member that this server is. */
export function ownMember(ensemble: EnsembleOptions): Member {
  const own = ensemble.membership.members.find(({ id }) => id === ensemble.serverId)
  if (own === undefined && ensemble.formerly !== undefined) return ensemble.formerly
  if (own === undefined) throw new Error(`server.${ensemble.serverId} is not among the members`)
  return own
}
