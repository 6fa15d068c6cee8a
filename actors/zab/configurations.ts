// Which configuration is in force at this server, and which is to follow. docs/reconfiguration.md
// argues why the rules here are safe.
//
//   in force   the newest that is known to be committed: by a commit that was heard, by another
//              server that says so while we look for a leader, or because a later one was proposed
//   next       the newest one in our log, if it is newer than that. While there is one, a decision
//              needs a quorum of both
//
// Neither is a note of its own. Both follow from the history and from the configuration's file, so
// what a leader cuts off is forgotten by cutting it off (`cut`). The file is written by the log's
// thread, in the order of asking: whatever is appended later finds the file in its place.
//
// Without `reconfigEnabled` the file alone decides, and everything here rests.

import { utf8Bytes } from '../../protocol/bytes/text.ts'
import type { ElectionZabMessages } from '../../protocol/messages/election.ts'
import type { LogMessages } from '../../protocol/messages/log.ts'
import {
  type MembershipConfig,
  membershipText,
  readMembership,
} from '../../protocol/quorum/membership-config.ts'
import { configIn } from '../../protocol/quorum/reconfig-txn.ts'
import { isZxid, type Zxid, zxidOf } from '../../protocol/zxid.ts'
import type { Journal } from '../actor.ts'
import { Membership } from '../membership.ts'
import type { ZabLinks } from './neighbours.ts'

export interface ConfigurationsUser {
  readonly log: Pick<LogMessages, 'saveConfig'>
  readonly journal: Journal
  readonly links: Pick<ZabLinks, 'configured'>
  readonly election: Pick<ElectionZabMessages, 'configured' | 'proposed'>
  /** There is another membership, and links and election know. */
  changed(): void
}

const NOTHING = new Uint8Array(0)
/** How many reconfigurations of its own a leader remembers. */
const ACTIVATED_MAX = 64

export class Configurations {
  readonly enabled: boolean
  /** Reconfigurations that were committed here lately: their commits have packets of their own. */
  readonly activated: Set<Zxid> = new Set()
  readonly #user: ConfigurationsUser
  /** Invariant: `next`, if there is one, is newer than what is in force. */
  #membership: Membership

  constructor(membership: Membership, enabled: boolean, user: ConfigurationsUser) {
    this.#membership = membership
    this.enabled = enabled
    this.#user = user
  }

  get membership(): Membership {
    return this.#membership
  }

  /** Of what is in force, as others are told; 0 where it cannot change. */
  get version(): bigint {
    return this.enabled ? this.#membership.config.version : 0n
  }

  /** The transaction that makes the next configuration; null if there is none. */
  get pending(): Zxid | null {
    const { next } = this.#membership
    return next === null ? null : zxidOfVersion(next.version)
  }

  /** The disk is read once more, and says all that it holds (`held`). */
  reset(): void {
    this.#become(this.#membership.config, null)
  }

