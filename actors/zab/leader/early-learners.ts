// Learners that dial a server before it knows that it leads: who is elected is the last to hear of
// it. They are kept, with the one packet that each has to say, until the election has ended, so
// that none has to dial again.
//
// Not for long: ZooKeeper's learners wait in vain for initLimit where a closed port would have sent
// them to look for another leader after a few seconds.

import type { Packet } from '../../../protocol/quorum/packet.ts'
import type { Link, ZabLinks } from '../neighbours.ts'

/** Milliseconds; an election takes less. */
const KEPT_MS = 500

export class EarlyLearners {
  readonly #links: Pick<ZabLinks, 'listen' | 'close'>
  /** As many as links may be accepted; null: nothing said yet. */
  readonly #learners: Map<Link, Packet | null> = new Map()
  /** Infinity while none are kept. */
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

  /** Whoever is there; they are not ours any more. */
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

  /** Its bytes are valid during the call only. */
  packet(link: Link, packet: Packet): void {
    const said = this.#learners.get(link)
    if (said === undefined) return
    if (said === null) {
      const [data, authinfo] = [packet.data?.slice() ?? null, packet.authinfo?.slice() ?? null]
      this.#learners.set(link, { ...packet, data, authinfo })
      return
    }
    // Whoever leads has to answer first.
    this.#learners.delete(link)
    this.#links.close(link)
  }
}
