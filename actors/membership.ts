// Who votes, who only follows, and when servers are a quorum: majorities (QuorumMaj), or groups of
// weighted servers (QuorumHierarchical).
//
// While one configuration replaces another, both count: what is decided must be decided by a quorum of
// each, so that no two quorums, one of the old and one of the new, miss each other.
//
// A value: whoever is told of another membership holds another one. So it is asked each time, and what
// it answers is not kept.

import { assert } from '../protocol/assert.ts'
import { utf8Bytes } from '../protocol/bytes/text.ts'
import { type MembershipConfig, membershipText } from '../protocol/quorum/membership-config.ts'
import type { ServerId } from '../protocol/quorum/server-id.ts'

export class Membership {
  readonly config: MembershipConfig
  /** What is to follow it, while both count. */
  readonly next: MembershipConfig | null
  /** Of the configuration in force: the text of /zookeeper/config. */
  readonly text: string
  /** The text in UTF-8. */
  readonly bytes: Uint8Array
  readonly #current: Verifier
  readonly #next: Verifier | null

  constructor(config: MembershipConfig, next: MembershipConfig | null = null) {
    this.config = config
    this.next = next
    this.text = membershipText(config)
    this.bytes = utf8Bytes(this.text)
    this.#current = new Verifier(config)
    this.#next = next === null ? null : new Verifier(next)
  }

  /** Participants of a configuration that counts, by id; each once. */
  get voters(): readonly ServerId[] {
    if (this.#next === null) return this.#current.voters
    const both = new Set([...this.#current.voters, ...this.#next.voters])
    return [...both].sort((a, b) => a - b)
  }

  isVoter(id: ServerId): boolean {
    return this.#current.isVoter(id) || (this.#next?.isVoter(id) ?? false)
  }

  /** A voter, or an observer that a configuration names. */
  isMember(id: ServerId): boolean {
    const names = (config: MembershipConfig | null): boolean =>
      config?.members.some((member) => member.id === id) ?? false
    return names(this.config) || names(this.next)
  }

  /** What its vote weighs now, and 1 where nothing is said. Nobody votes for a server of weight 0. */
  weight(id: ServerId): number {
    return this.#current.weight(id)
  }

  /** Whether the other voters are a quorum without this one. */
  canSpare(id: ServerId): boolean {
    return this.isQuorum(this.voters.filter((voter) => voter !== id))
  }

  /** Whether these servers, whoever else is among them, are enough to decide. */
  isQuorum(servers: Iterable<ServerId>): boolean {
    const present = new Set(servers)
    return this.#current.isQuorum(present) && (this.#next?.isQuorum(present) ?? true)
  }
}

/** One configuration's part of it (QuorumVerifier). */
class Verifier {
  readonly voters: readonly ServerId[]
  readonly #voters: ReadonlySet<ServerId>
  readonly #config: MembershipConfig

  constructor(config: MembershipConfig) {
    this.#config = config
    this.voters = config.members.filter(({ role }) => role === 'participant').map(({ id }) => id)
    this.#voters = new Set(this.voters)
    assert(this.voters.length > 0, 'a membership needs voters')
  }

  isVoter(id: ServerId): boolean {
    return this.#voters.has(id)
  }

  weight(id: ServerId): number {
    return this.#config.weights.get(id) ?? 1
  }

  /** With groups: more than half of the weight in each of more than half of the groups that have any
   * weight. */
  isQuorum(servers: ReadonlySet<ServerId>): boolean {
    const { groups } = this.#config
    if (groups.size === 0) return this.#count(servers) * 2 > this.voters.length
    let counting = 0
    let satisfied = 0
    for (const group of groups.values()) {
      let total = 0
      let voted = 0
      for (const id of group) {
        total += this.weight(id)
        if (servers.has(id) && this.isVoter(id)) voted += this.weight(id)
      }
      if (total === 0) continue
      counting++
      if (voted * 2 > total) satisfied++
    }
    return satisfied * 2 > counting
  }

  #count(servers: ReadonlySet<ServerId>): number {
    let count = 0
    for (const id of this.voters) if (servers.has(id)) count++
    return count
  }
}
