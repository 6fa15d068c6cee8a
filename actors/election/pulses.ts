// Pulses: signs of life between our own servers. They come from the election's thread, which is
// idle once there is a leader, over the election's connection, which is idle then, too. So a pulse
// waits in no queue: a busy server sends pulses, a stopped or dead one does not.
//
// Zab says whose pulses it needs. It is told when they fail to come, and when they come again.

import type { ElectionLinks, ElectionResult } from '../../protocol/messages/election.ts'
import type { ServerId } from '../../protocol/quorum/server-id.ts'
import type { Clock } from '../actor.ts'
import { BUSY, quickMs, Silence } from '../silence.ts'

interface Peer {
  readonly intervalMs: number
  readonly silence: Silence
  alive: boolean
}

const NEVER: number = Number.POSITIVE_INFINITY

export class Pulses {
  readonly #silenceMs: number
  readonly #clock: Clock
  readonly #links: Pick<ElectionLinks, 'pulse'>
  readonly #zab: Pick<ElectionResult, 'pulse'>
  readonly #peers: Map<ServerId, Peer> = new Map()
  #beatMs = NEVER

  constructor(
    silenceMs: number,
    clock: Clock,
    links: Pick<ElectionLinks, 'pulse'>,
    zab: Pick<ElectionResult, 'pulse'>,
  ) {
    this.#silenceMs = silenceMs
    this.#clock = clock
    this.#links = links
    this.#zab = zab
  }

  /** Sends pulses to this server, and expects them from it. */
  start(peer: ServerId, intervalMs: number): void {
    const { nowMs } = this.#clock
    const silence = new Silence(this.#silenceMs, nowMs)
    const limitMs = quickMs(this.#silenceMs, intervalMs)
    silence.allow(limitMs, BUSY * limitMs, nowMs)
    this.#peers.set(peer, { intervalMs, silence, alive: false })
    this.#beatMs = Math.min(this.#beatMs, nowMs)
  }

  stop(peer: ServerId): void {
    this.#peers.delete(peer)
    if (this.#peers.size === 0) this.#beatMs = NEVER
  }

  clear(): void {
    this.#peers.clear()
    this.#beatMs = NEVER
  }

  /** True if zab is told something: a server that is known to be there is expected later, no more. */
  heard(from: ServerId): boolean {
    const peer = this.#peers.get(from)
    if (peer === undefined) return false
    peer.silence.heard(this.#clock.nowMs)
    if (peer.alive) return false
    peer.alive = true
    this.#zab.pulse(from, true)
    return true
  }

  tick(): void {
    const { nowMs } = this.#clock
    if (nowMs >= this.#beatMs) {
      let intervalMs = NEVER
      for (const [id, peer] of this.#peers) {
        this.#links.pulse(id)
        intervalMs = Math.min(intervalMs, peer.intervalMs)
      }
      this.#beatMs = nowMs + intervalMs
    }
    for (const [id, peer] of this.#peers) {
      if (!peer.alive || nowMs < peer.silence.endMs || !peer.silence.isOver(nowMs)) continue
      peer.alive = false
      this.#zab.pulse(id, false)
    }
  }

  nextTickMs(): number {
    let nextMs = this.#beatMs
    for (const { alive, silence } of this.#peers.values()) {
      if (alive) nextMs = Math.min(nextMs, silence.endMs)
    }
    return nextMs
  }
}
