// Who decides in an ensemble, from its configuration.

import { Quorum } from '../../actors/quorum.ts'
import type { EnsembleOptions } from '../../config/ensemble/ensemble.ts'

export function quorumOf({ members, groups, weights }: EnsembleOptions): Quorum {
  const ids = (role: string): number[] =>
    members.filter((member) => member.role === role).map(({ id }) => id)
  return new Quorum({
    voters: ids('participant'),
    observers: ids('observer'),
    groups: [...groups.values()],
    weights,
  })
}

/** Whether the others are a quorum without this member. */
export function canBeSpared(ensemble: EnsembleOptions): boolean {
  const quorum = quorumOf(ensemble)
  return quorum.isSatisfiedBy(quorum.config.voters.filter((id) => id !== ensemble.serverId))
}
