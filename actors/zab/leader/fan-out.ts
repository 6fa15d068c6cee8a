// Who is told of a proposal at once, and who hears of it with the next ones.
//
// A write needs the disks of a quorum and no more. In a stream of lone writes (one or two under
// way, each close behind the one before), every further member would wake all its threads and sync
// for each write, and would slow down the others if they share cores, a disk or a network with it.
// So a proposal goes at once to the members whose clients wait, and to as many more as complete a
// quorum. Those are the members that have acknowledged most, so that a slow one is not waited for
// twice. The others hear of several proposals at a time, a few ms later (ZabLinks.broadcastSoon).
// Where three servers share a machine this saves a lone write a fifth of its time
// (perf/RESULTS.md).
//
// Everybody is told at once of a write that comes alone, and when more writes are under way.
// Learners of ZooKeeper's, and those that are not current yet, are always told at once.

import { PacketType } from '../../../protocol/quorum/packet.ts'
import type { ServerId } from '../../../protocol/quorum/server-id.ts'
import type { Zxid } from '../../../protocol/zxid.ts'
import { isLone } from '../../actor.ts'
import type { ZabContext } from '../context.ts'
import type { Link } from '../neighbours.ts'
import type { Learner } from './learner.ts'
import type { LearnerTable } from './learner-table.ts'

/** A proposal belongs to a stream if the one before it was made at most this long ago, in ms. */
const STREAM_MS = 5

export class FanOut {
  readonly #context: ZabContext
  readonly #learners: LearnerTable
  #proposedMs = Number.NEGATIVE_INFINITY
  #isStream = false

  constructor(context: ZabContext, learners: LearnerTable) {
    this.#context = context
    this.#learners = learners
  }

  /** Whether the newest proposal came close behind another. Then what nobody waits for may be
   * late. */
  get isStream(): boolean {
    return this.#isStream
  }

  /** Call it once for each proposal, when it is in the history. */
  tell(zxid: Zxid, data: Uint8Array): void {
    const { links } = this.#context
    const { now, soon } = this.divide()
    links.broadcast(now, PacketType.proposal, zxid, data)
    links.broadcastSoon(soon, PacketType.proposal, zxid, data)
  }

  /** Whom to tell at once, and whom a little later. */
  divide(): { now: Link[]; soon: Link[] } {
    const { clock, history, times } = this.#context
    this.#isStream = clock.nowMs - this.#proposedMs < (times.streamMs ?? STREAM_MS)
    this.#proposedMs = clock.nowMs
    if (this.#isStream && isLone(history.last - history.committed)) return this.#needed()
    return { now: this.#learners.linksOf('voters'), soon: [] }
  }

  #needed(): { now: Link[]; soon: Link[] } {
    const { clock, membership, serverId } = this.#context
    const disks: ServerId[] = [serverId]
    const now: Link[] = []
    const soon: Link[] = []
    const spare: Learner[] = []
    for (const learner of this.#learners.voters()) {
      if (learner.speaks.patience && learner.current && !learner.waits(clock.nowMs)) {
        spare.push(learner)
        continue
      }
      now.push(learner.link)
      if (learner.current) disks.push(learner.serverId)
    }
    spare.sort((a, b) => b.acked - a.acked)
    for (const learner of spare) {
      const isNeeded = !membership.isQuorum(disks)
      ;(isNeeded ? now : soon).push(learner.link)
      if (isNeeded) disks.push(learner.serverId)
    }
    return { now, soon }
  }
}
