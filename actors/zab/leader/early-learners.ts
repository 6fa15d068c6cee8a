// Learners that dial a server before it knows that it leads: the elected server is the last to hear
// of it. They are kept, with the one packet that each sends first, until the election has ended, so
// that none has to dial again.
//
// They are not kept for long: where a closed port would make ZooKeeper's learners look for another
// leader after a few seconds, an open one makes them wait for initLimit.

import type { Packet } from '../../../protocol/quorum/packet.ts'
import type { Link, ZabLinks } from '../neighbours.ts'

/** How long they are kept. An election takes less. */
const KEPT_MS = 500

export class EarlyLearners {
  readonly #links: Pick<ZabLinks, 'listen' | 'close'>
  /** The learner's first packet; null if it has sent none. Bound: the links that may be accepted. */
  readonly #learners: Map<Link, Packet | null> = new Map()
  /** When they are refused; Infinity while none are kept. */
  endMs: number = Number.POSITIVE_INFINITY

  constructor(links: Pick<ZabLinks, 'listen' | 'close'>) {
    this.#links = links
  }

  /** An election begins. */
  begin(nowMs: number): void {
    this.endMs = nowMs + KEPT_MS
    this.#links.listen(true)
  }

  /** We do not lead, or do not know it in time. */
  refuse(): void {
    this.#links.listen(false)
    for (const link of this.take().keys()) this.#links.close(link)
  }

  /** Hands over the learners that are there. They are no longer ours. */
  take(): Map<Link, Packet | null> {
    this.endMs = Number.POSITIVE_INFINITY
    const taken = new Map(this.#learners)
    this.#learners.clear()
    return taken
  }

  opened(link: Link): void {
    if (this.endMs === Number.POSITIVE_INFINITY) this.#links.close(link)
    else this.#learners.set(link, null)
  }

  closed(link: Link): void {
    this.#learners.delete(link)
  }

  /** The packet's bytes are valid only during the call. */
  packet(link: Link, packet: Packet): void {
    const said = this.#learners.get(link)
    if (said === undefined) return
    if (said === null) {
      const [data, authinfo] = [packet.data?.slice() ?? null, packet.authinfo?.slice() ?? null]
      this.#learners.set(link, { ...packet, data, authinfo })
      return
    }
    // A leader speaks first after the introduction, so a peer that sends a second packet is no
    // learner.
    this.#learners.delete(link)
    this.#links.close(link)
  }
}