  /** The tree holds this: it was loaded, or received from a leader. Of several the older ones come
   * first. */
  held(text: string): void {
    const { config, next } = this.#membership
    if (!this.enabled) {
      if (text === this.#membership.text) return
      this.#become(readMembership(text), null)
      return
    }
    const read = readMembership(text)
    if (read.version <= config.version || read.version === next?.version) return
    if (next === null) this.#become(config, read)
    // A leader proposes one only when the one before is committed.
    else if (read.version > next.version) this.#force(next, read)
    else this.#force(read, next)
  }

  /** The disk has said all. A crash may have kept the note of what was to follow, and lost the
   * transaction. */
  loaded(): void {
    if (this.enabled && this.#membership.next === null) {
      this.#user.log.saveConfig('next', NOTHING, 0, 0)
    }
  }

  /** This transaction has been appended to the history. */
  proposed(txn: Uint8Array, start: number, end: number): void {
    const text = this.enabled ? configIn(txn, start, end) : null
    if (text === null) return
    const read = readMembership(text)
    const { config, next } = this.#membership
    if (read.version <= config.version) return
    if (next === null || read.version <= next.version) this.#become(config, read)
    else this.#force(next, read)
    const bytes = utf8Bytes(membershipText(read))
    this.#user.log.saveConfig('next', bytes, 0, bytes.length)
  }

  /** Everything up to here is committed. */
  committed(zxid: Zxid): void {
    const { next } = this.#membership
    if (next === null || next.version > BigInt(zxid)) return
    this.activated.add(zxidOfVersion(next.version))
    const [oldest] = this.activated
    if (this.activated.size > ACTIVATED_MAX) this.activated.delete(oldest!)
    this.#force(next, null)
  }

  /** Another server that looks for a leader says that this is in force. */
  heardOf(text: string): void {
    if (this.enabled) this.learned(readMembership(text))
  }

  /** This one was committed, here or elsewhere. */
  learned(read: MembershipConfig): void {
    const { config, next } = this.#membership
    if (read.version <= config.version) return
    this.#force(read, next !== null && next.version > read.version ? next : null)
  }

  /** Others have this in their logs. One of its members may be elected, so it must be within reach. */
  rumoured(text: string): void {
    if (!this.enabled) return
    this.#user.links.configured(
      new Membership(this.#membership.config, readMembership(text)).members,
    )
  }

  /** A leader tells with NEWLEADER what it has seen last: committed if it is not after `committed`,
   * or if this epoch or an earlier one only gave the members a version; otherwise we have its transaction. */
  offered(text: string, committed: Zxid, epoch: number): void {
    const read = readMembership(text)
    const isGiven = isOfEpoch(read.version) && read.version <= versionOf(zxidOf(epoch, 0))
    if (read.version > BigInt(committed) && !isGiven) return
    this.learned(read)
  }

  /** We are to lead in this epoch. A configuration that has no version yet gets that of the epoch,
   * once the epoch is established (Leader.lead). */
  begin(epoch: number): void {
    const { config, next } = this.#membership
    if (!this.enabled || config.version !== 0n || next !== null) return
    this.#become(config, { ...config, version: versionOf(zxidOf(epoch, 0)) })
  }

  /** The history ends here now, and what was behind it is gone. */
  cut(zxid: Zxid): void {
    const { config, next } = this.#membership
    if (next === null || next.version <= BigInt(zxid)) return
    this.#user.log.saveConfig('next', NOTHING, 0, 0)
    this.#become(config, null)
  }

  #force(config: MembershipConfig, next: MembershipConfig | null): void {
    const bytes = utf8Bytes(membershipText(config))
    this.#user.log.saveConfig('current', bytes, 0, bytes.length)
    this.#user.journal.log('info', 'reconfigured', {
      version: config.version.toString(16),
      members: config.members.map(({ id }) => id).join(' '),
    })
    this.#become(config, next)
  }

  #become(config: MembershipConfig, next: MembershipConfig | null): void {
    const was = this.#membership
    if (was.config === config && was.next === next) return
    this.#membership = new Membership(config, next)
    const { links, election } = this.#user
    const { bytes } = this.#membership
    links.configured(this.#membership.members)
    election.configured(bytes, 0, bytes.length)
    if (this.enabled) {
      const following = next === null ? NOTHING : utf8Bytes(membershipText(next))
      election.proposed(following, 0, following.length)
    }
    this.#user.changed()
  }
}

/** A version is a zxid; of others nobody has a transaction. */
function zxidOfVersion(version: bigint): Zxid {
  const high = Number(version >> 32n)
  return isZxid(high) ? zxidOf(high, Number(version & 0xffff_ffffn)) : zxidOf(-1, -1)
}

/** No transaction has it. */
function isOfEpoch(version: bigint): boolean {
  return (version & 0xffff_ffffn) === 0n
}

function versionOf(zxid: Zxid): bigint {
  return BigInt(zxid)
}
