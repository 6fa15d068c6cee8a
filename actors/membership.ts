// Who votes, who only follows, and which servers are a quorum: by majority (QuorumMaj), or by
// groups of weighted servers (QuorumHierarchical).
//
// While one configuration replaces another, both count: a decision needs a quorum of each.
// Otherwise a quorum of the old one and a quorum of the new one could decide without sharing a
// server.
//
// A membership is an immutable value; a reconfiguration is another value. So ask it each time, and
// do not keep its answers.

import { assert } from '../protocol/assert.ts'
import { utf8Bytes } from '../protocol/bytes/text.ts'
import {
  type Member,
  type MembershipConfig,
  membershipText,
} from '../protocol/quorum/membership-config.ts'
import type { ServerId } from '../protocol/quorum/server-id.ts'

export class Membership {
  readonly config: MembershipConfig
  /** The configuration that is to follow, while both count. */
  readonly next: MembershipConfig | null
  /** The text of /zookeeper/config, of the configuration in force. */
  readonly text: string
  /** `text` in UTF-8. */
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

  /** The participants of every configuration that counts, by id, each once. */
  get voters(): readonly ServerId[] {
    if (this.#next === null) return this.#current.voters
    const both = new Set([...this.#current.voters, ...this.#next.voters])
    return [...both].sort((a, b) => a - b)
  }

  /** The members of both configurations: those whom a member must be able to reach. */
  get members(): readonly Member[] {
    const known = new Set(this.config.members.map(({ id }) => id))
    const others = this.next?.members.filter(({ id }) => !known.has(id)) ?? []
    return [...this.config.members, ...others]
  }

  /** The newest configuration that counts. */
  get newest(): MembershipConfig {
    return this.next ?? this.config
  }

  /** Whether the configuration in force names this server as an observer. */
  isObserver(id: ServerId): boolean {
    return this.config.members.some((member) => member.id === id && member.role === 'observer')
  }

  isVoter(id: ServerId): boolean {
    return this.#current.isVoter(id) || (this.#next?.isVoter(id) ?? false)
  }

  /** Whether the configuration in force makes it a voter. All agree on that, unless one of them has yet
   * to hear of it. */
  isVoterInForce(id: ServerId): boolean {
    return this.#current.isVoter(id)
  }

  /** Whether a configuration that counts names this server, as a voter or as an observer. */
  isMember(id: ServerId): boolean {
    const names = (config: MembershipConfig | null): boolean =>
      config?.members.some((member) => member.id === id) ?? false
    return names(this.config) || names(this.next)
  }

  /** The weight of its vote in the configuration in force; 1 if none is given. Nobody votes for a
   * server of weight 0. */
  weight(id: ServerId): number {
    return this.#current.weight(id)
  }

  /** Whether the other voters are a quorum without this one. */
  canSpare(id: ServerId): boolean {
    return this.isQuorum(this.voters.filter((voter) => voter !== id))
  }

  /** Whether these servers, together with any others, are enough to decide. */
  isQuorum(servers: Iterable<ServerId>): boolean {
    const present = servers instanceof Set ? servers : new Set(servers)
    return this.#current.isQuorum(present) && (this.#next?.isQuorum(present) ?? true)
  }

  /** Whether these are enough to show that somebody leads. Following needs nobody's consent, and the
   * next configuration may never come to be: its voters must be able to follow a leader that has not
   * heard of it. */
  isLeadersQuorum(servers: Iterable<ServerId>): boolean {
    return this.#current.isQuorum(new Set(servers))
  }
}

/** What one configuration says about quorums (QuorumVerifier). */
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

  /** With groups: more than half of the weight in each of more than half of the groups that have
   * any weight. */
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
