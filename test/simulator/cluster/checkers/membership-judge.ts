// What must hold of configurations, whatever happens:
//
//   - a transaction is committed only once a quorum of the configuration in force has it on disk; one
//     that makes a configuration, only once a quorum of the new one has it as well
//   - configurations follow one another in the history; a member's file names one that is committed
//   - in the end every member has the last one: in force in memory, in its files, and in its tree

import { Membership } from '../../../../actors/membership.ts'
import type { LogMessages } from '../../../../protocol/messages/log.ts'
import type { TreeMessages } from '../../../../protocol/messages/tree.ts'
import type { ZabEnsembleMessages } from '../../../../protocol/messages/zab.ts'
import type { MembershipConfig } from '../../../../protocol/quorum/membership-config.ts'
import { membershipText, readMembership } from '../../../../protocol/quorum/membership-config.ts'
import { configIn } from '../../../../protocol/quorum/reconfig-txn.ts'
import { formatZxid, type Zxid } from '../../../../protocol/zxid.ts'
import { LOG } from '../../../../runtime/edges/log-edge.ts'
import { TREE } from '../../../../runtime/edges/tree-edge.ts'
import { ZAB } from '../../../../runtime/edges/zab-edge.ts'
import { check } from '../../world/event-log.ts'
import { Tap } from '../../world/tap.ts'
import type { Member } from '../member.ts'
import { configOn, hasNext } from '../world/config-disk.ts'

interface Taps {
  readonly toZab: Tap<ZabEnsembleMessages>
  readonly toTree: Tap<TreeMessages>
  readonly toLog: Tap<LogMessages>
}

export class MembershipJudge {
  /** The last that was committed by a transaction, or at the start. */
  #committed: Membership
  /** Up to where each server's disk has the history, dead or alive. */
  readonly #durable: Map<number, Zxid> = new Map()
  readonly #taps: Map<Member, Taps> = new Map()
  readonly #enabled: boolean
  /** How many reconfigurations were committed. */
  count = 0

  constructor(first: MembershipConfig, enabled: boolean) {
    this.#committed = new Membership(first)
    this.#enabled = enabled
  }

  attach(member: Member): void {
    if (!this.#enabled) return
    const { rings } = member.wiring
    let installing = 0 as Zxid
    this.#taps.set(member, {
      toZab: new Tap(rings['log>zab'], ZAB, {
        synced: (zxid) => this.#durable.set(member.id, zxid),
        truncated: (zxid) => this.#durable.set(member.id, zxid),
        installed: () => this.#durable.set(member.id, installing),
      }),
      toTree: new Tap(rings['log>tree'], TREE, {
        recovered: (zxid) => this.#durable.set(member.id, zxid),
      }),
      toLog: new Tap(rings['zab>log'], LOG, {
        install: (zxid) => {
          installing = zxid
        },
      }),
    })
  }

  detach(member: Member): void {
    this.#taps.delete(member)
  }

  turned(member: Member, runner: string): void {
    const taps = this.#taps.get(member)
    if (taps === undefined) return
    if (runner === 'zab') taps.toLog.listen()
    if (runner !== 'log') return
    taps.toZab.listen()
    taps.toTree.listen()
  }

  /** Of what members have in force, and what the history says, the last. */
  newest(members: readonly Member[]): MembershipConfig {
    let newest = this.#committed.config
    for (const { zab } of members) {
      const { config } = zab.configs.membership
      if (config.version > newest.version) newest = config
    }
    return newest
  }

  /** This is committed, as some member's tree shows. */
  transaction(zxid: Zxid, bytes: Uint8Array): void {
    if (!this.#enabled) return
    const having = [...this.#durable].filter(([, upTo]) => upTo >= zxid).map(([id]) => id)
    const text = configIn(bytes, 0, bytes.length)
    const next = text === null ? null : readMembership(text)
    const membership = new Membership(this.#committed.config, next)
    check(membership.isQuorum(having), () => {
      const deciding = membershipText(this.#committed.config)
      return `${formatZxid(zxid)} is committed, and only ${having} have it, of\n${deciding}\n${text ?? ''}`
    })
    if (next === null) return
    this.#committed = new Membership(next)
    this.count++
  }

  /** All members have come to rest. */
  settled(members: readonly Member[]): void {
    if (!this.#enabled) return
    const newest = this.newest(members)
    for (const member of members) {
      const { membership } = member.zab.configs
      const text = membershipText(newest)
      const inForce = (): string => `s${member.id} has ${membership.text}, the last is ${text}`
      check(membership.text === text && membership.next === null, inForce)
      const file = configOn(member.disk)
      check(file !== null && membershipText(file) === text, () => {
        return `s${member.id}'s file has ${file === null ? 'nothing' : membershipText(file)}, not ${text}`
      })
      check(!hasNext(member.disk), () => `s${member.id} has a note of what is to follow`)
    }
  }
}
