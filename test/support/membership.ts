// Memberships for tests, by the ids that matter to them.

import { Membership } from '../../actors/membership.ts'
import type { Member, MembershipConfig } from '../../protocol/quorum/membership-config.ts'
import type { ServerId } from '../../protocol/quorum/server-id.ts'

/** Who votes, who observes, and groups and weights if there are any. */
export interface Roster {
  readonly voters: readonly ServerId[]
  readonly observers?: readonly ServerId[]
  readonly groups?: readonly (readonly ServerId[])[]
  readonly weights?: ReadonlyMap<ServerId, number>
  readonly version?: bigint
}

export function configOf(roster: Roster): MembershipConfig {
  const { voters, observers = [], groups = [], weights = new Map(), version = 0n } = roster
  const members = [
    ...voters.map((id) => member(id, 'participant')),
    ...observers.map((id) => member(id, 'observer')),
  ]
  members.sort((a, b) => a.id - b.id)
  return { version, members, groups: new Map(groups.map((ids, i) => [i + 1, ids])), weights }
}

export function membershipOf(roster: Roster, next: Roster | null = null): Membership {
  return new Membership(configOf(roster), next === null ? null : configOf(next))
}

function member(id: ServerId, role: Member['role']): Member {
  const addresses = [{ host: `server-${id}`, quorumPort: 2888, electionPort: 3888 }]
  return { id, role, addresses, clientHost: null, clientPort: null }
}
