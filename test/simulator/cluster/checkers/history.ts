// The judge of an ensemble. Learns from the rings of every member what is proposed, committed,
// replayed and replaced, and keeps the one history that all must share:
//
//   - a zxid stands for the same bytes everywhere, in whatever state they are
//   - who serves has applied a prefix of the history, or is the first to lengthen it; so what one
//     member has committed, and any client has been told, no later leader can have lost
//   - zxids grow; an epoch has one leader
//   - at the same zxid all trees have the model's digest
//   - a session expires only when its leader has not heard of it for its timeout (lifetimes.ts)

import { JuteReader } from '../../../../protocol/bytes/jute-reader.ts'
import { utf8Bytes } from '../../../../protocol/bytes/text.ts'
import type { TreeMessages } from '../../../../protocol/messages/tree.ts'
import type { ZabEnsembleMessages } from '../../../../protocol/messages/zab.ts'
import {
  type MembershipConfig,
  membershipText,
} from '../../../../protocol/quorum/membership-config.ts'
import { formatSessionId, type SessionId } from '../../../../protocol/session-id.ts'
import { readTxnHeader } from '../../../../protocol/txn.ts'
import { epochOf, formatZxid, type Zxid } from '../../../../protocol/zxid.ts'
import { TREE } from '../../../../runtime/edges/tree-edge.ts'
import { ZAB } from '../../../../runtime/edges/zab-edge.ts'
import type { Judge } from '../../clients/connection.ts'
import { Evaluation } from '../../model/evaluation.ts'
import { Model } from '../../model/model.ts'
import type { PendingRequest } from '../../model/pending-request.ts'
import { check, type EventLog } from '../../world/event-log.ts'
import { isSame } from '../../world/same-bytes.ts'
import { Tap } from '../../world/tap.ts'
import type { Member, MemberRunner } from '../member.ts'
import type { ClusterOptions } from '../options.ts'
import { Lifetimes } from './lifetimes.ts'
import { MembershipJudge } from './membership-judge.ts'

/** What a member's tree holds: the history up to `base`, then `tail`. */
interface View {
  base: Zxid
  tail: Zxid[]
  serving: boolean
  leads: boolean
  /** Of this leadership, not committed yet. */
  proposed: Zxid[]
  checkedZxid: Zxid
}

interface Taps {
  readonly recovery: Tap<TreeMessages>
  readonly zab: Tap<TreeMessages>
  readonly proposals: Tap<ZabEnsembleMessages>
}

export class History implements Judge {
  readonly model: Model
  readonly lifetimes: Lifetimes
  readonly memberships: MembershipJudge
  /** The newest zxid any client has been told of. */
  seen: Zxid = 0 as Zxid
  /** The newest any leader has proposed. */
  proposed: Zxid = 0 as Zxid
  replies = 0
  readonly #options: ClusterOptions
  readonly #events: EventLog
  readonly #evaluation: Evaluation
  /** Committed, in order, and where each stands. */
  readonly #chain: Zxid[] = []
  readonly #places: Map<Zxid, number> = new Map()
  readonly #bytes: Map<Zxid, Uint8Array> = new Map()
  /** What each follows. */
  readonly #before: Map<Zxid, Zxid> = new Map()
  readonly #leaders: Map<number, number> = new Map()
  readonly #views: Map<Member, View> = new Map()
  readonly #taps: Map<Member, Taps> = new Map()

  constructor(options: ClusterOptions, events: EventLog) {
    this.#events = events
    this.#options = options
    const [member] = options.members.values()
    this.model = new Model(utf8Bytes(membershipText(member!.ensemble!.membership)))
    this.#evaluation = new Evaluation(this.model, options.server)
    this.lifetimes = new Lifetimes(this.model)
    const { reconfigEnabled } = options.server
    this.memberships = new MembershipJudge(member!.ensemble!.membership, reconfigEnabled)
  }

  /** Committed transactions. */
  get length(): number {
    return this.#chain.length
  }

  get epochs(): number {
    return this.#leaders.size
  }

