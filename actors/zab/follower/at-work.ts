// A learner may take longer than initLimit to install a tree or cut its log. Meanwhile it waits for
// its own disk and not for the leader. Each half tick it sends a leader of ours a PING, to say that
// it is there. (ZooKeeper's leader would take any packet but the acknowledgement for an error.)
//
// What arrives meanwhile cannot go to the log. Some of it is held in memory; beyond that, nothing
// is read from the link, and the leader's feeding waits for room, as for any slow learner
// (leader/catch-up.ts).

import { PacketType } from '../../../protocol/quorum/packet.ts'
import type { Peer } from '../capabilities.ts'
import type { ZabContext } from '../context.ts'
import type { Link } from '../neighbours.ts'

/** A disk may take this many times initLimit for one tree. After that it counts as hung, and
 * another server may do better. */
export const WORK_LIMITS = 20

export class AtWork {
  readonly #context: ZabContext
  readonly #leader: Peer
  #sinceMs: number = Number.POSITIVE_INFINITY
  #saidMs = 0
  /** The link that is not being read from. */
  #held: Link | null = null

  constructor(context: ZabContext, leader: Peer) {
    this.#context = context
    this.#leader = leader
  }

  begin(): void {
    this.#sinceMs = this.#context.clock.nowMs
    this.#saidMs = this.#sinceMs
  }

  /** The disk has finished. */
  end(): void {
    this.#sinceMs = Number.POSITIVE_INFINITY
    if (this.#held !== null) this.#context.links.hold(this.#held, false)
    this.#held = null
  }

  /** A packet has arrived that waits for the disk. */
  received(link: Link): void {
    const isFull = this.#sinceMs !== Number.POSITIVE_INFINITY && this.#context.history.isFull
    if (!isFull || this.#held !== null) return
    this.#held = link
    this.#context.links.hold(link, true)
  }

  /** When to send the leader the next PING; Infinity while the disk is not at work. */
  get dueMs(): number {
    if (this.#sinceMs === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY
    return this.#saidMs + this.#context.times.tickTimeMs / 2
  }

  /** Whether the disk is at work, and not for too long. Call it at each tick, with the link. */
  tick(link: Link | null): boolean {
    const { clock, history, links, times } = this.#context
    const { nowMs } = clock
    if (nowMs < this.dueMs) return false
    this.#saidMs = nowMs
    if (nowMs - this.#sinceMs > WORK_LIMITS * times.initLimit * times.tickTimeMs) return false
    const isOurs = this.#leader.speaks.beatMs > 0
    if (isOurs && link !== null) links.send(link, PacketType.ping, history.last, null)
    return true
  }
}
