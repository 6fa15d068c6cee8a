// What a leader commits, in which order, and who is told when.
//
//   ZooKeeper's voters  COMMIT of each transaction        observers   INFORM of each
//   voters of ours      one COMMIT for all before it: at once if clients there wait for it, or the
//                       write came alone; otherwise soon
//
// Where clients wait, COMMIT leaves even sooner. As soon as only a voter's own disk is missing from
// the quorum, it is told so (`WHEN_LOGGED`), and commits when its disk has the transaction. So the
// voter knows that a quorum has it one way over the network before we do: with three servers, while
// the leader's disk and the voter's are both still writing. Its acknowledgement follows as ever,
// and leadership rests only on what we know here. New sessions, and what follows them, are an
// exception: the client would hear of its session, and ask for something, before our own tree has
// it.

import { assert } from '../../../protocol/assert.ts'
import { intAt } from '../../../protocol/bytes/int-at.ts'
import { JuteWriter } from '../../../protocol/bytes/jute-writer.ts'
import { OpCode } from '../../../protocol/op-code.ts'
import { PacketType, WHEN_LOGGED } from '../../../protocol/quorum/packet.ts'
import type { ServerId } from '../../../protocol/quorum/server-id.ts'
import { TXN_TYPE_AT } from '../../../protocol/txn.ts'
import { belowZxid, type Zxid } from '../../../protocol/zxid.ts'
import { isLone } from '../../actor.ts'
import type { Membership } from '../../membership.ts'
import type { ZabContext } from '../context.ts'
import type { Link } from '../neighbours.ts'
import type { FanOut } from './fan-out.ts'
import type { Handover } from './handover.ts'
import type { Heartbeats } from './heartbeats.ts'
import type { Learner } from './learner.ts'
import type { LearnerTable } from './learner-table.ts'
import { QuorumTimes } from './quorum-times.ts'

export interface CommitParts {
  readonly audience: FanOut
  readonly heartbeats: Heartbeats
  readonly handover: Handover
}

export class Commits {
  readonly #context: ZabContext
  readonly #learners: LearnerTable
  readonly #audience: FanOut
  readonly #heartbeats: Heartbeats
  readonly #handover: Handover
  readonly #times: QuorumTimes
  /** Everything up to here is on our own disk. Invariant: it never decreases. */
  #synced: Zxid
  #isDue = false
  /** New sessions that are proposed and not committed. Bound: what the tree may have outstanding. */
  readonly #sessions: Zxid[] = []

  constructor(
    context: ZabContext,
    learners: LearnerTable,
    { audience, heartbeats, handover }: CommitParts,
  ) {
    this.#handover = handover
    this.#context = context
    this.#learners = learners
    this.#audience = audience
    this.#heartbeats = heartbeats
    this.#times = new QuorumTimes(context)
    // A role begins after the log has answered everything that it was asked.
    this.#synced = context.history.last
    context.history.onDisk = this.#synced
  }

  /** The range begins with the transaction's header. */
  proposed(zxid: Zxid, bytes: Uint8Array, start: number): void {
    if (intAt(bytes, start + TXN_TYPE_AT) === OpCode.createSession) this.#sessions.push(zxid)
  }

