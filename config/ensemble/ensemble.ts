// An ensemble as the configuration describes it: who its members are, which of them this server
// is, and the times its protocols run by. Immutable, like all options.

import type { Member, MembershipConfig } from '../../protocol/quorum/membership-config.ts'
import type { EnsembleSettings } from '../settings/registry.ts'

export interface EnsembleOptions extends EnsembleSettings {
  /** What `myid` holds: the id of one of the members. */
  readonly serverId: number
  /** As the server starts; what it hears later is told to its actors. */
  readonly membership: MembershipConfig
  /** Of this server; its line counts. */
  readonly peerType: 'participant' | 'observer'
}

/** The member that this server is. */
export function ownMember(ensemble: EnsembleOptions): Member {
  const own = ensemble.membership.members.find(({ id }) => id === ensemble.serverId)
  if (own === undefined) throw new Error(`server.${ensemble.serverId} is not among the members`)
  return own
}
