// A learner that installs a tree or cuts its log may be at it for longer than initLimit. While it is, it
// waits for its own disk and not for the leader, and tells a leader of ours with a PING each half tick
// that it is there. (One of ZooKeeper's takes any packet but the acknowledgement for an error.)
//
// What comes meanwhile cannot go to the log. So much of it is held in memory; then nothing is read from
// the link, and the leader's feeding waits for room, as it does for any learner (leader/catch-up.ts).

import { PacketType } from '../../../protocol/quorum/packet.ts'
import type { Peer } from '../capabilities.ts'
import type { ZabContext } from '../context.ts'
import type { Link } from '../neighbours.ts'

/** As many times initLimit may a disk take for one tree: it hangs then, and somebody else may do. */
export const WORK_LIMITS = 20

export class AtWork {
  readonly #context: ZabContext
  readonly #leader: Peer
  #sinceMs: number = Number.POSITIVE_INFINITY
  #saidMs = 0
  /** The link that is not read from. */
  #held: Link | null = null

  constructor(context: ZabContext, leader: Peer) {
    this.#context = context
    this.#leader = leader
  }

  begin(): void {
    this.#sinceMs = this.#context.clock.nowMs
    this.#saidMs = this.#sinceMs
  }

  /** The disk has done it. */
  end(): void {
    this.#sinceMs = Number.POSITIVE_INFINITY
    if (this.#held !== null) this.#context.links.hold(this.#held, false)
    this.#held = null
  }

  /** Something came that waits for the disk. */
  received(link: Link): void {
    const isFull = this.#sinceMs !== Number.POSITIVE_INFINITY && this.#context.history.isFull
    if (!isFull || this.#held !== null) return
    this.#held = link
    this.#context.links.hold(link, true)
  }

  /** When the leader is to hear of us; Infinity while we are not at it. */
  get dueMs(): number {
    if (this.#sinceMs === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY
    return this.#saidMs + this.#context.times.tickTimeMs / 2
  }

  /** Whether we are at it, and not for too long. To be asked at each tick, with the link. */
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