  synced(zxid: Zxid): void {
    assert(zxid >= this.#synced, 'our own disk went back')
    assert(zxid <= this.#context.history.last, 'synced what was never proposed')
    this.#synced = zxid
    this.#context.history.onDisk = zxid
    this.#isDue = true
  }

  /** Whether only a write or two are under way, and our own log is writing them. */
  get expectsSync(): boolean {
    return isLone(this.#context.history.last - this.#synced)
  }

  /** One more learner has joined the established epoch; its acknowledgements count now. */
  joined(): void {
    this.#isDue = true
  }

  acknowledged(learner: Learner, zxid: Zxid): void {
    const { clock, history } = this.#context
    assert(zxid <= history.last, 'an acknowledgement of what was never proposed')
    if (zxid > learner.acked) learner.acked = zxid
    const owes = learner.acked < (learner.feed === 'live' ? history.last : learner.sent)
    learner.owesSinceMs = owes ? clock.nowMs : Number.POSITIVE_INFINITY
    // Usually a quorum had it before.
    if (learner.acked > history.committed) this.#isDue = true
  }

  /** Evaluates the acknowledgements of the whole turn at once. */
  endTurn(): void {
    if (!this.#isDue) return
    this.#isDue = false
    const { serverId, history } = this.#context
    // An ACK before that of NEWLEADER says nothing about the history before it (ZOOKEEPER-4685).
    const acked = new Map([[serverId, this.#synced]])
    for (const learner of this.#learners.ready()) acked.set(learner.serverId, learner.acked)
    while (!this.#handover.isUnderWay) {
      const upTo = this.#next(acked)
      if (upTo === null) break
      if (upTo === this.#context.configs.pending) this.#activate(upTo, acked)
      else this.#commit(upTo, acked)
    }
    if (!this.#handover.isUnderWay && history.last > history.committed) this.#promise(acked)
  }

  /** How far to commit now; null for nothing. A reconfiguration is committed by itself: who decides
   * on what follows it is another question. */
  #next(acked: ReadonlyMap<ServerId, Zxid>): Zxid | null {
    const { configs, history, membership } = this.#context
    const upTo = ackedByQuorum(acked, membership)
    if (upTo === undefined || upTo <= history.committed) return null
    const { pending } = configs
    if (pending === null || upTo < pending || pending <= history.committed) return upTo
    const before = history.floor(belowZxid(pending))
    return before === null || before <= history.committed ? pending : before
  }

  /** Commits the reconfiguration: from here on its members decide. */
  #activate(zxid: Zxid, acked: ReadonlyMap<ServerId, Zxid>): void {
    const { configs, membership, serverId, links, history } = this.#context
    const designated = this.#handover.designated(membership.newest)
    const data = new JuteWriter(8)
    data.longNumber(designated)
    const [voters, observers] = [
      this.#learners.linksOf('voters'),
      this.#learners.linksOf('observers'),
    ]
    for (const { bytes } of history.commit(zxid)) {
      this.#heartbeats.beforeCommit(zxid)
      this.#times.committed(zxid, bytes, acked)
      links.broadcast(voters, PacketType.commitAndActivate, zxid, data.finish())
      const inform = new JuteWriter(8 + bytes.length)
      inform.longNumber(designated)
      inform.raw(bytes, 0, bytes.length)
      links.broadcast(observers, PacketType.informAndActivate, zxid, inform.finish())
    }
    configs.committed(zxid)
    this.#applied(zxid)
    if (designated !== serverId) this.#handover.begin(designated)
  }

  #commit(committed: Zxid, acked: ReadonlyMap<ServerId, Zxid>): void {
    const { clock, history, links } = this.#context
    assert(committed > history.committed && committed <= history.last, 'commit out of order')
    const to = this.#learners
    const [each, observers] = [to.linksOf('zookeepers-voters'), to.linksOf('observers')]
    for (const { zxid, bytes } of history.commit(committed)) {
      this.#heartbeats.beforeCommit(zxid)
      this.#times.committed(zxid, bytes, acked)
      links.broadcast(each, PacketType.commit, zxid, null)
      links.broadcast(observers, PacketType.inform, zxid, bytes)
    }
    const { waiting, others } = to.ourVoters(clock.nowMs)
    for (const learner of waiting) {
      if (learner.promised < committed) links.send(learner.link, PacketType.commit, committed, null)
      // It was promised this commit, and waits only for its own disk.
      else if (learner.acked < committed) others.push(learner)
    }
    if (this.#audience.isStream)
      links.broadcastSoon(linksOf(others), PacketType.commit, committed, null)
    else links.broadcast(linksOf(others), PacketType.commit, committed, null)
    this.#applied(committed)
  }

  #applied(committed: Zxid): void {
    while ((this.#sessions[0] ?? Number.POSITIVE_INFINITY) <= committed) this.#sessions.shift()
    this.#context.tree.committed(committed)
    this.#heartbeats.answerSyncs()
  }

  /** Tells each waiting voter of ours how far only its own disk is missing from a quorum. */
  #promise(acked: Map<ServerId, Zxid>): void {
    const { clock, configs, membership, history, links } = this.#context
    // Nor may a reconfiguration be promised, or what follows it.
    const first = Math.min(...[this.#sessions[0], configs.pending].map((zxid) => zxid ?? Infinity))
    const last = first === Infinity ? history.last : history.floor(belowZxid(first as Zxid))
    if (last === null || last <= history.committed) return
    for (const learner of this.#learners.ourVoters(clock.nowMs).waiting) {
      if (!learner.speaks.earlyCommits || !learner.current || learner.acked >= last) continue
      acked.set(learner.serverId, last)
      const zxid = ackedByQuorum(acked, membership)
      acked.set(learner.serverId, learner.acked)
      if (zxid === undefined || zxid <= Math.max(learner.promised, history.committed)) continue
      learner.promised = zxid
      links.send(learner.link, PacketType.commit, zxid, WHEN_LOGGED)
    }
  }
}

/** The newest zxid that a quorum has on disk, together with everything before it. */
function ackedByQuorum(
  acked: ReadonlyMap<ServerId, Zxid>,
  membership: Membership,
): Zxid | undefined {
  const descending = [...acked].sort(([, a], [, b]) => b - a)
  const servers: ServerId[] = []
  for (const [server, zxid] of descending) {
    servers.push(server)
    if (membership.isQuorum(servers)) return zxid
  }
  return undefined
}

function linksOf(learners: readonly Learner[]): Link[] {
  return learners.map(({ link }) => link)
}
