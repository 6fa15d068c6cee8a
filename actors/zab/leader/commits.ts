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
import type { Heartbeats } from './heartbeats.ts'
import type { Learner } from './learner.ts'
import type { LearnerTable } from './learner-table.ts'
import { QuorumTimes } from './quorum-times.ts'

export class Commits {
  readonly #context: ZabContext
  readonly #learners: LearnerTable
  readonly #audience: FanOut
  readonly #heartbeats: Heartbeats
  readonly #times: QuorumTimes
  /** Everything up to here is on our own disk. Invariant: it never decreases. */
  #synced: Zxid
  #isDue = false
  /** New sessions that are proposed and not committed. Bound: what the tree may have outstanding. */
  readonly #sessions: Zxid[] = []

  constructor(
    context: ZabContext,
    learners: LearnerTable,
    audience: FanOut,
    heartbeats: Heartbeats,
  ) {
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
    const { serverId, membership, history } = this.#context
    // An ACK before that of NEWLEADER says nothing about the history before it (ZOOKEEPER-4685).
    const acked = new Map([[serverId, this.#synced]])
    for (const learner of this.#learners.ready()) acked.set(learner.serverId, learner.acked)
    const committed = ackedByQuorum(acked, membership)
    if (committed !== undefined && committed > history.committed) this.#commit(committed, acked)
    this.#promise(acked)
  }

  #commit(committed: Zxid, acked: ReadonlyMap<ServerId, Zxid>): void {
    const { clock, history, links, tree } = this.#context
    assert(committed > history.committed && committed <= history.last, 'commit out of order')
    const to = this.#learners
    const [each, observers] = [to.linksOf('zookeepers-voters'), to.linksOf('observers')]
    for (const { zxid, bytes } of history.commit(committed)) {
      this.#heartbeats.beforeCommit(zxid)
      this.#times.committed(zxid, bytes, acked)
      links.broadcast(each, PacketType.commit, zxid, null)
      links.broadcast(observers, PacketType.inform, zxid, bytes)
    }
    while ((this.#sessions[0] ?? Number.POSITIVE_INFINITY) <= committed) this.#sessions.shift()
    const { waiting, others } = to.ourVoters(clock.nowMs)
    for (const learner of waiting) {
      if (learner.promised < committed) links.send(learner.link, PacketType.commit, committed, null)
      // It was promised this commit, and waits only for its own disk.
      else if (learner.acked < committed) others.push(learner)
    }
    if (this.#audience.isStream)
      links.broadcastSoon(linksOf(others), PacketType.commit, committed, null)
    else links.broadcast(linksOf(others), PacketType.commit, committed, null)
    tree.committed(committed)
    this.#heartbeats.answerSyncs()
  }

  /** Tells each waiting voter of ours how far only its own disk is missing from a quorum. */
  #promise(acked: Map<ServerId, Zxid>): void {
    const { clock, membership, history, links } = this.#context
    const [session] = this.#sessions
    const last = session === undefined ? history.last : history.floor(belowZxid(session))
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
