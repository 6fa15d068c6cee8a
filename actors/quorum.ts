// When is it a quorum: majorities, and groups of weighted servers (QuorumMaj, QuorumHierarchical).

import { assert } from '../protocol/assert.ts'
import type { ServerId } from '../protocol/quorum/server-id.ts'

export interface QuorumConfig {
  readonly voters: readonly ServerId[]
  readonly observers: readonly ServerId[]
  /** Empty: a plain majority of the voters. */
  readonly groups: readonly (readonly ServerId[])[]
  /** 1 where nothing is said. */
  readonly weights: ReadonlyMap<ServerId, number>
}

export class Quorum {
  readonly config: QuorumConfig
  readonly #voters: ReadonlySet<ServerId>

  constructor(config: QuorumConfig) {
    assert(config.voters.length > 0, 'a quorum needs voters')
    this.config = config
    this.#voters = new Set(config.voters)
  }

  isVoter(id: ServerId): boolean {
    return this.#voters.has(id)
  }

  /** A voter, or an observer that the configuration names. */
  isMember(id: ServerId): boolean {
    return this.isVoter(id) || this.config.observers.includes(id)
  }

  weight(id: ServerId): number {
    return this.config.weights.get(id) ?? 1
  }

  /** Whether these servers, whoever else is among them, are enough to decide. With groups: more
   * than half of the weight in each of more than half of the groups that have any weight. */
  isSatisfiedBy(servers: Iterable<ServerId>): boolean {
    const present = new Set<ServerId>()
    for (const id of servers) if (this.#voters.has(id)) present.add(id)
    if (this.config.groups.length === 0) return present.size * 2 > this.#voters.size
    let counting = 0
    let satisfied = 0
    for (const group of this.config.groups) {
      let total = 0
      let voted = 0
      for (const id of group) {
        total += this.weight(id)
        if (present.has(id)) voted += this.weight(id)
      }
      if (total === 0) continue
      counting++
      if (voted * 2 > total) satisfied++
    }
    return satisfied * 2 > counting
  }
}
