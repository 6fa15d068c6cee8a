// What an election knows of configurations: those that count here (Membership), and one that is only a
// rumour.
//
// Another server tells with its vote which configuration is in force there. That counts if it is later
// than ours: a server tells only what it knows to be committed. It also tells which one it has logged as
// the next. If we have not, we need not ask that one's quorum. But who votes in it may be voted for and
// followed here as well: it may have the latest history, and need our vote.

import { MalformedError } from '../../protocol/bytes/jute-reader.ts'
import { utf8, utf8Bytes } from '../../protocol/bytes/text.ts'
import {
  type Member,
  type MembershipConfig,
  membershipText,
  readMembership,
} from '../../protocol/quorum/membership-config.ts'
import type { Notification } from '../../protocol/quorum/notification.ts'
import type { ServerId } from '../../protocol/quorum/server-id.ts'
import { isZxid } from '../../protocol/zxid.ts'
import { Membership } from '../membership.ts'
import type { ElectionNeighbours } from './options.ts'

type Listeners = Pick<ElectionNeighbours, 'links' | 'zab'>

export class Electorate {
  readonly #to: Listeners
  #membership: Membership
  /** Invariant: later than all that counts here. */
  #rumour: MembershipConfig | null = null
  /** The next configuration, as others are told; '' for none. */
  #nextText: string

  constructor(membership: Membership, { links, zab }: Listeners) {
    this.#membership = membership
    this.#nextText = textOf(membership.next)
    this.#to = { links, zab }
  }

  get membership(): Membership {
    return this.#membership
  }

  get nextText(): string {
    return this.#nextText
  }

  get #members(): readonly Member[] {
    return new Membership(this.#membership.config, this.#rumour ?? this.#membership.next).members
  }

  /** In force from now on, in UTF-8, and nothing is next. */
  configured(bytes: Uint8Array, start: number, end: number): void {
    this.#become(readMembership(utf8(bytes, start, end)), null)
  }

  /** What is next, in UTF-8; empty for nothing. */
  proposed(bytes: Uint8Array, start: number, end: number): void {
    const { config, next } = this.#membership
    const following = start === end ? null : readMembership(utf8(bytes, start, end))
    if (following !== next) this.#become(config, following)
  }

  #become(config: MembershipConfig, next: MembershipConfig | null): void {
    this.#membership = new Membership(config, next)
    this.#nextText = textOf(next)
    const { version } = this.#membership.newest
    if (this.#rumour !== null && this.#rumour.version <= version) this.#rumour = null
    this.#to.links.configured(this.#members)
  }

  /** What others have logged may have been cut off since. */
  forget(): void {
    this.#rumour = null
  }

  mayBeVotedFor(id: ServerId): boolean {
    if (this.#membership.isVoter(id)) return true
    const votes = (member: Member): boolean => member.id === id && member.role === 'participant'
    return this.#rumour?.members.some(votes) ?? false
  }

  /** Hears what another server says, while we look. Zab answers, if it takes over what is in force. */
  hear({ config, next = '' }: Notification): void {
    const { links, zab } = this.#to
    if (laterThan(this.#membership.config, config) !== null) {
      const bytes = utf8Bytes(config)
      zab.heardOf(bytes, 0, bytes.length)
    }
    const rumour = laterThan(this.#rumour ?? this.#membership.newest, next)
    if (rumour === null) return
    this.#rumour = rumour
    links.configured(this.#members)
    const bytes = utf8Bytes(next)
    zab.rumour(bytes, 0, bytes.length)
  }
}

function textOf(config: MembershipConfig | null): string {
  return config === null ? '' : membershipText(config)
}

/** A version that no transaction can have is a lie. */
function laterThan({ version }: MembershipConfig, text: string): MembershipConfig | null {
  if (text === '') return null
  try {
    const read = readMembership(text)
    return read.version > version && isZxid(Number(read.version >> 32n)) ? read : null
  } catch (error) {
    if (error instanceof MalformedError) return null
    throw error
  }
}
