// How a leader that is not to lead the next configuration goes: it has voted out itself, or has moved to
// another address, or an operator wants another leader.
//
// It commits the reconfiguration, names a server that has everything that was committed, and commits
// nothing more: what it would commit then needs the next configuration's consent, which is the next
// leader's to ask for (Leader.allowedToCommit in ZooKeeper). Its followers leave as soon as they have
// heard. It waits for that, so that they do hear, but not for long.

import type { Member, MembershipConfig } from '../../../protocol/quorum/membership-config.ts'
import type { ServerId } from '../../../protocol/quorum/server-id.ts'
import type { ZabContext } from '../context.ts'
import type { Learner } from './learner.ts'
import type { LearnerTable } from './learner-table.ts'

export class Handover {
  readonly #context: ZabContext
  readonly #learners: LearnerTable
  #endMs: number = Number.POSITIVE_INFINITY
  /** An operator has asked for it. Then this server stands back from the next election for a while. */
  isAsked = false

  constructor(context: ZabContext, learners: LearnerTable) {
    this.#context = context
    this.#learners = learners
  }

  /** Whether nothing more is committed here. */
  get isUnderWay(): boolean {
    return this.#endMs < Number.POSITIVE_INFINITY
  }

  get endMs(): number {
    return this.#endMs
  }

  /** Who is to lead this configuration, which replaces the present one: this server if it votes in it
   * at the same address, otherwise the voter that has acknowledged most. */
  designated(next: MembershipConfig): ServerId {
    const { serverId, membership } = this.#context
    const own = voterIn(next, serverId)
    const was = voterIn(membership.config, serverId)
    if (own !== null && (was === null || sameQuorumAddresses(own, was))) return serverId
    let best: Learner | null = null
    for (const learner of this.#learners.ready()) {
      if (voterIn(next, learner.serverId) === null) continue
      if (best === null || learner.acked > best.acked) best = learner
    }
    return best?.serverId ?? serverId
  }

  /** An operator wants another leader: whoever the others elect without this server. Returns why that cannot
   * be, or null. The role then ends with the next tick; what is not committed yet is the next leader's to commit, as
   * in any election. */
  request(): string | null {
    const { clock, journal, membership } = this.#context
    const others = [...this.#learners.ready()].filter(
      ({ current, feed }) => current && feed === 'live',
    )
    if (!membership.isQuorum(new Set(others.map(({ serverId }) => serverId)))) {
      return 'the servers that are up to date are no quorum without this one'
    }
    if (this.isUnderWay) return null
    journal.log('info', 'hands-over', { to: 'whom the others elect' })
    this.isAsked = true
    this.#endMs = clock.nowMs
    return null
  }

  /** Somebody else is to lead. */
  begin(designated: ServerId): void {
    const { clock, times, journal } = this.#context
    journal.log('info', 'hands-over', { to: designated })
    this.#endMs = clock.nowMs + times.tickTimeMs / 2
  }

  /** Why the role ends now; null if it does not. */
  get over(): string | null {
    if (!this.isUnderWay) return null
    const isLeft = [...this.#learners.ready()].length === 0
    return isLeft || this.#context.clock.nowMs >= this.#endMs ? 'another server is to lead' : null
  }
}

function voterIn({ members }: MembershipConfig, id: ServerId): Member | null {
  return members.find((member) => member.id === id && member.role === 'participant') ?? null
}

function sameQuorumAddresses(a: Member, b: Member): boolean {
  const text = ({ addresses }: Member): string =>
    addresses
      .map(({ host, quorumPort }) => `${host}:${quorumPort}`)
      .sort()
      .join()
  return text(a) === text(b)
}
