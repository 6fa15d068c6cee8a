// A second opinion on a server that sends no pulses: whoever hears nothing of its leader says so to the
// other servers of ours, and goes on saying so. If a quorum hears nothing, the leader is gone, or of no
// use any more; if others hear it, more likely something between it and us is slow. A doubt counts for
// a while, so nobody has to take it back.

import type { ServerId } from '../../protocol/quorum/server-id.ts'

interface Doubt {
  readonly about: ServerId
  readonly untilMs: number
}

export class Doubts {
  readonly #validMs: number
  /** The latest of each server. */
  readonly #voiced: Map<ServerId, Doubt> = new Map()

  constructor(validMs: number) {
    this.#validMs = validMs
  }

  voiced(by: ServerId, about: ServerId, nowMs: number): void {
    this.#voiced.set(by, { about, untilMs: nowMs + this.#validMs })
  }

  clear(): void {
    this.#voiced.clear()
  }

  /** Who doubts this server now. */
  about(server: ServerId, nowMs: number): Set<ServerId> {
    const doubters = new Set<ServerId>()
    for (const [by, { about, untilMs }] of this.#voiced) {
      if (about === server && nowMs < untilMs) doubters.add(by)
    }
    return doubters
  }
}
