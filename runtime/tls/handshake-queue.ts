// Limits how many TLS handshakes are under way. A handshake takes a millisecond or two of the
// network loop's thread, most of it at the client's first message. A crowd that connects at once
// brings hundreds of those in one round of the event loop, and everybody else would wait. So each
// round begins at most one handshake, and at most UNDER_WAY_MAX are under way. A waiting connection
// costs no more than any other connection.
//
// A handshake that takes longer than SLOW_MS no longer counts. Otherwise a few clients that begin
// one and then say nothing would keep everybody out.

const UNDER_WAY_MAX = 16
const SLOW_MS = 100

/** The event loop's timers. */
export interface QueueTime {
  /** Calls `run` after `ms` milliseconds. Returns a function that cancels the call. */
  after(ms: number, run: () => void): () => void
  /** Calls `run` once all sockets that are ready have been served. */
  soon(run: () => void): void
}

export interface Handshake {
  begin(): void
}

export class HandshakeQueue {
  readonly #time: QueueTime
  readonly #nowMs: () => number
  /** In order of arrival. Bounded by the connections that may be at a gate. */
  readonly #waiting: Set<Handshake> = new Set()
  /** When each began, oldest first. At most UNDER_WAY_MAX. */
  readonly #underWay: Map<Handshake, number> = new Map()
  #isSoon = false
  /** Cancels the next look for slow handshakes; null if none is due. */
  #cancel: (() => void) | null = null

  constructor(time: QueueTime, nowMs: () => number) {
    this.#time = time
    this.#nowMs = nowMs
  }

  add(handshake: Handshake): void {
    this.#waiting.add(handshake)
    this.#schedule()
  }

  /** Called when a handshake has ended, or will not take place. */
  remove(handshake: Handshake): void {
    this.#waiting.delete(handshake)
    if (this.#underWay.delete(handshake)) this.#schedule()
  }

  #schedule(): void {
    if (this.#isSoon || this.#waiting.size === 0) return
    if (this.#underWay.size < UNDER_WAY_MAX) {
      this.#cancel?.()
      this.#cancel = null
      this.#isSoon = true
      this.#time.soon(this.#turn)
    } else {
      this.#cancel ??= this.#time.after(SLOW_MS / 4, this.#turn)
    }
  }

  readonly #turn = (): void => {
    this.#isSoon = false
    this.#cancel = null
    const nowMs = this.#nowMs()
    for (const [handshake, sinceMs] of this.#underWay) {
      if (nowMs - sinceMs < SLOW_MS) break
      this.#underWay.delete(handshake)
    }
    const [next] = this.#waiting
    if (next !== undefined && this.#underWay.size < UNDER_WAY_MAX) {
      this.#waiting.delete(next)
      this.#underWay.set(next, nowMs)
      next.begin()
    }
    this.#schedule()
  }
}
