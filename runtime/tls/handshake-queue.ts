// How many TLS handshakes are under way. A handshake takes a millisecond or two of the loop's thread, most
// of it at the client's first message, and a crowd that connects at once brings hundreds of those in one
// round of the event loop. So each round begins one at most, and no more than some are under way: what a
// round has for others stays near, however many wait. Waiting costs no more than a connection does.
//
// Who is slow to answer does not count any more after a moment: otherwise a few clients that begin and say
// nothing more would keep everybody out.

const UNDER_WAY_MAX = 16
const SLOW_MS = 100

/** The event loop's. */
export interface QueueTime {
  /** Calls `run` after so many ms; returns what prevents it. */
  after(ms: number, run: () => void): () => void
  /** Calls `run` when all sockets that have something to tell have told it. */
  soon(run: () => void): void
}

export interface Handshake {
  begin(): void
}

export class HandshakeQueue {
  readonly #time: QueueTime
  readonly #nowMs: () => number
  /** In order of arrival. */
  readonly #waiting: Set<Handshake> = new Set()
  /** Since when, oldest first. */
  readonly #underWay: Map<Handshake, number> = new Map()
  #isSoon = false
  /** Prevents the look after a while. */
  #cancel: (() => void) | null = null

  constructor(time: QueueTime, nowMs: () => number) {
    this.#time = time
    this.#nowMs = nowMs
  }

  add(handshake: Handshake): void {
    this.#waiting.add(handshake)
    this.#schedule()
  }

  /** It has come to an end, or never will. */
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
