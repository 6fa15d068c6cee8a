// An ensemble as the configuration describes it: its members, which of them this server is, and the
// times of its protocols. Immutable, like all options.

import type { Member, MembershipConfig } from '../../protocol/quorum/membership-config.ts'
import type { EnsembleSettings } from '../settings/registry.ts'

export interface EnsembleOptions extends EnsembleSettings {
  /** What `myid` holds: the id of one of the members. */
  readonly serverId: number
  /** The membership at the start. Later ones are told to the server's actors. */
  readonly membership: MembershipConfig
  /** This server's role. If its line differs, the line counts. */
  readonly peerType: 'participant' | 'observer'
}

/** The member that this server is. */
export function ownMember(ensemble: EnsembleOptions): Member {
  const own = ensemble.membership.members.find(({ id }) => id === ensemble.serverId)
  if (own === undefined) throw new Error(`server.${ensemble.serverId} is not among the members`)
  return own
}