  /** A member has been started on what its disk holds. */
  attach(member: Member): void {
    const { rings } = member.wiring
    this.lifetimes.attach(member)
    this.memberships.attach(member)
    const view: View = {
      base: 0 as Zxid,
      tail: [],
      serving: false,
      leads: false,
      proposed: [],
      checkedZxid: 0 as Zxid,
    }
    this.#views.set(member, view)
    this.#taps.set(member, {
      recovery: new Tap(rings['log>tree'], TREE, this.#recovery(view)),
      zab: new Tap(rings['zab>tree'], TREE, this.#committed(member, view)),
      proposals: new Tap(rings['tree>zab'], ZAB, {
        propose: (zxid, txn) => this.#onProposal(member, view, zxid, txn),
      }),
    })
  }

  detach(member: Member): void {
    this.#views.delete(member)
    this.#taps.delete(member)
    this.lifetimes.detach(member)
    this.memberships.detach(member)
  }

  /** What clients that reconfigure do is judged by its outcome. */
  get operators(): Set<SessionId> {
    return this.#evaluation.operators
  }

  /** The last configuration that is in force somewhere. */
  get newest(): MembershipConfig {
    return this.memberships.newest([...this.#views.keys()])
  }

  register(session: SessionId, request: PendingRequest): void {
    this.#evaluation.register(session, request)
  }

  /** Whoever has that id leads in this epoch: a member, or somebody in its place. */
  established(epoch: number, leader: number): void {
    const other = this.#leaders.get(epoch)
    check(other === undefined, () => `epoch ${epoch} of s${leader} was s${other}'s`)
    this.#leaders.set(epoch, leader)
  }

  leads(member: Member): boolean {
    return this.#views.get(member)?.leads === true
  }

  serves(member: Member): boolean {
    return this.#views.get(member)?.serving === true
  }

  /** To be called after every turn. */
  turned(member: Member, runner: MemberRunner): void {
    const view = this.#views.get(member)
    const taps = this.#taps.get(member)
    if (view === undefined || taps === undefined) return
    this.memberships.turned(member, runner)
    if (runner === 'log') {
      taps.recovery.listen()
    } else if (runner === 'zab') {
      while (taps.zab.next() !== null) if (view.serving) this.#resolve(member, view)
      this.lifetimes.touched(member)
    } else if (runner === 'sessions') {
      this.lifetimes.expired(member)
    } else if (runner === 'tree') {
      taps.proposals.listen()
      this.#checkTree(member, view)
    }
  }

  /** What the log tells the tree. */
  #recovery(view: View): Partial<TreeMessages> {
    return {
      loading: () => this.#restart(view, 0 as Zxid),
      snapshotBegin: () => this.#restart(view, 0 as Zxid),
      snapshotEnd: (zxid) => this.#restart(view, zxid),
      replay: (zxid, txn) => {
        this.#checkBytes(zxid, txn)
        this.#push(view, zxid)
      },
      recovered: (zxid) => {
        const last = view.tail.at(-1) ?? view.base
        check(last === zxid, () => {
          return `recovered to ${formatZxid(zxid)}, told up to ${formatZxid(last)}`
        })
      },
    }
  }

  /** What zab tells the tree. */
  #committed(member: Member, view: View): Partial<TreeMessages> {
    return {
      snapshotBegin: () => this.#restart(view, 0 as Zxid),
      snapshotEnd: (zxid) => this.#restart(view, zxid),
      apply: (zxid, txn) => {
        this.#checkBytes(zxid, txn)
        this.#push(view, zxid)
      },
      committed: (zxid) => {
        while (view.proposed.length > 0 && view.proposed[0]! <= zxid) {
          this.#push(view, view.proposed.shift()!)
        }
      },
      lead: (zxid) => {
        const leader = this.#leaders.get(epochOf(zxid))
        check(leader === member.id, () => `s${member.id} serves in epoch ${epochOf(zxid)}`)
        this.lifetimes.leads(member)
        view.serving = true
        view.leads = true
        view.proposed = []
      },
      follow: (zxid) => {
        // UPTODATE comes after a quorum has the epoch's history.
        check(this.#leaders.has(epochOf(zxid)), () => {
          return `s${member.id} serves in epoch ${epochOf(zxid)}, which is not established`
        })
        view.serving = true
      },
      idle: () => {
        view.serving = false
        view.leads = false
      },
    }
  }

  #onProposal(member: Member, view: View, zxid: Zxid, txn: Uint8Array): void {
    this.#checkBytes(zxid, txn)
    if (!view.leads) return
    const leader = this.#leaders.get(epochOf(zxid))
    check(leader === member.id, () => `${formatZxid(zxid)} proposed by s${member.id}`)
    view.proposed.push(zxid)
    if (zxid > this.proposed) this.proposed = zxid
  }

  #restart(view: View, base: Zxid): void {
    view.base = base
    view.tail = []
    view.checkedZxid = 0 as Zxid
  }

  /** The member's tree applies one more. Whatever becomes of it, it follows the same everywhere. */
  #push(view: View, zxid: Zxid): void {
    const last = view.tail.at(-1) ?? view.base
    const before = this.#before.get(zxid) ?? last
    check(before === last, () => {
      return `${formatZxid(zxid)} follows ${formatZxid(last)}, elsewhere ${formatZxid(before)}`
    })
    this.#before.set(zxid, last)
    view.tail.push(zxid)
  }

  #checkBytes(zxid: Zxid, bytes: Uint8Array): void {
    const known = this.#bytes.get(zxid)
    if (known === undefined) {
      this.#bytes.set(zxid, bytes)
      return
    }
    check(isSame(known, bytes), () => `two transactions are ${formatZxid(zxid)}`)
  }

  /** What the member's tree holds is the history, or its continuation. */
  #resolve(member: Member, view: View): void {
    const { base, tail } = view
    // A tree that was sent, and was not committed yet then.
    const unplaced: Zxid[] = []
    let placed = base
    while (placed !== 0 && !this.#places.has(placed)) {
      unplaced.unshift(placed)
      const before = this.#before.get(placed)
      check(before !== undefined, () => {
        return `s${member.id} serves on ${formatZxid(base)}, which nobody has proposed`
      })
      placed = before
    }
    let place = placed === 0 ? -1 : this.#places.get(placed)!
    for (const zxid of [...unplaced, ...tail]) {
      place++
      if (place === this.#chain.length) this.#commit(zxid)
      const next = this.#chain[place]!
      check(next === zxid, () => {
        return `s${member.id} applies ${formatZxid(zxid)} where ${formatZxid(next)} was committed`
      })
    }
    view.base = place < 0 ? (0 as Zxid) : this.#chain[place]!
    view.tail = []
  }

  #commit(zxid: Zxid): void {
    const last = this.#chain.at(-1) ?? 0
    check(zxid > last, () => `${formatZxid(zxid)} is committed after ${formatZxid(last as Zxid)}`)
    this.#places.set(zxid, this.#chain.length)
    this.#chain.push(zxid)
    const bytes = this.#bytes.get(zxid)!
    this.#events.add(`  history ${describeTxn(bytes)}`)
    this.memberships.transaction(zxid, bytes)
    this.#evaluation.transaction(zxid, bytes)
  }

  #checkTree(member: Member, view: View): void {
    check(member.gauges.read('digestMismatches') === 0, () => {
      return `s${member.id}: the tree found its digest wrong`
    })
    const { lastZxid, data } = member.tree
    if (lastZxid === view.checkedZxid || !this.#options.server.digestEnabled) return
    if (!view.serving || !this.#places.has(lastZxid)) return
    view.checkedZxid = lastZxid
    const expected = BigInt.asIntN(64, this.model.digestAt(lastZxid))
    check(data.digest.toBigInt() === expected, () => {
      return `s${member.id}: the tree's digest at ${formatZxid(lastZxid)} is not the history's`
    })
  }
}

function describeTxn(bytes: Uint8Array): string {
  const { zxid, type, cxid, sessionId } = readTxnHeader(new JuteReader(bytes))
  return `${formatZxid(zxid)} type ${type} of ${formatSessionId(sessionId)} cxid ${cxid}`
}
